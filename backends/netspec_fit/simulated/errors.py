"""What stops a run."""

from __future__ import annotations


class MissingRuleError(Exception):
    """Something whose memory is not known: a function, method or class, as PyTorch spells it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class TooLongError(Exception):
    """The source takes more steps than a forecast may."""
