"""``netspec see``: what is rejected before PyTorch is loaded, and pictures that go to pipes and devices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.backend import BackendError
from netspec.diagnostics import Error
from netspec_see import network
from netspec_see.class_names import read_class_names
from tests.fork_server import python

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}"}
UNTRAINED = "no --weights: the network is untrained, initialised with seed 0\n"


def see(words: str, folder: Path, *, code: str = "") -> tuple[int, bytes, str]:
    """Exit status, standard output and standard error of ``netspec see``."""
    command = f"{code}\nfrom netspec.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable if code else python(), "-c", command, "see", *words.split()],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize(
    "words",
    [
        "filters lenet5 c9 --weights w.pt",
        "top lenet5 c9 --filter 0 --images . --weights w.pt",
        "exemplar lenet5 c9 --filter 0 --weights w.pt",
        "activations lenet5 --image x.png --layers c1,c9 --weights w.pt",
        "gradients lenet5 --image x.png --layer c9 --weights w.pt",
    ],
)
def test_a_wrong_layer_is_reported_before_anything_is_loaded(words: str, tmp_path: Path) -> None:
    """Neither the weights, which do not exist here, nor PyTorch."""
    code = "import sys, importlib.util\nimport atexit\natexit.register(lambda: print('torch' in sys.modules))"
    status, out, err = see(words, tmp_path, code=code)
    assert (status, out) == (1, b"False\n")
    assert err == (
        "error[NS801]: there is no layer 'c9' in 'lenet5'\n  = help: layers: c1, s2, c3, s4, c5, flatten, f6, output\n"
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("top lenet5 c1 --filter 6 --images .", "error[NS802]: layer 'c1' has filters 0 to 5; found 6\n"),
        ("exemplar lenet5 c1", "error[NS820]: no filter and no direction is given to maximise\n"),
        ("filters lenet5 c1 -o c1.jpg", "error[NS815]: cannot write 'c1.jpg': results are written as "),
        ("filters lenet5 c1 --width 0.1in", "error[NS721]: width must be from 1 in to 100 in; found '0.1in'\n"),
    ],
)
def test_wrong_options_are_reported_before_anything_is_loaded(words: str, text: str, tmp_path: Path) -> None:
    code = "import sys, atexit\natexit.register(lambda: print('torch' in sys.modules))"
    status, out, err = see(f"{words} --weights w.pt", tmp_path, code=code)
    assert (status, out) == (1, b"False\n")
    assert err.startswith(text)


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_a_picture_on_standard_output(name: str, tmp_path: Path) -> None:
    assert see("filters lenet5 c1 -o net.png --quiet", tmp_path)[0] == 0
    status, out, err = see(f"filters lenet5 c1 -o {name}", tmp_path)
    assert (status, out) == (0, (tmp_path / "net.png").read_bytes())
    assert err.startswith("c1: 6 filters of 1 channel, 5×5; weights ")
    assert err.endswith(UNTRAINED)
    assert "wrote" not in err


def test_devices(tmp_path: Path) -> None:
    assert see("filters lenet5 c1 --quiet -o /dev/null", tmp_path) == (0, b"", UNTRAINED)
    status, out, err = see("filters lenet5 c1 -o /dev/full", tmp_path)
    assert (status, out, err) == (1, b"", "error[NS705]: cannot write '/dev/full': no space left on device\n")
    status, out, err = see("filters lenet5 c1 -o - --format json", tmp_path)
    assert (status, out) == (1, b"")
    assert err == "error[NS712]: standard output takes the JSON or a picture, not both\n  = help: use -o FILE\n"
    assert list(tmp_path.iterdir()) == []


def test_class_names_without_an_end() -> None:
    with pytest.raises(Error) as caught:
        read_class_names("/dev/zero", 3)
    assert caught.value.message == "cannot read class names from '/dev/zero': it has more than 4,194,304 bytes"


def test_a_device_that_does_not_exist() -> None:
    """Reported before the spec and the weights are read."""
    with pytest.raises(BackendError) as caught:
        network("no such spec", weights="none.pt", device="gpu")
    assert (caught.value.code, caught.value.message) == ("NS711", "the device 'gpu' cannot be used")
