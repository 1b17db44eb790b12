"""Sharing and freezing of weights."""

from __future__ import annotations

from netspec.language.elaboration.sharing import Freeze, SharedWeights, Sharing
from netspec.ops.weight import Weight

from .support import ZEROS

WEIGHT = Weight("weight", (3, 3), ZEROS)
BIAS = Weight("bias", (3,), ZEROS)


def test_every_weight_has_a_parameter_of_its_own() -> None:
    sharing = Sharing()
    assert [sharing.parameter("a", w).name for w in (WEIGHT, BIAS)] == ["a.weight", "a.bias"]
    assert sharing.parameter("t", Weight("", (1, 3), ZEROS)).name == "t"


def test_a_loan_shares_what_agrees_in_name_and_shape() -> None:
    sharing = Sharing()
    weight = sharing.parameter("a", WEIGHT)
    sharing.parameter("a", BIAS)
    shared = SharedWeights("b", "a")
    with sharing.applied(shared, None):
        assert sharing.parameter("b", WEIGHT) is weight
        assert sharing.parameter("b", Weight("bias", (4,), ZEROS)).name == "b.bias"
        assert sharing.parameter("b", Weight("scale", (3,), ZEROS)).name == "b.scale"
    assert shared.count == 1
    assert sharing.parameter("c", WEIGHT).name == "c.weight"


def test_a_loan_reaches_the_layers_inside() -> None:
    sharing = Sharing()
    weight = sharing.parameter("a.conv", WEIGHT)
    with sharing.applied(SharedWeights("b", "a"), None):
        assert sharing.parameter("b.conv", WEIGHT) is weight
        assert sharing.parameter("other.conv", WEIGHT).name == "other.conv.weight"


def test_the_innermost_loan_comes_first() -> None:
    sharing = Sharing()
    outer, inner = sharing.parameter("a.conv", WEIGHT), sharing.parameter("c", WEIGHT)
    with sharing.applied(SharedWeights("b", "a"), None):
        with sharing.applied(SharedWeights("b.conv", "c"), None):
            assert sharing.parameter("b.conv", WEIGHT) is inner
        assert sharing.parameter("b.conv", WEIGHT) is outer


def test_what_is_shared_can_be_shared_again() -> None:
    sharing = Sharing()
    weight = sharing.parameter("a", WEIGHT)
    with sharing.applied(SharedWeights("b", "a"), None):
        sharing.parameter("b", WEIGHT)
    with sharing.applied(SharedWeights("c", "b"), None):
        assert sharing.parameter("c", WEIGHT) is weight


def test_freezing() -> None:
    sharing = Sharing()
    with sharing.applied(None, Freeze("a")):
        assert not sharing.parameter("a", WEIGHT).trainable
        with sharing.applied(None, None):  # a layer cannot thaw what a block around it freezes
            assert not sharing.parameter("a.b", WEIGHT).trainable
    with sharing.applied(None, names := Freeze("a", ("fc.weight", "norm", "head"))):
        assert not sharing.parameter("a.fc", WEIGHT._replace(name="weight")).trainable
        assert sharing.parameter("a.fc", WEIGHT._replace(name="bias")).trainable
        assert not sharing.parameter("a.norm", WEIGHT._replace(name="bias")).trainable
    assert names.matched == {"fc.weight", "norm"}
    assert sharing.parameter("c", WEIGHT).trainable
    assert not sharing.parameter("c", Weight("mean", (3,), ZEROS, buffer=True)).trainable
