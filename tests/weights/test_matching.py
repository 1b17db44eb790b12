"""Matching the names of a weight file to the parameters of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netspec.ir import Parameter
from netspec.weights import initial_values
from netspec.weights.match_report import report
from netspec.weights.matching import Match, match
from netspec.weights.renaming import RenameError, parse_rule, rename_all
from netspec.weights.weight_file import WeightFile
from netspec.weights.weight_source import FileSource, SeedSource

from ..vision import torchvision
from .support import parameter, sampled

torch.set_num_threads(1)
models: Any = torchvision().models


class FakeFile(WeightFile):
    """Shapes by name; every element of a tensor is its index in the file plus 0.1."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], ordered: bool = True) -> None:
        self.path = Path("fake.pt")
        self.shapes = dict(shapes)
        self._ordered = ordered

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.shapes)

    @property
    def ordered(self) -> bool:
        return self._ordered

    def shape(self, name: str) -> tuple[int, ...]:
        return self.shapes[name]

    def dtype(self, name: str) -> str:
        return "float64"

    def read(self, name: str) -> Any:
        return np.full(self.shapes[name], list(self.shapes).index(name) + 0.1, np.float64)


def parameters(shapes: Mapping[str, tuple[int, ...]]) -> list[Parameter]:
    return [parameter(*shape, name=name) for name, shape in shapes.items()]


def shapes_of(model: str) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        module = getattr(models, model)()
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


SMALL = {"conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "fc.weight": (10, 4), "fc.bias": (10,)}


def test_everything_matches() -> None:
    result = match(parameters(SMALL), FakeFile(SMALL))
    assert result == Match({name: name for name in SMALL})
    assert result.complete
    assert report(result, "a.pt") == ["4 tensors of a.pt matched"]


def test_the_report_lists_what_does_not_match() -> None:
    tensors = {"conv.weight": (4, 3, 5, 5), "conv.bias": (4,), "head.weight": (10, 4), "extra": (2, 2)}
    result = match(parameters(SMALL), FakeFile(tensors))
    assert not result.complete
    assert result.suggested is None
    assert report(result) == [
        "1 tensor of the file matched",
        "missing (2): not in the file",
        "  fc.weight (10, 4); near: head.weight",
        "  fc.bias (10)",
        "unexpected (2): only in the file",
        "  head.weight (10, 4)",
        "  extra (2, 2)",
        "mismatched (1): of another shape in the file",
        "  conv.weight is (4, 3, 3, 3); the file has (4, 3, 5, 5)",
    ]


def test_long_lists_are_cut_and_control_characters_removed() -> None:
    shapes = {f"layer{i}.weight": (i + 1,) for i in range(25)}
    result = match(parameters(shapes), FakeFile({"evil\x1b[2J" + "x" * 300: (2,)}))
    lines = report(result)
    assert lines[:3] == ["0 tensors of the file matched", "missing (25): not in the file", "  layer0.weight (1)"]
    assert lines[22:] == [
        "  … and 5 more",
        "unexpected (1): only in the file",
        f"  evil�[2J{'x' * 111}… (2)",
    ]


def test_counters_of_batches_are_optional() -> None:
    ours = {"bn.weight": (4,), "bn.num_batches_tracked": ()}
    theirs = {"bn.weight": (4,), "old.num_batches_tracked": ()}
    assert match(parameters(ours), FakeFile(theirs)) == Match({"bn.weight": "bn.weight"})


def test_parameters_that_are_not_persistent_are_not_matched() -> None:
    result = match([parameter(4, name="mask", persistent=False)], FakeFile({"mask": (4,)}))
    assert result.assignments == {}
    assert [u.name for u in result.unexpected] == ["mask"]


# -- renaming ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "name", "expected"),
    [
        ("module.=", "module.conv.weight", "conv.weight"),
        ("module.=", "mod.module.weight", "mod.module.weight"),
        ("model=", "model.conv.weight", "conv.weight"),
        ("model=", "model", "model"),
        ("=model.", "conv.weight", "model.conv.weight"),
        ("features=backbone", "features.0.weight", "backbone.0.weight"),
        ("features=backbone", "features2.0.weight", "features2.0.weight"),
        ("fc.weight=head.weight", "fc.weight", "head.weight"),
        ("layer*.conv=stage*.c", "layer3.conv.weight", "stage3.c.weight"),
        ("layer*.conv=stage*.c", "layer3.0.conv.weight", "layer3.0.conv.weight"),
        ("encoder.layer.*.attention=blocks.*.attn", "encoder.layer.11.attention.q.bias", "blocks.11.attn.q.bias"),
        ("*.*=*/*", "a.b.c", "a/b.c"),
        ("a.*=*", "a.b.c", "b.c"),
        ("a*b=x*", "axbyb.c", "xxby.c"),
        ("f(.)=g", "fx", "fx"),
        (r"f(.)=g\1", "f(.).x", r"g\1.x"),
    ],
)
def test_applying_a_rule(written: str, name: str, expected: str) -> None:
    assert parse_rule(written).apply(name) == expected


def test_rules_apply_in_turn_and_unused_ones_are_reported() -> None:
    rules = [parse_rule("module.="), parse_rule("features=backbone"), parse_rule("nothing=x")]
    names, unused = rename_all(["module.features.0.weight", "module.fc.bias"], rules)
    assert names == {"backbone.0.weight": "module.features.0.weight", "fc.bias": "module.fc.bias"}
    assert unused == [parse_rule("nothing=x")]
    result = match(
        parameters({"fc.bias": (2,)}),
        FakeFile({"module.fc.bias": (2,)}),
        [parse_rule("module.="), parse_rule("nothing=x")],
    )
    assert result.assignments == {"fc.bias": "module.fc.bias"}
    assert report(result) == ["1 tensor of the file matched", "'--rename nothing=x' matches no name in the file"]


def test_a_mismatch_after_renaming_names_both() -> None:
    result = match(parameters({"fc.bias": (2,)}), FakeFile({"head.bias": (3,)}), [parse_rule("head=fc")])
    assert report(result)[1:] == [
        "mismatched (1): of another shape in the file",
        "  fc.bias is (2); the file has (3) under 'head.bias'",
    ]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("conv", "a renaming is OLD=NEW; found 'conv'"),
        ("=", "a renaming is OLD=NEW; found '='"),
        ("a=b=c", "a renaming is OLD=NEW; found 'a=b=c'"),
        ("a.*=b.*.*", "'a.*=b.*.*' has more '*' after the '=' than before it"),
    ],
)
def test_a_rule_that_cannot_be_read(written: str, message: str) -> None:
    with pytest.raises(RenameError) as caught:
        parse_rule(written)
    assert caught.value.message == message


def test_two_tensors_with_one_name() -> None:
    with pytest.raises(RenameError) as caught:
        rename_all(["a.weight", "b.weight"], [parse_rule("b=a")])
    assert caught.value.message == "'a.weight' and 'b.weight' would both be named 'a.weight'"


def test_many_stars_and_a_long_name_take_no_time() -> None:
    assert parse_rule("*".join("a" * 12) + "b=x").apply("a" * 200_000) == "a" * 200_000


# -- order and shape ---------------------------------------------------------------------------------------------------
def keras_vgg16() -> dict[str, tuple[int, ...]]:
    """A spec's parameters for VGG-16 under the layer names that Keras uses."""
    out: dict[str, tuple[int, ...]] = {}
    channels = 3
    for block, (filters, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for i in range(1, count + 1):
            out[f"block{block}_conv{i}.weight"] = (filters, channels, 3, 3)
            out[f"block{block}_conv{i}.bias"] = (filters,)
            channels = filters
    for name, units, into in (("fc1", 4096, 25088), ("fc2", 4096, 4096), ("predictions", 1000, 4096)):
        out[f"{name}.weight"], out[f"{name}.bias"] = (units, into), (units,)
    return out


@pytest.mark.parametrize("ordered", [True, False])
def test_vgg16_from_torchvision_to_names_of_keras(ordered: bool) -> None:
    theirs = shapes_of("vgg16")
    ours = keras_vgg16()
    file = FakeFile(theirs if ordered else dict(sorted(theirs.items())), ordered)
    by_name = match(parameters(ours), file)
    assert not by_name.complete
    assert by_name.suggested == dict(zip(ours, theirs, strict=True))
    assert "suggested (32): missing and unexpected tensors agree in order and shape" in report(by_name)
    assert "  block1_conv1.weight <- features.0.weight" in report(by_name)
    in_order = match(parameters(ours), file, in_order=True)
    assert in_order == Match(dict(zip(ours, theirs, strict=True)))


@pytest.mark.parametrize("model", ["resnet18", "resnet50", "mobilenet_v2", "densenet121", "vit_b_16"])
def test_other_networks_in_order(model: str) -> None:
    theirs = shapes_of(model)
    layers = {name: i for i, name in enumerate(dict.fromkeys(n.rpartition(".")[0] for n in theirs))}
    ours = {f"layer{layers[n.rpartition('.')[0]]}.{n.rpartition('.')[2]}": shape for n, shape in theirs.items()}
    in_order = match(parameters(ours), FakeFile(theirs), in_order=True)
    expected = {a: b for a, b in zip(ours, theirs, strict=True) if not a.endswith("tracked")}
    assert {a: b for a, b in in_order.assignments.items() if not a.endswith("tracked")} == expected
    assert in_order.complete


@pytest.mark.parametrize(
    ("model", "suggested"),
    [
        ("alexnet", True), ("vgg11_bn", True), ("mobilenet_v2", True), ("efficientnet_b0", True),
        ("resnet18", False), ("densenet121", False), ("googlenet", False), ("inception_v3", False),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:The default weight initialization:FutureWarning")  # raised by torchvision
def test_sorted_names_are_matched_only_if_numbers_determine_the_order(model: str, suggested: bool) -> None:
    theirs = shapes_of(model)
    layers = {name: i for i, name in enumerate(dict.fromkeys(n.rpartition(".")[0] for n in theirs))}
    ours = {f"layer{layers[n.rpartition('.')[0]]}.{n.rpartition('.')[2]}": shape for n, shape in theirs.items()}
    result = match(parameters(ours), FakeFile(dict(sorted(theirs.items())), ordered=False)).suggested
    expected = {a: b for a, b in zip(ours, theirs, strict=True) if not a.endswith("tracked")}
    assert result == (expected if suggested else None)


def test_gamma_and_kernel_are_weights() -> None:
    ours = {"bn.weight": (4,), "bn.bias": (4,), "bn.running_mean": (4,), "bn.running_var": (4,), "fc.weight": (3, 4)}
    theirs: dict[str, tuple[int, ...]] = {
        "n/beta:0": (4,),
        "n/gamma:0": (4,),
        "n/moving_mean:0": (4,),
        "n/moving_variance:0": (4,),
        "d/kernel:0": (3, 4),
    }
    assert match(parameters(ours), FakeFile(theirs), in_order=True).assignments == {
        "bn.weight": "n/gamma:0",
        "bn.bias": "n/beta:0",
        "bn.running_mean": "n/moving_mean:0",
        "bn.running_var": "n/moving_variance:0",
        "fc.weight": "d/kernel:0",
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"a.weight": (4,)}, {"b.weight": (4,), "c.weight": (4,)}),
        ({"a.weight": (4,)}, {"b.bias": (4,)}),
        ({"a.weight": (4,)}, {"b.weight": (5,)}),
        # Two layers of the same shape whose biases are in the opposite order: it is not the network's.
        (
            {"a.weight": (4, 4), "a.bias": (4,), "b.weight": (4, 4), "b.bias": (4,)},
            {"x.weight": (4, 4), "y.weight": (4, 4), "y.bias": (4,), "x.bias": (4,)},
        ),
    ],
)
def test_pairs_that_could_be_wrong_are_not_suggested(
    ours: dict[str, tuple[int, ...]], theirs: dict[str, tuple[int, ...]]
) -> None:
    assert match(parameters(ours), FakeFile(theirs), in_order=True).suggested is None


# -- sources -----------------------------------------------------------------------------------------------------------
def test_a_file_source_uses_the_seed_for_what_the_file_lacks() -> None:
    wide, half, absent = sampled(3, 4, name="a"), sampled(5, name="b", dtype="float16"), sampled(3, 4, name="c")
    file = FakeFile({"x": (3, 4), "b": (5,)})
    source = FileSource(file, match([wide, half, absent], file, [parse_rule("x=a")]), seed=4)
    np.testing.assert_array_equal(source.values(wide), np.full((3, 4), 0.1, np.float32))
    assert source.values(wide).dtype == np.float32
    np.testing.assert_array_equal(source.values(half), np.full(5, 1.1, np.float16))
    np.testing.assert_array_equal(source.values(absent), initial_values.values(absent, 4))
    assert [piece.dtype for piece in source.pieces(half)] == [np.float16]
    np.testing.assert_array_equal(
        np.concatenate(list(source.pieces(absent))), initial_values.values(absent, 4).reshape(-1)
    )
    turned = np.empty((4, 3), np.float32).T
    source.fill(turned, wide)
    np.testing.assert_array_equal(turned, source.values(wide))
    with pytest.raises(ValueError, match=r"^'a' has 12 elements; the array has 3$"):
        source.fill(np.empty(3), wide)


def test_a_seed_source() -> None:
    p = sampled(30, 40)
    source = SeedSource(9)
    expected = initial_values.values(p, 9)
    np.testing.assert_array_equal(source.values(p), expected)
    np.testing.assert_array_equal(np.concatenate(list(source.pieces(p))), expected.reshape(-1))
    out = np.empty((30, 40), np.float32)
    source.fill(out, p)
    np.testing.assert_array_equal(out, expected)
