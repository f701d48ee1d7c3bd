"""Validation: whether a result is more than luck, given how much was tried."""

from __future__ import annotations

from hyprl_lab.research.validation.validation import LedgerFacts, Validation, ValidationRow
from hyprl_lab.research.validation.validator import validate

__all__ = ["LedgerFacts", "Validation", "ValidationRow", "validate"]
