"""Forecasts of memory against PyTorch's own account, on fake tensors. ``python -m tests.memory`` compares all networks."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import replace

import pytest

import netspec
from netspec_fit import Settings, forecast
from netspec_fit.simulated.trace import Trace
from netspec_fit.simulated.work import Tally
from netspec_fit.simulation import Network, Simulation

BLOCKS = """
netspec: 1
input: [3, 16, 16]
blocks:
  Residual:
    params: {channels: 8}
    layers:
      conv1: {conv2d: $channels, kernel: 3, padding: same, bias: false}
      bn1: batch_norm
      relu1: relu
      conv2: {conv2d: $channels, kernel: 3, padding: same, bias: false}
      bn2: batch_norm
      sum: {add: [bn2, input], activation: relu}
layers:
  stem: {conv2d: 8, kernel: 3, padding: same, activation: relu}
  a: Residual
  b: Residual
  c: Residual
  pool: global_avg_pool
  fc: {dense: 10}
"""
MANY_BLOCKS = BLOCKS.replace("  c: Residual\n", "".join(f"  {name}: Residual\n" for name in "cdefg"))
DECODER = """
netspec: 1
input: {shape: [20], dtype: int64}
layers:
  embed: {embedding: 50, width: 32}
  norm: layer_norm
  attention: {attention: 4, causal: true}
  sum: {add: [attention, embed]}
  wide: {dense: 128, activation: gelu}
  narrow: {dense: 32}
  out: {add: [narrow, sum]}
  head: {dense: 50}
"""
MIXED = """
netspec: 1
input: [6, 12, 12]
layers:
  conv: {conv2d: 8, kernel: 3, activation: silu}
  norm: {group_norm: 2}
  pool: {max_pool2d: 2}
  drop: {dropout: 0.2}
  up: {conv_transpose2d: 4, kernel: 2, stride: 2, activation: leaky_relu}
  square: square
  mean: {mean: [1, 2]}
  soft: softmax
"""
VIEWS = """
netspec: 1
input: [3, 32, 32]
layers:
  conv1: {conv2d: 32, kernel: 3, padding: same}
  norm1: {instance_norm: , activation: relu}
  conv2: {conv2d: 32, kernel: 3, padding: same}
  norm2: {instance_norm: , activation: relu}
  conv3: {conv2d: 3, kernel: 3, padding: same}
"""
WAVES = """
netspec: 1
input: [64]
layers:
  wide: {dense: 256}
  sine: sin
  wider: {dense: 256}
  cosine: cos
  narrow: {dense: 8}
"""
PRODUCTS = """
netspec: 1
input: [8, 6, 6]
layers:
  conv: {conv2d: 16, kernel: 3, padding: same}
  scale: {parameter: []}
  left: {parameter: [6, 4, 5]}
  right: {parameter: [5, 7]}
  mix: {einsum: "c a y, , a m x, x z -> (m c) z", from: [conv, scale, left, right]}
  pair: {einsum: "c z, d z -> c d", from: [mix, mix]}
"""
TEXTS = {
    "blocks": BLOCKS,
    "many blocks": MANY_BLOCKS,
    "decoder": DECODER,
    "mixed": MIXED,
    "views": VIEWS,
    "waves": WAVES,
    "products": PRODUCTS,
}


@pytest.fixture(autouse=True)
def _quiet() -> None:
    warnings.filterwarnings("ignore", category=DeprecationWarning)


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_kept_is_what_pytorch_keeps(name: str) -> None:
    from .oracle import saved_bytes

    network, settings = Network(netspec.loads(TEXTS[name])), Settings(batch=3, device="cpu")
    assert sum(part.nbytes for part in Simulation(network, settings).keep()) == saved_bytes(network, settings)
    assert forecast(network, settings).saved == saved_bytes(network, settings)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("optimizer", ["adamw", "momentum", None])
def test_the_peak_is_that_of_memtracker(name: str, optimizer: str | None) -> None:
    from .oracle import peak_bytes

    network, settings = Network(netspec.loads(TEXTS[name])), Settings(batch=64, device="cpu", optimizer=optimizer)
    assert forecast(network, settings).total == pytest.approx(peak_bytes(network, settings), rel=0.001)


PUBLISHED = {  # network: kept without parameters, with autocast, peak with AdamW: PyTorch 2.15 built for CUDA 13.2
    "lenet5": (154_144, None, None),
    "resnet": (172_031_488, 138_733_440, 542_720_512),
    "gpt2": (1_379_434_496, 976_906_016, 4_373_233_664),
}
"""Measured once with a build of PyTorch for CUDA, at batch 2: ``saved_tensors_hooks``, and MemTracker."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_figures_of_a_build_for_cuda(name: str) -> None:
    kept, with_autocast, peak = PUBLISHED[name]
    network = Network(netspec.load(name))
    on_cpu = Simulation(network, Settings(batch=2, device="cpu")).keep()
    assert sum(part.nbytes for part in on_cpu if part.kind in ("activations", "inputs")) == kept
    settings = Settings(batch=2, attention="math")
    if with_autocast is not None:
        cast = Simulation(network, replace(settings, amp="bfloat16", attention="flash")).keep()
        assert sum(part.nbytes for part in cast if part.kind in ("activations", "inputs")) == with_autocast
    if peak is not None:
        assert forecast(network, settings).total == peak


@pytest.mark.parametrize("checkpoint", [(), ("Residual",), ("d",)])
def test_equal_blocks_run_once(checkpoint: tuple[str, ...]) -> None:
    network, settings = Network(netspec.loads(MANY_BLOCKS)), Settings(batch=64, checkpoint=checkpoint)
    assert network.likes == dict.fromkeys("cdef", "b")
    once, traced = Tally(), Tally()
    short, whole = forecast(network, settings, tally=once), forecast(network, settings, tally=traced, trace=Trace())
    assert (short.parts, short.peak, short.saved) == (whole.parts, whole.peak, whole.saved)
    assert list(once.calls.items()) == sorted(traced.calls.items(), key=lambda item: list(once.calls).index(item[0]))
    assert once.trained_bytes == traced.trained_bytes


def test_checkpointed_blocks_keep_their_inputs_alone() -> None:
    network, settings = Network(netspec.loads(BLOCKS)), Settings(batch=8, device="cpu")
    whole, less = forecast(network, settings), forecast(network, replace(settings, checkpoint=("Residual",)))
    assert forecast(network, replace(settings, checkpoint=("[abc]",))).total == less.total
    block = 8 * 8 * 16 * 16 * 4  # bytes of a feature map
    # of each of three blocks both norms' inputs with their statistics, and the first activation; of the last one the sum,
    # which is not the input of a further block
    assert whole.activations - less.activations == 3 * (3 * block + 4 * 8 * 4) + block
    assert less.total < whole.total


def test_parts_of_the_peak_add_up_and_gradients_are_those_of_trained_weights() -> None:
    graph = netspec.load("lenet5")
    memory = forecast(graph, Settings(batch=4, device="cpu"))
    assert memory.total == memory.peak.total
    weights = [p for p in graph.parameters if not p.buffer]
    assert memory.weights == sum(p.elements * 4 for p in weights)
    assert memory.gradients == sum(p.elements * 4 for p in weights if p.trainable)
    trained = sum(p.trainable and not p.buffer for p in graph.parameters)
    assert memory.states == 2 * memory.gradients + 4 * trained  # two moments, and a number of steps for each
    assert sum(part.saved for part in memory.parts) == memory.activations
    assert forecast(graph, Settings(batch=4, device="cpu", optimizer=None)).gradients == 0


def test_neither_pytorch_nor_numpy_is_imported() -> None:
    code = (
        "import sys\n"
        "from netspec.cli.main import main\n"
        "status = main(['fit', 'lenet5', '--batch', '2'])\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
