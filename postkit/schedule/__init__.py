"""Posts that wait, and posts that went."""

from __future__ import annotations
