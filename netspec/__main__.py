"""The program: ``netspec``, and ``python -m netspec``."""

import signal


def run() -> None:
    """Run the command line of the process, and exit.

    Before anything else is imported, Ctrl-C gets the system's action, which ends the process at once: Python's own
    raises
    an exception, and thus prints a traceback, anywhere in the program. See :mod:`netspec.files.interrupts`.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli.main import run

    run()


if __name__ == "__main__":
    run()
