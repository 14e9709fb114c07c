"""Networks as the facts describe them, on this machine: to rehearse a publish."""

from __future__ import annotations
