"""LinkedIn on this machine, as strict as the facts are known: `with Simulator() as sim: …`.

    server ─ faults ─▶ routes ─▶ gateway ─▶ posts · media · comments
                         │                    userinfo · uploads
                         └─▶ oauth            inspection (/__sim)

It leans on nothing of `postkit.publishers`: what two authors read alike in the documentation is
worth more than what one wrote twice.
"""

from __future__ import annotations

from postkit.simulators.linkedin.knobs import Knobs
from postkit.simulators.linkedin.simulator import Simulator

__all__ = ["Knobs", "Simulator"]
