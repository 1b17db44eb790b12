"""Signal transforms and sampling."""

from __future__ import annotations

from netspec.ops.signal import GridSample, Irfft, Rfft, RoiAlign
from netspec.shapes.sizes import is_same

from ..builder.common_nodes import END, add_slice, append_axes, repeat_over_batch
from ..builder.site import Site
from ..builder.value_info import ELEMENT, Attribute, GraphValue
from .rule_table import Results, lower

DFT_SINCE = 17
"""The first operator set with ``DFT``."""
DFT_AXIS_IS_INPUT = 20
GRID_SAMPLE_SINCE = 16
ROI_ALIGN_SINCE = 16
HALF = ("float16", "bfloat16")
LINEAR_SINCE = 20
"""The first operator set whose ``GridSample`` calls its modes ``linear`` and ``cubic``."""


def transform(site: Site, x: GraphValue, axis: int, name: str, shape: tuple[int, ...], **flags: int) -> GraphValue:
    """A ``DFT`` along an axis."""
    site.require_opset(DFT_SINCE)
    attributes: dict[str, Attribute] = dict(flags)
    if site.opset < DFT_AXIS_IS_INPUT:
        return site.add("DFT", x, name=name, item_shape=shape, extra={**attributes, "axis": x.axis(axis)})
    operands = [x, None, site.integers(f"{name}_axis", x.axis(axis))]
    return site.add("DFT", *operands, name=name, item_shape=shape, extra=attributes)


@lower.rule(Rfft)
def rfft(op: Rfft, site: Site) -> Results:
    """``DFT``, onesided."""
    x = append_axes(site, site.batched_input(0), 1, "parts")
    shape = site.node.outputs[0].shape
    return site.result("Identity", transform(site, x, op.axis, "frequencies", shape, onesided=1))


@lower.rule(Irfft)
def irfft(op: Irfft, site: Site) -> Results:
    """The real part of the inverse ``DFT`` of all frequencies; negative ones are conjugates."""
    x, axis = site.batched_input(0), op.axis
    size, n = op.length(site.input_types[0]), x.item_shape[axis]
    parts = [x]
    if not is_same(size - n, 0):
        positive = add_slice(site, x, axis, 1, size - n + 1, "positive")
        bounds = {"starts": [-1], "ends": [-END], "axes": [x.axis(axis)], "steps": [-1]}
        operands = [site.integers(f"negative_{name}", numbers) for name, numbers in bounds.items()]
        flipped = site.add("Slice", positive, *operands, name="negative")
        parts.append(site.add("Mul", flipped, site.constant("conjugate", [1.0, -1.0], x, (2,)), name="conjugates"))
    whole = (*x.item_shape[:axis], size, *x.item_shape[axis + 1 :])
    joint = site.add("Concat", *parts, name="all", item_shape=whole, axis=x.axis(axis))
    signal = transform(site, joint, axis, "signal", whole, inverse=1)
    return site.result("Gather", signal, site.integers("real", 0), axis=-1)


@lower.rule(GridSample)
def grid_sample(op: GridSample, site: Site) -> Results:
    """``GridSample``; half precision in float32, because positions require it."""
    site.require_opset(GRID_SAMPLE_SINCE)
    x, grid = site.batched_input(0), site.batched_input(1)
    x, grid = repeat_over_batch(site, x, grid), repeat_over_batch(site, grid, x)
    mode = op.mode.removeprefix("bi") if site.opset >= LINEAR_SINCE else op.mode
    attributes: dict[str, Attribute] = {"mode": mode, "padding_mode": op.padding_mode}
    if x.dtype not in HALF:
        return site.result("GridSample", x, grid, align_corners=int(op.align_corners), **attributes)
    wide, places = (
        site.add("Cast", v, name=name, dtype="float32", to=ELEMENT["float32"])
        for v, name in ((x, "wide"), (grid, "places"))
    )
    attributes["align_corners"] = int(op.align_corners)
    shape = site.node.outputs[0].shape
    values = site.add("GridSample", wide, places, name="values", item_shape=shape, extra=attributes)
    return site.result("Cast", values, to=ELEMENT[x.dtype])


@lower.rule(RoiAlign)
def roi_align(op: RoiAlign, site: Site) -> Results:
    """``RoiAlign`` of the boxes of all examples, each with the index of its example; half precision in float32."""
    site.require_opset(ROI_ALIGN_SINCE)
    x, boxes = site.batched_input(0), site.batched_input(1)
    x, boxes = repeat_over_batch(site, x, boxes), repeat_over_batch(site, boxes, x)
    dtype, batch, count = x.dtype, x.shape[0], boxes.item_shape[0]
    if dtype in HALF:
        x, boxes = (
            site.add("Cast", v, name=name, dtype="float32", to=ELEMENT["float32"])
            for v, name in ((x, "wide"), (boxes, "edges"))
        )
    total = f"{count}*{batch}"
    end = site.add_node("Squeeze", [site.batch_size(x)], (), batched=False, name="examples")
    bounds = [site.integers("from", 0), end, site.integers("step", 1)]
    numbers = site.add_node("Range", bounds, (batch,), batched=True, name="numbers")
    column = site.add("Unsqueeze", numbers, site.integers("column", [1]), name="column", item_shape=(1,))
    each = site.add("Expand", column, site.integers("each", [1, count]), name="of_boxes", item_shape=(count,))
    index = site.add_node("Reshape", [each, site.integers("flat", [-1])], (total,), batched=False, name="example")
    rows = site.add_node("Reshape", [boxes, site.integers("rows", [-1, 4])], (total, 4), batched=False, name="boxes")
    height, width = op.size
    attributes: dict[str, Attribute] = {"output_height": height, "output_width": width, "mode": "avg"}
    attributes |= {"sampling_ratio": op.sampling_ratio, "spatial_scale": op.spatial_scale}
    attributes["coordinate_transformation_mode"] = "half_pixel" if op.aligned else "output_half_pixel"
    shape = (total, x.item_shape[0], height, width)
    values = site.add_node("RoiAlign", [x, rows, index], shape, batched=False, name="values", extra=attributes)
    if dtype in HALF:
        values = site.add_node("Cast", [values], shape, batched=False, name="half", dtype=dtype, to=ELEMENT[dtype])
    target = site.integers("shape", [-1, count, *shape[1:]])
    return site.add_outputs("Reshape", [values, target], [site.output_value(0, (batch,))])
