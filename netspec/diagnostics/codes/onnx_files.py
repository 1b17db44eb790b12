"""NS86x and NS87x: ONNX files that `netspec import` reads."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS860": Code(
        "not an ONNX model",
        "The file is not a model in ONNX's format: it is truncated or damaged, or of another kind.",
    ),
    "NS861": Code(
        "an ONNX file that is too large",
        "A file has at most 2 GiB without external data and 100,000 nodes, those of functions counted as often as "
        "they are called, and a tensor at most 64 GiB. Far larger numbers are usually an error in the file.",
    ),
    "NS862": Code(
        "external data that cannot be read",
        "The tensors of large models are in files beside the model. They are read from its folder and those in it "
        "alone; the model says where each begins and how long it is, and the files must be that long.",
    ),
    "NS864": Code(
        "an operator set that is too old",
        "Files are read from operator set 7 on (2018). `onnx.version_converter` converts earlier ones.",
    ),
    "NS870": Code(
        "control flow that depends on data",
        "A spec describes one network of fixed layers. A branch is read if its condition is a constant; loops are "
        "not, since the data determine how often their bodies run. Exporters write loops out if the number of steps "
        "is fixed.",
    ),
    "NS871": Code(
        "quantised numbers",
        "Weights that are stored as integers are read as the floating-point numbers that they stand for. Activations "
        "that are rounded to integers have no equivalent: the network from before it was quantised can be imported.",
    ),
    "NS873": Code(
        "an ONNX file that cannot be run",
        "An import is compared with its source by running both in ONNX Runtime, which rejects one of the files. "
        "--no-proof imports without the comparison.",
    ),
    "NS874": Code(
        "a constant that is too large to compute",
        "Constants that follow from others are computed while a file is read, up to 2**24 numbers each.",
    ),
}
