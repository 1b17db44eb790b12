"""Values of arguments by the names of Keras, PyTorch and ONNX. Data only."""

from __future__ import annotations

from typing import Any, NamedTuple


class ValueRow(NamedTuple):
    """One value of an argument and its names elsewhere, a text of words."""

    netspec: Any
    words: str


_FALSE = "no off none null never disabled"
_TRUE = "yes on always enabled"
BOOLEANS = (ValueRow(False, _FALSE), ValueRow(True, _TRUE))
"""The row for every boolean argument."""
BY_ARGUMENT: dict[str, tuple[ValueRow, ...]] = {
    "init": (
        ValueRow("xavier_uniform", "glorot_uniform xavier glorot xavier_uniform_ uniform_xavier"),
        ValueRow("xavier_normal", "glorot_normal xavier_normal_ normal_xavier"),
        ValueRow("he_uniform", "kaiming_uniform kaiming_uniform_ kaiming"),
        ValueRow("he_normal", "kaiming_normal kaiming_normal_ he msra msra_fill"),
        ValueRow("zeros", "zero zeros_ zeros_init"),
        ValueRow("ones", "one ones_ ones_init"),
        ValueRow("orthogonal", "orthogonal_ ortho"),
        ValueRow("identity", "eye eye_ dirac"),
        ValueRow("lecun_normal", "lecun"),
        ValueRow({"normal": 0.02}, "normal normal_ random_normal gaussian randn"),
        ValueRow({"truncated_normal": 0.02}, "truncated_normal trunc_normal trunc_normal_ truncnormal"),
        ValueRow({"uniform": 0.05}, "uniform uniform_ random_uniform"),
        ValueRow({"constant": 0.1}, "constant constant_ const"),
    ),
    "padding": (
        ValueRow("same", "same_upper half samepad same_padding auto"),
        ValueRow("valid", "notset none zero no nopad"),
        ValueRow("causal", "left"),
    ),
    "padding_mode": (
        ValueRow("zeros", "zero constant zeropad"),
        ValueRow("reflect", "reflection mirror reflect_101"),
        ValueRow("replicate", "replication edge nearest border clamp repeat"),
        ValueRow("circular", "wrap periodic cyclic"),
    ),
    "mode": (
        ValueRow("zeros", "zero constant"),
        ValueRow("reflect", "reflection mirror"),
        ValueRow("replicate", "replication edge border"),
        ValueRow("circular", "wrap periodic"),
        ValueRow("nearest", "nearest_neighbor nearest_neighbour nn nearest_exact"),
        ValueRow("bilinear", "linear2d bilinear2d"),
        ValueRow("bicubic", "cubic"),
    ),
    "approximate": (ValueRow("tanh", "true new fast tanh_approximation"), ValueRow("none", "false erf exact")),
    "output": (ValueRow("sequence", "sequences all full many true"), ValueRow("last", "one final false")),
    "nonlinearity": (ValueRow("tanh", "hyperbolic_tangent"), ValueRow("relu", "rectifier")),
    "dtype": (
        ValueRow("float32", "float fp32 f32 single real"),
        ValueRow("float64", "double fp64 f64"),
        ValueRow("float16", "half fp16 f16"),
        ValueRow("bfloat16", "bf16"),
        ValueRow("int64", "int long integer i64 uint64 index token tokens"),
        ValueRow("int32", "i32 int8 int16 uint8 uint16 uint32 short byte"),
        ValueRow("bool", "boolean mask"),
    ),
    "layout": (
        ValueRow("channels_first", "nchw chw ncw ncdhw first torch pytorch"),
        ValueRow("channels_last", "nhwc hwc nwc ndhwc last keras tensorflow"),
    ),
    "type": (
        ValueRow("int", "integer int64 int32 long"),
        ValueRow("float", "number double float32 real"),
        ValueRow("bool", "boolean flag"),
        ValueRow("str", "string text name"),
        ValueRow("list", "array tuple sequence ints"),
    ),
}
"""Other names of values, by the argument or key."""
NO_ACTIVATION = "linear none null identity no false"
"""Values of ``activation`` that mean none: the key is omitted."""

DOCUMENT: dict[str, str] = {
    "netspec": "version spec_version schema_version format",
    "name": "title model_name network_name",
    "doc": "description comment note notes about",
    "cite": "citation paper reference url source",
    "params": "parameters param parameter hyperparameters hyperparams config args arguments variables constants vars",
    "variants": "variant versions configs configurations presets sizes",
    "input": "input_shape input_size inputshape in_shape input_dim input_dims image_size shape",
    "inputs": "input_shapes inputs_shapes input_layers",
    "layout": "data_format format_of_data",
    "use": "import imports include includes uses",
    "defaults": "default default_args",
    "blocks": "block modules module submodules macros functions definitions",
    "layers": "layer model network net architecture graph nodes sequential body backbone head",
    "output": "out output_layer result",
    "outputs": "outs output_layers results",
    "shape": "size sizes dims dimensions",
    "dtype": "type data_type element_type",
    "default": "value",
    "choices": "options enum values one_of allowed",
    "type": "dtype kind",
    "min": "minimum least lower",
    "max": "maximum greatest upper",
    "columns": "column header headers cols",
    "rows": "row table data",
    "expect": "expected expects expectation expectations assert asserts tests checks",
}
"""Keys of a spec, a block or an inline block, by other words for them."""
