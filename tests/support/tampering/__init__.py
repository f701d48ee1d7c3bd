"""A small ledger, and what an intruder may change of it behind the lab's back."""

from __future__ import annotations

from tampering.hand import Hand
from tampering.ledger import build
from tampering.mutations import MUTATIONS, Mutation

__all__ = ["MUTATIONS", "Hand", "Mutation", "build"]
