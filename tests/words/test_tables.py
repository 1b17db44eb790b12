"""The tables of words: every layer of Keras and PyTorch and every operator of ONNX is in them, and each row is right."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from netspec.ops import TABLE, find
from netspec.words import (
    argument_names,
    conversions,
    lookup,
    operation_names,
    signatures,
    value_names,
    without_equivalent,
)

PREFIXES = ("", "nn.", "torch.nn.", "layers.", "tf.keras.layers.", "keras.layers.", "F.")


def torch_modules() -> list[str]:
    """The names of all modules in ``torch.nn``."""
    from torch import nn

    return [name for name, cls in inspect.getmembers(nn, inspect.isclass) if issubclass(cls, nn.Module)]


def torch_functions() -> list[str]:
    """The names of all functions in ``torch.nn.functional``."""
    import torch.nn.functional as f

    return [name for name in dir(f) if name.islower() and name[0] != "_" and callable(getattr(f, name))]


def imported_keras() -> Any:
    """The module ``keras``, on PyTorch."""
    os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        import keras  # type: ignore[import-untyped]  # it has no types
    return keras


def keras_layers() -> list[str]:
    """The names of all layers in ``keras.layers``, and of the activations."""
    keras = imported_keras()
    layers = [n for n, cls in inspect.getmembers(keras.layers, inspect.isclass) if issubclass(cls, keras.layers.Layer)]
    functions = ("deserialize", "get", "linear", "serialize")
    return layers + [n for n in dir(keras.activations) if n[0] != "_" and n not in functions]


def onnx_operators() -> list[str]:
    """The names of all operators in the default domain of ONNX."""
    import onnx.defs

    return sorted({schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain})


@pytest.mark.parametrize("names", [torch_modules, torch_functions, keras_layers, onnx_operators])
def test_every_name_is_known(names: Callable[[], list[str]]) -> None:
    listed = names()
    assert len(listed) > 100
    for name in listed:
        for prefix in PREFIXES:
            known = lookup.operation(prefix + name), lookup.instead(prefix + name)
            assert known[0] is not None or known[1] is not None, f"{prefix}{name} is in no table"
        assert None in (lookup.operation(name), lookup.instead(name)), f"{name} is in both tables"


def test_every_operation_exists() -> None:
    for row in operation_names.ROWS:
        named = [name for name in lookup.expand(row.netspec) if name in TABLE]
        assert named, row.netspec
        for argument in row.implied:
            assert argument in find(named[0]).arguments, (row.netspec, argument)


def test_every_operation_has_other_words() -> None:
    stems = {name for row in operation_names.ROWS for name in lookup.expand(row.netspec)}
    assert set(TABLE) <= stems


def test_a_word_has_one_meaning() -> None:
    meanings: dict[tuple[str, str], str] = {}
    for row in operation_names.ROWS:
        for origin, word in lookup.words(row):
            for spelled in lookup.expand(word):
                before = meanings.setdefault((origin, spelled), row.netspec)
                assert before == row.netspec, f"{spelled} is {before} and {row.netspec}"
    for absence in without_equivalent.ROWS:
        for origin, word in lookup.words(absence):
            for spelled in lookup.expand(word):
                assert (origin, spelled) not in meanings, f"{spelled} is {meanings.get((origin, spelled))} and absent"


def test_own_names_mean_themselves() -> None:
    for name in TABLE:
        actual = lookup.operation(name)
        assert actual is not None
        assert actual.name() == name


@pytest.mark.parametrize(("word", "name"), [
    ("linear", "dense"), ("swish", "silu"), ("conv", "conv2d"), ("maxpool", "max_pool2d"), ("avgpool", "avg_pool2d"),
    ("deconv", "conv_transpose2d"), ("view", "reshape"), ("mha", "attention"), ("fc", "dense"), ("bn", "batch_norm"),
    ("Conv2D", "conv2d"), ("Linear", "dense"), ("MaxPooling2D", "max_pool2d"), ("UpSampling2D", "upsample"),
    ("GlobalAveragePooling2D", "global_avg_pool"), ("ZeroPadding2D", "pad"), ("BatchNormalization", "batch_norm"),
    ("Gemm", "dense"), ("Max", "maximum"), ("Sum", "add"), ("Mean", "average"), ("max", "max"), ("ReduceMax", "max"),
    ("Attention", "dot_product_attention"), ("attention", "attention"), ("Conv1D", "conv1d"), ("BN", "batch_norm"),
    ("max-pool", "max_pool2d"), ("Max_Pool3D", "max_pool3d"), ("LayerNorm", "layer_norm"), ("Softmax2d", "softmax"),
])  # fmt: skip
def test_words(word: str, name: str) -> None:
    actual = lookup.operation(word)
    assert actual is not None
    assert actual.name() == name


def test_number_of_axes() -> None:
    conv, conv3d, deconv = lookup.operation("Conv"), lookup.operation("Conv3D"), lookup.operation("unpool")
    assert conv is not None
    assert conv3d is not None
    assert deconv is not None
    assert (conv.window_ranks, conv.name(1), conv.name(7)) == ((1, 2, 3), "conv1d", "conv2d")
    assert (conv3d.window_ranks, conv3d.name(1)) == ((3,), "conv3d")
    assert deconv.name(3) == "max_unpool2d"


def test_every_argument_exists() -> None:
    known = {argument for name in TABLE for argument in find(name).arguments}
    known |= {"from", "activation", "when", "repeat", "first", "each", "share", "freeze", "doc"}
    for row in argument_names.ROWS:
        assert set(row.netspec.split()) <= known, row.netspec
        assert row.convert in ("", *conversions.BY_NAME)
    for by_word in argument_names.PARTICULAR.values():
        for argument, convert in by_word.values():
            assert argument in known
            assert convert in ("", *conversions.BY_NAME, *conversions.BY_RANK)
    assert known <= {argument for row in argument_names.ROWS for argument in row.netspec.split()} | OWN_ARGUMENTS


OWN_ARGUMENTS = {
    "align_corners", "alpha", "antialias", "amplitude", "approximate", "angles", "dims", "pairs", "sinks", "axes", "batch_axis", "beta", "by", "ceil_mode", "connections", "correction",
    "count_include_pad", "dtype", "each", "nonlinearity", "num_parameters", "offset", "output_padding", "p",
    "padding_mode", "pattern", "persistent", "threshold", "to",
    "aligned", "classes", "descending", "frozen", "sampling_ratio", "spatial_scale", "expression", "for", "steps",
}  # fmt: skip
"""Arguments that are called the same everywhere, or that only this language has."""


def test_every_value_is_valid() -> None:
    for argument in ("init", "padding", "padding_mode", "approximate", "output", "nonlinearity"):
        operation = next(n for n in ("conv1d", "gelu", "lstm", "rnn") if argument in find(n).arguments)
        for row in value_names.BY_ARGUMENT[argument]:
            find(operation).arguments[argument].validator.validate(row.netspec, TABLE[operation].window_rank)


def test_every_signature_is_of_a_layer_and_of_known_arguments() -> None:
    joined = {name for pair, _ in signatures.JOINED for name in pair}
    for word, names in {**signatures.TORCH, **signatures.KERAS, **signatures.FUNCTIONS}.items():
        actual = lookup.operation(lookup.expand(word)[-1 if "{n}" not in word else 1])
        assert actual is not None, word
        for name in names.replace("*", "").split():
            own = name in find(actual.name()).arguments or name in joined or name in OF_RELU
            meaning = lookup.argument(actual.name(), name, actual)
            assert own or meaning is not None or lookup.unneeded(name) is not None, (word, name)


OF_RELU = ("max_value", "negative_slope", "threshold")
"""Arguments of Keras's ReLU, which decide which activation it is here."""


def test_functions_are_those_of_pytorch() -> None:
    import torch.nn.functional as f

    count = 0
    for word, names in signatures.FUNCTIONS.items():
        for spelled in lookup.expand(word):
            try:
                parameters = list(inspect.signature(getattr(f, spelled)).parameters)[1:]
            except (AttributeError, TypeError, ValueError):
                continue  # a method of tensors, or a function without a signature in Python
            if parameters and parameters != ["kwargs"]:  # those of pooling choose a function by their arguments
                count += 1
                assert names.split() == [n for n in parameters if n != "_stacklevel"][: len(names.split())], spelled
    assert count > 10


def test_signatures_are_those_of_keras_and_pytorch() -> None:
    from torch import nn

    keras = imported_keras()
    for table, module in ((signatures.TORCH, nn), (signatures.KERAS, keras.layers)):
        for word, names in table.items():
            for spelled in lookup.expand(word):
                cls = getattr(module, spelled, None)
                if cls is None or (spelled in ("RNN", "LSTM", "GRU") and module is nn):
                    continue  # these have (*args, **kwargs)
                parameters = list(inspect.signature(cls.__init__).parameters)[1:]
                assert names.split() == parameters[: len(names.split())], spelled


@pytest.mark.parametrize(("word", "known", "key"), [
    ("model", ("name", "layers"), "layers"), ("input_shape", ("input",), "input"), ("Layers", ("layers",), "layers"),
    ("hyperparameters", ("params",), "params"), ("x", ("params",), None), ("model", ("params",), None),
])  # fmt: skip
def test_keys_of_documents(word: str, known: tuple[str, ...], key: str | None) -> None:
    assert lookup.document_key(word, known) == key
