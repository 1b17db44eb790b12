"""NS82x: whether a network fits into a memory."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS820": Code(
        "a network that does not fit into the memory",
        "The forecast of `netspec fit` is above the memory that was named. A smaller batch, autocast or checkpointed "
        "blocks take less; what each of them brings is printed.",
    ),
    "NS821": Code(
        "a function whose memory is not known",
        "`netspec fit` knows by a rule what each function of PyTorch allocates and keeps. For a function without a "
        "rule it says so, and guesses nothing.",
    ),
    "NS822": Code(
        "a block to checkpoint that does not exist",
        "Blocks are named as modules of the PyTorch source: a class, a module's dotted name, or a pattern such as "
        "`layer4.*`.",
    ),
    "NS823": Code(
        "an invalid setting of a forecast",
        "The batch, the optimiser, a type, the device or the kernel of attention is unknown to forecasts, or two of "
        "these settings exclude each other.",
    ),
    "NS825": Code(
        "a network that takes too long to forecast",
        "A loop of the network, such as a cell along an axis, takes more steps than a forecast may.",
    ),
    "NS826": Code(
        "a network that rejects its input",
        "The PyTorch source of the network raises an error for this input.",
    ),
    "NS827": Code(
        "an unknown device",
        "`netspec fit --device help` lists the devices whose memory, peak rates and bandwidths netspec knows. Others "
        "are described in a file for `--device-file`.",
    ),
    "NS828": Code(
        "an invalid description of a device",
        "A file for `--device-file` is a mapping of names. Each device has a title, a memory, a bandwidth, teraflops "
        "by type and a source; it may have links and a backend.",
    ),
    "NS829": Code(
        "a type for which a device has no peak rate",
        "The least time of a layer follows from the rate at which the device computes in the layer's type. Where none "
        "is published, as of bfloat16 on a T4, there is no bound.",
    ),
}
