"""Several threads may start a process with the same action: rules and generated modules are loaded once, and whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys, tempfile, threading
from pathlib import Path
import netspec
{imports}

sys.setswitchinterval(1e-6)
graph = netspec.load({spec!r}) if {loaded} else {spec!r}
barrier = threading.Barrier(8)
errors = []

def work(folder):
    try:
        barrier.wait()
        {action}
    except BaseException as error:
        errors.append(f"{{type(error).__name__}}: {{error}}")

with tempfile.TemporaryDirectory() as top:
    folders = [Path(top) / str(i) for i in range(8)]
    for folder in folders:
        folder.mkdir()
    threads = [threading.Thread(target=work, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
assert not errors, errors
"""
ACTIONS = {
    "source": ("", "netspec.export(graph, folder / 'net.py')"),
    "onnx": ("", "netspec.export(graph, folder / 'net.onnx')"),
    "build": ("import torch", "netspec.build(graph)"),
}
FIRST = {
    "load": ("", "netspec.load(graph)"),
    "report": ("", "netspec.analyze(graph)"),
    "drawing": ("", "netspec.draw(graph, style='volumes').save(folder / 'net.svg')"),
    "page": ("", "netspec.draw(graph).save(folder / 'net.html')"),
    "memory": ("import torch", "netspec.memory(graph, batch=2)"),
    "roofline": ("import torch", "netspec.roofline(graph, device='h100')"),
}
"""Actions for which each thread loads the spec, too."""


@pytest.mark.parametrize("action", ACTIONS)
def test_eight_threads_begin_with_the_same_action(action: str) -> None:
    imports, call = ACTIONS[action]
    for spec in ("lenet5", "densenet_cifar"):
        run(SCRIPT.format(imports=imports, action=call, spec=spec, loaded=True))


@pytest.mark.parametrize("action", FIRST)
def test_eight_threads_begin_with_a_spec(action: str) -> None:
    imports, call = FIRST[action]
    run(SCRIPT.format(imports=imports, action=call, spec="lenet5", loaded=False))


def run(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
