"""What a network is sent: wire format and HTTP; one file each."""

from __future__ import annotations
