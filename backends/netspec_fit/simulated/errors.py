"""Errors that stop a run."""

from __future__ import annotations


class MissingRuleError(Exception):
    """There is no memory rule for a function, method or class; the name is PyTorch's."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class TooLongError(Exception):
    """The source takes more steps than the limit."""
