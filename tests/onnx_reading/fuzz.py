"""Mutants of small ONNX models: each is imported or refused with a diagnostic, in bounded time.

python -m tests.onnx_reading.fuzz --seconds 60 --seed 1
"""

from __future__ import annotations

import argparse
import time
import traceback
from collections.abc import Callable
from random import Random
from typing import Any

import onnx
from onnx import AttributeProto, TensorProto, helper

from netspec.diagnostics import Error
from netspec.diagnostics.sanitize import is_hidden
from netspec.formatting import format_text
from netspec.importing import import_source
from netspec_onnx.reading import reader

from .support import model
from .test_operators import CASES

SECONDS = 5.0
"""The most that one mutant may take, which has a few nodes."""
NUMBERS = (-(2**63), -(2**31), -7, -2, -1, 0, 1, 2, 3, 7, 1000, 2**31, 2**40, 2**62)
FLOATS = (0.0, -1.0, 1e-30, 3e38, float("inf"), float("-inf"), float("nan"))
TEXTS = ("", "SAME_UPPER", "VALID", "linear", "x" * 500, "\x1b[31m\n", "\ud7ff", "ii,jj->ij", "abc,d->e", "...")
WORDS = ("", "x", "y", "w", "..", "a.b.c", "0", "x/y:0", "\n", "x" * 401, "输入", "input", "true", "$(1)", "{}")


def base(random: Random) -> onnx.ModelProto:
    """One of the models with an operator, or two of them in turn."""
    case = CASES[random.choice(list(CASES))]
    return model(case.nodes, {"x": case.shape}, case.tensors, opset=case.opset, types={"x": case.dtype})


def attribute(random: Random, name: str) -> AttributeProto:
    """An attribute of any type."""
    values: list[Any] = [
        random.choice(NUMBERS),
        random.choice(FLOATS),
        random.choice(TEXTS).encode("utf-8", "replace"),
        [random.choice(NUMBERS) for _ in range(random.randint(1, 4))],
        [random.choice(FLOATS) for _ in range(random.randint(1, 4))],
        helper.make_tensor("t", TensorProto.INT64, [2], [random.choice(NUMBERS) for _ in range(2)]),
        helper.make_tensor("t", TensorProto.FLOAT, [], [random.choice(FLOATS)]),
        base(random).graph,
    ]
    return helper.make_attribute(name, random.choice(values))


def change_attribute(random: Random, proto: onnx.ModelProto) -> None:
    """Another value of an attribute, or one more or less."""
    node = random.choice(proto.graph.node)
    number = random.randrange(len(node.attribute)) if node.attribute else -1
    if number < 0 or random.random() < 0.2:
        known = onnx.defs.get_schema(node.op_type).attributes if onnx.defs.has(node.op_type) else ()
        node.attribute.append(attribute(random, random.choice([*known, "axis", "to", "mode"])))
    elif random.random() < 0.2:
        del node.attribute[number]
    elif random.random() < 0.5 and node.attribute[number].type in (AttributeProto.INT, AttributeProto.INTS):
        old = node.attribute[number]
        if old.type == AttributeProto.INT:
            old.i = random.choice(NUMBERS)
        elif old.ints and random.random() < 0.6:
            old.ints[random.randrange(len(old.ints))] = random.choice(NUMBERS)
        else:
            old.ints.append(random.choice(NUMBERS))
    else:
        node.attribute[number].CopyFrom(attribute(random, node.attribute[number].name))


def change_wiring(random: Random, proto: onnx.ModelProto) -> None:
    """Another input, one more, one less, or other names."""
    node = random.choice(proto.graph.node)
    names = [
        *(t.name for t in proto.graph.initializer),
        *node.input,
        *WORDS,
        *(o for n in proto.graph.node for o in n.output),
    ]
    kind = random.randrange(5)
    if kind == 0 and node.input:
        node.input[random.randrange(len(node.input))] = random.choice(names)
    elif kind == 1:
        node.input.append(random.choice(names))
    elif kind == 2 and node.input:
        del node.input[-1]
    elif kind == 3 and node.output:
        node.output[random.randrange(len(node.output))] = random.choice(names)
    else:
        old, new = random.choice(names), random.choice(WORDS)
        for other in proto.graph.node:
            for field in (other.input, other.output):
                for i, name in enumerate(field):
                    field[i] = new if name == old else name
        for value in (*proto.graph.initializer, *proto.graph.input, *proto.graph.output):
            value.name = new if value.name == old else value.name


def change_operator(random: Random, proto: onnx.ModelProto) -> None:
    """Another operator, or one more."""
    node = random.choice(proto.graph.node)
    other = random.choice(random.choice(list(CASES.values())).nodes)
    if random.random() < 0.5:
        node.op_type = other.op_type
        return
    inner = proto.graph.node.add()
    inner.CopyFrom(other)
    inner.input[0] = node.output[0] if node.output else ""
    inner.output[0] = f"y{len(proto.graph.node)}"
    proto.graph.output[0].name = inner.output[0]


def change_tensor(random: Random, proto: onnx.ModelProto) -> None:
    """Other sizes, another type or other numbers of an initialiser."""
    if not proto.graph.initializer:
        return
    tensor = random.choice(proto.graph.initializer)
    kind = random.randrange(4)
    if kind == 0 and tensor.dims:
        tensor.dims[random.randrange(len(tensor.dims))] = random.choice(NUMBERS)
    elif kind == 1:
        tensor.data_type = random.randrange(0, 25)
    elif kind == 2:
        shape = [random.randint(0, 3) for _ in range(random.randint(0, 4))]
        count = 1
        for n in shape:
            count *= n
        floats = random.random() < 0.5
        numbers = [random.choice(FLOATS if floats else NUMBERS) for _ in range(count)]
        element = TensorProto.FLOAT if floats else TensorProto.INT64
        tensor.CopyFrom(helper.make_tensor(tensor.name, element, shape, numbers))
    else:
        tensor.data_location = TensorProto.EXTERNAL


def change_input(random: Random, proto: onnx.ModelProto) -> None:
    """Another shape or type of an input, or an input that nothing reads."""
    graph = proto.graph
    value = random.choice(graph.input) if graph.input else graph.input.add()
    shape = [
        random.choice([0, 1, 2, 3, 8, 2**20, 2**40, -1, None, "N", "a b", *WORDS[:6]])
        for _ in range(random.randint(0, 5))
    ]
    element = random.choice([1, 1, 1, 6, 7, 9, 10, 11, 16, 8, 0, 23])
    new = helper.make_tensor_value_info(random.choice([value.name, "z"]), element, shape)
    if random.random() < 0.3:
        graph.input.append(new)
    else:
        value.CopyFrom(new)


def change_model(random: Random, proto: onnx.ModelProto) -> None:
    """Another version, or a node in a function or a branch."""
    kind = random.randrange(3)
    if kind == 0 and proto.opset_import:
        proto.opset_import[0].version = random.choice([-1, 0, 1, 6, 7, 10, 12, 13, 18, 23, 99])
    elif kind == 1:
        node = random.choice(proto.graph.node)
        node.domain = "own"
        versions = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
        inner = onnx.NodeProto()
        inner.CopyFrom(node)
        inner.domain = random.choice(["", "", "own"])
        proto.functions.append(
            helper.make_function("own", node.op_type, list(node.input), list(node.output), [inner], versions)
        )
    else:
        node = random.choice(proto.graph.node)
        name = random.choice([*(t.name for t in proto.graph.initializer), "x", "c"])
        node.CopyFrom(
            helper.make_node("If", [name], list(node.output), then_branch=proto.graph, else_branch=base(random).graph)
        )


MUTATORS: tuple[Callable[[Random, onnx.ModelProto], None], ...] = (
    change_attribute, change_attribute, change_attribute, change_wiring, change_operator, change_operator, change_tensor,
    change_tensor, change_input, change_model,
)  # fmt: skip


def mutant(seed: int) -> bytes:
    """The bytes of a mutant."""
    random = Random(seed)
    proto = base(random)
    for _ in range(random.choice([1, 1, 1, 2, 3, 5])):
        random.choice(MUTATORS)(random, proto)
    data = bytearray(proto.SerializeToString())
    if random.random() < 0.1:
        for _ in range(random.randint(1, 4)):
            data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def outcome(data: bytes) -> str:
    """What comes of a model: ``imported``, or the codes that it is refused with. Raises whatever else happens."""
    start = time.process_time()
    try:
        imported = import_source(reader.read_model(data), prove=False)
    except Error as error:
        text = str(error)
        assert text.startswith("error[NS"), text
        assert not any(is_hidden(c) for c in text.replace("\n", "")), repr(text)
        assert len(text) < 20_000, len(text)
        result = text[6:11]
    else:
        for text in (imported.text(), imported.text(flat=True)):
            assert format_text(text) == text, text
        result = "imported"
    seconds = time.process_time() - start
    assert seconds < SECONDS, f"{seconds:.1f} s"
    return result


def main() -> None:
    """Try mutants until the time is over; print each failure with its number."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, help="print a mutant, and what comes of it")
    args = parser.parse_args()
    if args.show is not None:
        proto = onnx.ModelProto()
        try:
            proto.ParseFromString(mutant(args.show))
            print(onnx.printer.to_text(proto))
        except Exception as error:
            print(f"no model: {error}")
        print(outcome(mutant(args.show)))
        return
    end, counts, failures = time.monotonic() + args.seconds, dict[str, int](), dict[str, int]()
    seed = args.seed * 1_000_000
    while time.monotonic() < end:
        try:
            result = outcome(mutant(seed))
            counts[result] = counts.get(result, 0) + 1
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            key = f"{type(error).__name__} {where.filename.rpartition('/')[2]}:{where.lineno} {str(error)[:100]!r}"
            if key not in failures:
                print(f"{seed}: {key}", flush=True)
            failures[key] = failures.get(key, 0) + 1
        seed += 1
    print(
        f"{seed - args.seed * 1_000_000:,} mutants: {counts}; {sum(failures.values())} failures of {len(failures)} kinds"
    )


if __name__ == "__main__":
    main()
