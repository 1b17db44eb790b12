"""Ctrl-C during the first action of a process, which imports rules and makes modules: the second one works.

Other libraries are imported before: NumPy, for one, cannot be imported again after an interruption.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of Unix")

SCRIPT = """
import os, signal, sys, threading, time
from pathlib import Path
import netspec
{imports}

graph, folder, delay = netspec.load("densenet_cifar"), Path(sys.argv[1]), float(sys.argv[2])

def act():
    {action}

def interrupt():
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGINT)

try:
    threading.Thread(target=interrupt).start()
    act()
    time.sleep(10)
except KeyboardInterrupt:
    pass
act()
assert not list(folder.glob(".*")), list(folder.iterdir())
"""
ACTIONS = {
    "source": ("", "netspec.export(graph, folder / 'net.py')"),
    "onnx": ("import onnx, numpy", "netspec.export(graph, folder / 'net.onnx')"),
    "build": ("import torch", "netspec.build(graph)"),
}


@pytest.mark.parametrize("delay", [0.01, 0.05, 0.15])
@pytest.mark.parametrize("action", ACTIONS)
def test_after_an_interruption_the_same_action_works(action: str, delay: float, tmp_path: Path) -> None:
    imports, call = ACTIONS[action]
    command = [sys.executable, "-c", SCRIPT.format(imports=imports, action=call), str(tmp_path), str(delay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
