"""NS6xx: facts that a spec states about its network."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS601": Code(
        "a failed expectation",
        "The computed figure differs from what 'expect' states. Either the network or the expectation is wrong. "
        "Take expected figures from the paper rather than from the report.",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: 225}\n",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: 224}\n",
    ),
    "NS602": Code(
        "an invalid expectation",
        "The keys are params, trainable_params, buffers, weight_bytes, macs, flops, activations, connections, "
        "receptive_field, "
        "train_memory, infer_memory, output and shapes. "
        "A number is exact; '<= 5M', '>= 200' and '4.09G +- 1%' are bounds.",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: few}\n",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: <= 1k}\n",
    ),
    "NS603": Code(
        "expectations not checked",
        "Expectations apply to the parameters as the spec or the variant sets them. If --set changes a figure, what is "
        "expected of it is skipped. Everything else is checked: figures that are the same without --set, bounds such "
        "as '<= 5M', and values that are computed from the parameters that were set ('output: [$classes]').",
    ),
    "NS604": Code(
        "an expectation of an unknown layer, output or axis",
        "'expect' states the shape of a layer or output, or the receptive field along an axis, that does not exist.",
        "  conv: {conv2d: 8, kernel: 3}\nexpect: {shapes: {cnov: [8, 30, 30]}}\n",
        "  conv: {conv2d: 8, kernel: 3}\nexpect: {shapes: {conv: [8, 30, 30]}}\n",
    ),
}
