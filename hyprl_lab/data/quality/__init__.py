"""Quality: what is odd about bars, one check a file."""

from __future__ import annotations

from hyprl_lab.data.quality.examine import quality

__all__ = ["quality"]
