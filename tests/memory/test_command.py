"""``netspec fit``: what it prints, and every error with its full text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.diagnostics import Error
from netspec.units import parse_size, size_text
from netspec_fit import Settings
from netspec_fit.fitting import largest_batch
from netspec_fit.forecast import forecast
from netspec_fit.interpreted.interpreter import SourceInterpreter
from netspec_fit.simulation import Network, Simulation
from tests.cli_support import ran

from .test_forecast import BLOCKS

LSTM = "{netspec: 1, input: [10, 8], layers: {rnn: {lstm: 16}}}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blocks.yaml").write_text(BLOCKS, encoding="utf-8")
    (tmp_path / "lstm.yaml").write_text(LSTM, encoding="utf-8")
    return tmp_path


def test_text() -> None:
    status, out, err = ran("fit", "lenet5", "--batch", "64", "--device", "cpu", "--memory", "1GB")
    assert (status, err) == (0, "")
    assert (
        out
        == """\
lenet5: training with AdamW, batch 64, float32, CPU

                   in all    at peak
weights            243 kB     243 kB
gradients          240 kB        0 B
state of AdamW     480 kB     480 kB
inputs             262 kB     262 kB
activations       4.34 MB    4.99 MB
peak                         5.97 MB  in the backward pass of output (5,973,780 bytes)

block                  weights  kept activations
(outside of blocks)        0 B           3.71 MB
c1                       624 B               0 B
s2                        48 B            301 kB
c3                     6.06 kB           10.6 kB
s4                       128 B            102 kB
c5                      192 kB               0 B
f6                     40.7 kB               0 B
output                 3.36 kB            215 kB

It fits into 1.00 GB, of which it takes 1%. The largest batch that fits is 12,205.
"""
    )


ROWS = {
    "too small": ("blocks.yaml --batch 100 --memory 10MB", """\
error[NS820]: it does not fit: the peak is 12.7 MB, 2.68 MB more than 10.0 MB
  = help: it fits with --batch 78 or --amp bfloat16 or --dtype bfloat16 or --checkpoint Residual
"""),
    "far too small": ("blocks.yaml --memory 20kB --infer", """\
error[NS820]: it does not fit: the peak is 60.9 kB, 40.9 kB more than 20.0 kB
  = help: no single change makes it fit: combine those above, or take a smaller network or a larger memory
"""),
    "no rule": ("lstm.yaml", """\
error[NS821]: the memory of torch.lstm on CUDA, where cuDNN keeps a reserve, is not known (layer 'rnn')
  = help: on the CPU its memory is known: --device cpu
"""),
    "no block": ("blocks.yaml --checkpoint Residua", """\
error[NS822]: the network has no block 'Residua' to checkpoint
  = help: did you mean 'Residual'?
"""),
    "nothing like a block": ("blocks.yaml --checkpoint transformer.h", """\
error[NS822]: the network has no block 'transformer.h' to checkpoint
  = help: its blocks are Residual
"""),
    "two types": ("blocks.yaml --dtype bfloat16 --amp bfloat16", """\
error[NS823]: amp is for weights in single precision
  = help: give amp or dtype, not both
"""),
    "autocast on the CPU": ("blocks.yaml --device cpu --amp bfloat16", """\
error[NS823]: amp is forecast on CUDA alone: autocast casts in other places on the CPU
"""),
    "kernel on the CPU": ("blocks.yaml --device cpu --attention flash", """\
error[NS823]: the kernel 'flash' runs on CUDA only
  = help: leave attention out, or choose math
"""),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.usefixtures("folder")
def test_errors(name: str) -> None:
    words, expected = ROWS[name]
    status, _, err = ran("fit", *words.split())
    assert (status, err) == (1, expected)


def test_json() -> None:
    status, out, err = ran("fit", "lenet5", "--batch", "8", "--infer", "--format", "json")
    data = json.loads(out)
    assert (status, err) == (0, "")
    assert data["settings"]["batch"] == 8
    assert data["fits"] is True
    peak = data["peak"]
    assert peak["total"] == sum(
        peak[key] for key in ("weights", "buffers", "inputs", "states", "gradients", "activations")
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--memory much", "'much' is not a size of memory, such as 24GB or 16GiB"),
        ("--memory 0GB", "'0GB' is not a size of memory, such as 24GB or 16GiB"),
        ("--batch 0", "'0' is not an integer from 1 to 1,000,000"),
        ("--train lion", "invalid choice: 'lion'"),
        ("--train sgd --infer", "not allowed with argument --train"),
    ],
)
def test_wrong_usage(words: str, message: str) -> None:
    status, _, err = ran("fit", "lenet5", *words.split())
    assert status == 2
    assert message in err


def test_the_largest_batch_is_the_largest() -> None:
    import netspec

    network, settings = Network(netspec.loads(BLOCKS)), Settings(device="cpu")
    for limit in (500_000, 3_000_000, 77_777_777):
        batch = largest_batch(network, settings, limit)
        assert forecast(network, Settings(batch=batch, device="cpu")).total <= limit
        assert forecast(network, Settings(batch=batch + 1, device="cpu")).total > limit
    assert largest_batch(network, settings, 1000) == 0


def test_sizes() -> None:
    assert [parse_size(t) for t in ("24GB", "1.5 GiB", "0.0005kB", "10", "1e9B", "-1GB")] == [
        24 * 10**9, 3 * 2**29, 0, None, None, None,
    ]  # fmt: skip
    assert [size_text(n) for n in (0, 999, 1000, 999_499, 999_500, 23_960_000_000, 10**16)] == [
        "0 B", "999 B", "1.00 kB", "999 kB", "1.00 MB", "24.0 GB", "10,000 TB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os\nclass A(nn.Module):\n    def __init__(self): os.system('true')", "os"),
        ("from os import system\nclass A(nn.Module):\n    def __init__(self): system('true')", "os.system"),
        ("class A(nn.Module):\n    def __init__(self): open('x')", "open"),
        ("class A(nn.Module):\n    def __init__(self): self.x = ().__class__", "tuple.__class__"),
        ("class A(nn.Module):\n    def __init__(self): super().__init__().__globals__", "NoneType.__globals__"),
        ("class A(nn.Module):\n    def __init__(self): torch.load('x')", "torch.load"),
        ("class A(nn.Module):\n    def __init__(self): lambda: 1", "Python's Lambda"),
    ],
)
def test_a_source_reaches_nothing_but_the_tables(text: str, message: str) -> None:
    from netspec_fit.simulated.errors import MissingRuleError
    from netspec_fit.simulated.run import Run, running

    with running(Run()), pytest.raises(MissingRuleError) as caught:
        SourceInterpreter(text).create()
    assert caught.value.what == message


def test_a_loop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    import netspec
    from netspec_fit.interpreted import python_expressions

    monkeypatch.setattr(python_expressions, "MAX_STEPS", 50)
    with pytest.raises(Error) as caught:
        Simulation(Network(netspec.loads(BLOCKS)), Settings())
    assert (
        str(caught.value)
        == """\
error[NS825]: a loop of the network takes too many steps for a forecast
  = help: give the axis that it runs along a smaller size: --at NAME=SIZE"""
    )


def test_a_long_loop_is_refused_before_it_runs() -> None:
    from netspec_fit.simulated.errors import TooLongError

    loops = "        for i in range(1000):\n            for j in range(10**6):\n                i + j"
    source = SourceInterpreter(f"class A(nn.Module):\n    def __init__(self):\n{loops}")
    with pytest.raises(TooLongError):
        source.create()
    assert source.steps < 100


def test_settings_in_python() -> None:
    import netspec

    graph = netspec.load("lenet5")
    for settings, message in (
        (Settings(batch=0), "error[NS823]: the batch must be from 1 to 1,000,000; found 0"),
        (
            Settings(optimizer="adagrd"),
            "error[NS823]: there is no optimizer 'adagrd'\n  = help: did you mean 'adagrad'?",
        ),
    ):
        with pytest.raises(Error) as caught:
            forecast(graph, settings)
        assert str(caught.value) == message


def test_a_source_that_rejects_its_input() -> None:
    import netspec

    network = Network(netspec.load("lenet5"))
    network.text = network.text.replace(
        "def forward(self, x: Tensor) -> Tensor:\n",
        "def forward(self, x):\n        raise ValueError('no such input')\n",
    )
    with pytest.raises(Error) as caught:
        forecast(network, Settings())
    assert str(caught.value) == "error[NS826]: the network does not run: no such input"


def test_a_language_model() -> None:
    status, out, err = ran("fit", "gpt2", "--infer", "--at", "n=16", "--context", "128,1024,4096")
    assert (status, err) == (0, "")
    assert (
        out.partition("\n\nparameters")[2]
        == """                  124,439,808  124 M
without embeddings           85,842,432  85.8 M
weights             bf16 249 MB, fp8 124 MB, int4 62.2 MB
keys and values     73,728 bytes a token

part                parameters      MACs a token
embedding           38,597,376                 0
attention           28,366,848        28,329,984
MLP                 56,669,184        56,623,104
head                         0        38,597,376
other                  806,400                 0

  context  keys and values       prefill  one more token
      128          9.44 MB    249 MFLOPs      252 MFLOPs
    1,024          75.5 MB    266 MFLOPs      285 MFLOPs
FLOPs are for each token, 2 for each MAC; in prefill on average over the context.
"""
    )
