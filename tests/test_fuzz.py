"""The fuzzer's own behaviour, and every text that it found to break a property."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings

import netspec
from netspec import Graph, SpecError
from netspec.checking.spec import Spec
from netspec.language.elaboration.budget import Budget

from .fuzz.__main__ import cpu_seconds
from .fuzz.corpus import Seed, corpus, working_folder
from .fuzz.costs import COSTS, TimeLimitError, time_limit, usage
from .fuzz.drawn_options import options
from .fuzz.lowering import check_backends
from .fuzz.oracles import PropertyError, check_text
from .fuzz.series import Series
from .fuzz.strategies import MUTANTS
from .fuzz.twin import HASH_SEEDS, Twin
from .fuzz.worker import examine, mutant

VALID = "netspec: 1\ninput: [3, 8, 8]\nlayers: [{conv2d: 4, kernel: 3}, relu]\n"
IMAGE = "netspec: 1\ninput: [3, 8, 8]\n"
FAILURES = {
    "an index beyond a list": "netspec: 1\ninput: [3, 32, 32]\nparams: {depths: [1, 2]}\nlayers: [{conv2d: $depths.2, kernel: 3}]\n",
    "an input of which only the size is read": (
        "netspec: 1\ninputs: {x: [n, 2]}\ndims: {n: 4}\nlayers:\n"
        "  table: {buffer: [7, 3], init: {normal: 1}}\n  crop: {center_crop, from: table, like: x}\n"
        "  up: {upsample, from: table, like: x}\noutputs: [crop, up]\n"
    ),
    "a layer with the name of the input": f"{IMAGE}layers: {{a: {{conv2d: 3, kernel: 3}}, input: relu}}\n",
    "a layer with a dotted name below a chain": f"{IMAGE}layers: {{c: {{conv2d: 3, kernel: 3, repeat: 2}}, c.n: batch_norm}}\n",
    "a layer with a dotted name below a list": f"{IMAGE}layers: {{n: relu, g: {{l: [relu, gelu]}}, g.l.x: batch_norm}}\n",
    "a layer with a dotted name below a chain, before it": f"{IMAGE}layers: {{c.n: relu, c: [relu, batch_norm]}}\n",
    "a number beyond single precision": f"{IMAGE}layers: [{{leaky_relu: 1e+300}}]\n",
    "integers in an operation on floats": "netspec: 1\ninputs: {x: {shape: [3], dtype: int64}}\nlayers: [mish]\n",
    "integers in a dense layer": "netspec: 1\ninputs: {x: {shape: [6], dtype: int64}}\nlayers: [{dense: 4}]\n",
    "booleans in a dropout": "netspec: 1\ninputs: {x: {shape: [6], dtype: bool}}\nlayers: [dropout]\n",
    "half precision by name": "netspec: 1\ninputs: {x: {shape: [4, 4], dtype: bfloat16}}\nlayers: [relu]\n",
    "a sum of indices": "netspec: 1\ninputs: {x: {shape: [5], dtype: int32}}\nlayers: [sum, {embedding: 16, width: 5}]\n",
    "indices beyond a table": "netspec: 1\ninput: [3, 4]\nlayers:\n  i: {buffer: [2], dtype: int64, init: [2, 6]}\n"
    "  g: {gather: 0, from: input, index: i}\n",
    "a stride of 40 bits": f"{IMAGE}layers: [{{subsample2d: 4, stride: [1099511627775, 2]}}]\n",
    "a dilation of 40 bits": f"{IMAGE}layers: [{{conv2d: 1, kernel: 4, padding: same, dilation: 1099511627775}}]\n",
    "a dilation of 31 bits": f"{IMAGE}layers: [{{conv2d: 1, kernel: 4, padding: same, dilation: 2147483647}}]\n",
    "a list of pairs": f"{IMAGE}layers: [{{pad: [[0, 0], [0, 1]]}}]\n",
    "one name, and from": f"{IMAGE}layers: {{a: elu, b: {{from: a, add: input}}}}\n",
    "an axis without a name": f"{IMAGE}layers: [{{reshape: [3, 64], axes: [channels, null]}}]\n",
    "inputs of a block that are not names": f'{IMAGE}blocks: {{B: {{inputs: ["a b"], layers: [relu]}}}}\nlayers: [B]\n',
    "a doc that is nothing": f"{IMAGE}params: {{n: 1}}\nlayers: [relu]\nvariants: {{v: {{n: 2, doc: null}}}}\n",
    "a million copies": "netspec: 1\ninput: [3]\nlayers: [{relu, repeat: 1000000, from: [input, 0]}]\n",
    "a type of a parameter with a problem": "netspec: 1\nparams: 3\ndtype: $(p0)\ninput: [6]\nlayers: [{dense: 4}]\n",
    "a size of a parameter with a problem": "netspec: 1\nparams: 3\ndims: {H: $p0}\ninput: [3, H]\nlayers: [{dense: 4}]\n",
    "a choice of copies without an input": "netspec: 1\ninputs: {x: [16, 8], i: {shape: [16, 2], dtype: int64}}\n"
    "blocks: {E: {layers: [{dense: 8}]}}\nlayers: {e: {E, repeat: 4, route: i}}\n",
    "a choice of copies of nothing": "netspec: 1\ninput: [16, 8]\nblocks: {E: {layers: [{dense: 8}]}}\n"
    'layers: {e: {E, from: input, repeat: 4, route: "$([])"}}\n',
    "a loop over what is named by a list": f'{IMAGE}layers: {{a: {{"$([1])": 2, over: height, carry: {{x: [3]}}}}}}\n',
    "a conversion for each tensor of a map": "netspec: 1\ninput: [3, 16]\n"
    "layers: [relu, {dense: 4, map: [0, input], dtype: float16}, {add: 1.*}]\n",
    "a conversion for each tensor of a named map": "netspec: 1\ninput: [3, 16]\n"
    "layers: {a: relu, b: {dense: 4, map: [a, input], dtype: float16}, c: {add: b.*}}\n",
    "a constant for each tensor of a map": "netspec: 1\ninput: [3, 16]\n"
    'layers: {a: relu, b: {formula: "$(incoming * [1, 2, 3][i])", for: {i: 3, j: 16}, map: [a, input]}, c: {add: b.*}}\n',
    "computed weights under a map": "netspec: 1\ninput: [3, 16]\n"
    "layers: {a: relu, b: {dense: 4, map: [a, input], weights: {weight: {weight_norm: 0}}}, c: {add: b.*}}\n",
    "an anchor of the document": '&a {"netspec": 1, "input": [3], "layers": ["relu"]}\n',
    "a tag without a name": f"{IMAGE}layers: [! relu, {{! conv2d: 4, kernel: 3}}]\n",
    "a scale that is rounded": "netspec: 1\ndims: {H: 200}\ninput: [3, H, 200]\nlayers: [{upsample: 0.29}]\n",
    "a choice of copies of another type": "netspec: 1\ninputs: {x: [6, 8], i: {shape: [6, 2], dtype: int64}, p: [6, 2]}\n"
    "blocks: {E: {layers: [{dense: 8, dtype: float16}]}}\nlayers: {e: {E, from: x, repeat: 4, route: [i, p]}}\n",
    "a choice of copies for a number": "netspec: 1\ninput: [8]\n"
    "layers: [{argmin: channels}, {layers: [relu], repeat: 2, route: 0, from: 0}]\n",
    "the memory of a product that sums axes of one tensor": "netspec: 1\ninput: [8, 6, 6]\nlayers:\n"
    "  p: {parameter: []}\n  q: {parameter: [6, 2, 2]}\n"
    '  e: {einsum: "c a y, , a m x -> (m c) x", from: [input, p, q]}\nexpect: {infer_memory: 1 GB}\n',
    "a choice of copies within a loop": "netspec: 1\n"
    "inputs: {x: {shape: [3, 6, 8], axes: [frames, sequence, channels]},"
    " i: {shape: [3, 6, 2], dtype: int64, axes: [frames, sequence, channels]}}\n"
    "blocks: {B: {inputs: [x, i], layers: {e: {layers: [{dense: 8}], from: x, repeat: 4, route: i}}}}\n"
    "layers: {b: {B, over: frames, from: {x: x, i: i}}}\n",
    "a layer with the name of a weight that is initialised": f"{IMAGE}layers:\n"
    "  a: {conv2d: 2, kernel: 1, init: {bias: ones}}\n  a.bias: relu\n",
    "an output of a block from a group in it, which nothing reads": f"{IMAGE}layers: [relu, B]\n"
    "blocks: {B: {layers: {a: abs, g: {layers: {s: {add: [a, input]}}}}, outputs: [a, g]}}\n",
    "copies by choice that are parallel": "netspec: 1\ninputs: {x: [6, 8], i: {shape: [6, 2], dtype: int64}}\n"
    "layers: {e: {layers: [relu], from: x, repeat: 2, route: i, parallel: height}}\n",
    "a gelu of twelve axes": f"netspec: 1\ninput: {[1] * 12}\nlayers: [gelu]\n",
}
"""Reduced texts that a run found to break a property, or that resemble one."""


@pytest.fixture(scope="module")
def seeds() -> list[Seed]:
    """The written specs."""
    return corpus(backends=False)


def series(seeds: list[Seed], seed: int, count: int) -> list[str]:
    """The first mutants of a series."""
    created = Series(seeds, seed, 0, backends=False)
    texts: list[str] = []
    with working_folder():
        for _ in range(count):
            single = created.mutant()
            texts.append(single.text)
            created.learn(single, *check_text(single.text, thorough=False))
    return texts


@pytest.mark.slow
def test_a_series_is_reproducible(seeds: list[Seed]) -> None:
    texts = series(seeds, 3, 60)
    assert texts == series(seeds, 3, 60)
    assert len(set(texts)) > 55
    assert texts != series(seeds, 4, 60)
    assert mutant(3, 59, backends=False, seeds=seeds).text == texts[59]


@pytest.mark.slow
def test_many_mutants_are_valid(seeds: list[Seed]) -> None:
    accepted = [check_text(text, thorough=False).graph is not None for text in series(seeds, 5, 300)]
    assert sum(accepted) > 30


def test_valid_and_invalid_texts() -> None:
    assert check_text(VALID).graph is not None
    answer = check_text("netspec: 1\n")
    assert answer.graph is None
    assert answer.messages[0].startswith("NS202")


def test_lowering(tmp_path: Path) -> None:
    assert examine(VALID, tmp_path, backends=True)[0] == "lowered"
    graph = check_text(VALID.replace("[3, 8, 8]", "[3, 8000, 8000]")).graph
    assert graph is not None
    assert not check_backends(graph, tmp_path)


def no_outputs(*args: object) -> dict[str, object]:
    return {}


def test_a_large_network_is_lowered_without_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "netspec: 1\ninput: [3, 8000, 8000]\nlayers: [{conv2d: 4, kernel: 3}, relu]\n"
    assert examine(text, tmp_path, backends=True)[0] == "shapes only"
    monkeypatch.setattr("tests.torch_backend.support.outputs", no_outputs)
    assert "AssertionError" in examine(text, tmp_path, backends=True)[0]


def test_an_index_error_is_passed_over_only_where_indices_are_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert examine(FAILURES["indices beyond a table"], tmp_path, backends=True)[0] == "shapes only"

    def broken(*args: object) -> None:
        raise IndexError("broken")

    monkeypatch.setattr("tests.fuzz.lowering.check_without_numbers", broken)
    assert "IndexError: broken" in examine(FAILURES["indices beyond a table"], tmp_path, backends=True)[0]
    monkeypatch.setattr("tests.torch_backend.support.check_facts", broken)
    assert "IndexError: broken" in examine(VALID, tmp_path, backends=True)[0]


def test_it_reports_time_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    with usage(len(VALID)) as used:
        netspec.loads(VALID)
    budget = Budget()
    Spec("<text>", VALID).elaborate(budget=budget)
    assert used.amounts == {"steps": budget.steps, "steps of expressions": 0, "bytes": len(VALID)}
    assert used.excess() is None
    used.seconds = 5.1
    assert used.excess() == "5.1 s of CPU time, of 5.0 s"
    used.seconds, used.memory = 1.0, 300.0
    assert used.excess() == "300 MiB, of 256 MiB"
    used.amounts["steps"] = 100_000
    assert used.excess() is None
    monkeypatch.setattr("tests.fuzz.costs.BASE_SECONDS", -1.0)  # the clock may be coarse
    monkeypatch.setattr("tests.fuzz.costs.COSTS", {what: (most, 0.0, 0.0) for what, (most, _, _) in COSTS.items()})
    with pytest.raises(PropertyError, match=r"a check takes .* s of CPU time"):
        check_text(VALID)


def test_it_reports_exceptions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*args: object, **named: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr("netspec.checking.spec.elaborate", broken)
    kind, answer = examine(VALID, tmp_path)
    assert answer is None
    assert "KeyError: 'broken'" in kind


def test_it_reports_contradictions(monkeypatch: pytest.MonkeyPatch) -> None:
    def rejecting(text: str) -> None:
        raise SpecError([])

    monkeypatch.setattr("netspec.loads", rejecting)
    with pytest.raises(PropertyError, match="an error without a diagnostic"):
        check_text(VALID)


def test_parameters_and_sizes_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The options depend on the text alone; with them, too, ``loads`` answers as ``check`` does."""
    text = "netspec: 1\nparams: {w: 4}\ndims: {H: 16}\ninput: [3, H]\nlayers: [{conv1d: $w, kernel: 3}]\n#"
    document = Spec("<text>", text).document
    assert document is not None
    drawn = [options(document, choice) for choice in range(200)]
    assert drawn == [options(document, choice) for choice in range(200)]
    assert {name for o in drawn for name, _ in o.settings} > {"w"}
    assert {len(sizes) for o in drawn for _, sizes in o.sizes} == {1, 2, 3}

    def otherwise(*args: object, **named: object) -> Graph:
        return loads("netspec: 1\ninput: [3]\nlayers: [relu]\n")

    def formatted(*args: object) -> None:
        """It compares networks with ``loads``, too."""

    def check_all() -> None:
        for number in range(100):
            check_text(f"{text}{number}", thorough=False)

    loads = netspec.loads
    monkeypatch.setattr("netspec.loads", otherwise)
    monkeypatch.setattr("tests.fuzz.oracles.check_format", formatted)
    with pytest.raises(PropertyError, match=r"loads\(\) answers otherwise with Options\("):
        check_all()


def test_mutants_use_an_operation_of_another_package() -> None:
    command = (
        "from tests.fuzz import worker; from tests.fuzz.corpus import seed_of; from tests.fuzz.__main__ import main; "
        "from netspec.ops import TABLE; "
        "worker.corpus = lambda backends: [seed_of('{netspec: 1, input: [3], layers: [relu]}', 1)]; "
        "main(); assert 'chebyshev' in TABLE"
    )
    process = subprocess.run(
        [sys.executable, "-c", command, "--show", "1"],
        capture_output=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (0, b"")


def test_it_ends_what_takes_too_long() -> None:
    def endless() -> None:
        with time_limit(0.1):
            while True:
                pass

    with pytest.raises(TimeLimitError):
        endless()


def text_with_a_hash(graph: Graph) -> str:
    return f"{graph.name} {hash('other')}"


def test_a_second_process_compares_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = Twin(tmp_path, backends=False)
    try:
        twin.compare(VALID)
        monkeypatch.setattr("tests.fuzz.oracles.flat_text", text_with_a_hash)
        with pytest.raises(PropertyError, match="another PYTHONHASHSEED changes: flat spec"):
            twin.compare(VALID)
    finally:
        twin.close()


def test_waiting_for_a_busy_machine_is_no_failure() -> None:
    """Patience is CPU time, as the system counts it."""
    start = process_time()
    before = cpu_seconds(os.getpid())
    while process_time() - start < 0.3:
        pass
    assert 0.2 < cpu_seconds(os.getpid()) - before < 0.6
    time.sleep(0.3)
    assert cpu_seconds(os.getpid()) - before < 0.6
    assert cpu_seconds(2**22 + 1) == 0.0


@pytest.mark.slow
def test_a_run_as_a_command() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--count", "500", "--workers", "1", "--seed", "1"]
    process = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.startswith("seed 1: 500 mutants, ")
    assert os.environ.get("PYTHONHASHSEED") != HASH_SEEDS[1]


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(MUTANTS)
@pytest.mark.slow
def test_properties_hold_for_mutated_networks(text: str) -> None:
    check_text(text)


@pytest.mark.parametrize("text", FAILURES.values(), ids=FAILURES)
def test_found(text: str, tmp_path: Path) -> None:
    kind, answer = examine(text, tmp_path, backends=True)
    assert answer is not None, kind
    check_text(text)
