"""What a network reads. A new one is one file here and one line below."""

from __future__ import annotations

from postkit.errors import UnknownName, did_you_mean
from postkit.networks.base import Network
from postkit.networks.linkedin import LINKEDIN
from postkit.networks.plain import PLAIN

NETWORKS: dict[str, Network] = {network.name: network for network in (LINKEDIN, PLAIN)}
SOCIAL = tuple(name for name, network in NETWORKS.items() if not network.faithful)


def find_network(name: str) -> Network:
    """Return the network called *name*; raise UnknownName with a hint where there is none."""
    try:
        return NETWORKS[name]
    except KeyError:
        known = ", ".join(f"`{known}`" for known in NETWORKS)
        raise UnknownName(
            f"there is no network `{name}`",
            hint=did_you_mean(name, NETWORKS) or f"the networks are {known}",
        ) from None
