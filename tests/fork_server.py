"""Python programs that begin with frameworks imported: a server imports them once, and forks for each program.

Starting Python and importing PyTorch takes two seconds, Keras five. What tests a program's own start (what it imports,
how it ends by a signal) starts it in the usual way instead.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

from netspec.cli.main import commands

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = (
    "torch",
    "numpy",
    "onnx",
    "PIL.Image",
    "safetensors.torch",
    "netspec_torch",
    "netspec_onnx",
    "netspec_see",
    "netspec_graphviz",
)

CLIENT = """\
import array, json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({path!r})
request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
streams = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))
server.sendmsg([len(request).to_bytes(8, "big")], [streams])
server.sendall(request)
for number in range(3):
    os.close(number)  # so that the program alone holds them
status = server.recv(1)
os._exit(status[0] if status else 70)
"""


@cache
def python(*modules: str) -> Path:
    """An executable that runs a Python program as ``python`` does (``-m``, ``-c``, a file, or ``-`` and its arguments).

    Args:
        modules: what its process has imported, besides :data:`FRAMEWORKS`.
    """
    folder = tempfile.TemporaryDirectory()
    address = str(Path(folder.name) / "server")
    client = Path(folder.name) / "client.py"
    client.write_text(CLIENT.format(path=address), encoding="utf-8")
    program = Path(folder.name) / "python"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{client}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "backends"))),
        "KERAS_BACKEND": "torch",
    }
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.fork_server", address, *FRAMEWORKS, *modules],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )

    def end() -> None:
        server.kill()
        server.wait()
        folder.cleanup()

    atexit.register(end)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    server.stdout.close()
    return program


def serve(address: str, modules: list[str]) -> None:
    """Import modules, then fork for each program that is asked for. Returns in the processes of the programs."""
    for module in modules:
        import_module(module)
    commands()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # processes that end need not be waited for
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(16)
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _become_program(connection)
        connection.close()


def _become_program(connection: socket.socket) -> None:
    """Take over the streams, folder and environment of a request; returns in a process of its own to run it."""
    size, streams, _, _ = socket.recv_fds(connection, 8, 3)
    request = b""
    while len(request) < int.from_bytes(size, "big"):
        request += connection.recv(1 << 20)
    arguments, folder, environment = json.loads(request)
    program = os.fork()
    if program:
        for number in (0, 1, 2, *streams):
            with suppress(OSError):
                os.close(number)
        status = os.waitstatus_to_exitcode(os.waitpid(program, 0)[1])
        connection.sendall(bytes([status if status >= 0 else 128 - status]))
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path not in sys.path]
    encoding, _, errors = environment.get("PYTHONIOENCODING", "").partition(":")
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding or "utf-8")
    sys.stdout = _writer(1, encoding, errors or "strict")
    sys.stderr = _writer(2, encoding, "backslashreplace")
    sys.argv = arguments


def _writer(number: int, encoding: str, errors: str) -> io.TextIOWrapper:
    stream = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
    return io.TextIOWrapper(stream, encoding or "utf-8", errors, line_buffering=number == 2 or stream.isatty())


def run(arguments: list[str]) -> None:
    """Run a program as ``python`` does."""
    with suppress(ModuleNotFoundError):
        import_module("sitecustomize")
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        sys.path.insert(0, "")
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
        runpy.run_path(arguments[0], run_name="__main__")


def exit_status(arguments: list[str]) -> int:
    """Run a program to its end; its exit status, which is Python's."""
    status = 0
    try:
        run(arguments)
    except SystemExit as exit_:
        if isinstance(exit_.code, str):
            print(exit_.code, file=sys.stderr)
        status = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]  # nothing else runs them without ending the process
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = 120  # as Python says it
    return status


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
    os._exit(exit_status(sys.argv))  # without the destructors of libraries, which wait for threads of the server
