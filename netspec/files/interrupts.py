"""Signals that end the process: Ctrl-C, SIGTERM, and SIGHUP when a terminal closes.

The program ``netspec`` leaves them to the system, which ends the process at once: without a traceback, and with the
status by which a shell knows that it must stop, too. What has to be undone before that goes through
:func:`undo_on_signal`.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
_pending: list[Callable[[], object]] = []
"""Functions to call before the process ends, in the order of registration."""


@contextmanager
def undo_on_signal(undo: Callable[[], object]) -> Generator[None]:
    """Within the block, call ``undo`` before a signal ends the process.

    Signals that are ignored or that have a handler, such as Python's own for Ctrl-C, stay as they are. The same holds
    outside the main thread, where Python does not allow handlers to be set.
    """
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _pending.append(undo)
    ours = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    try:
        for number in ours:
            signal.signal(number, _undo_and_end)
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is _undo_and_end:
                signal.signal(number, signal.SIG_DFL)
        _pending.remove(undo)


def _undo_and_end(number: int, frame: FrameType | None) -> None:
    """Call all registered functions, the latest first, and let the signal have its default action."""
    while _pending:
        with suppress(Exception):
            _pending.pop()()
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
