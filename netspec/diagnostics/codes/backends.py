"""NS7xx: backends, and the files that are written and read."""

from __future__ import annotations

from ... import limits
from .code import Code

CODES: dict[str, Code] = {
    "NS701": Code(
        "an operation that the backend does not support",
        "The backend has no rule for the operation, so it cannot write the network. This is found before anything "
        "is written. `netspec backends` lists the other backends.",
    ),
    "NS702": Code(
        "unknown backend",
        "`netspec backends` lists the installed backends.",
    ),
    "NS703": Code(
        "unknown file extension",
        "The extension of the file determines the backend that writes it: .py, .onnx, .safetensors, .svg and so on. "
        "--to names a backend explicitly.",
    ),
    "NS704": Code(
        "a library that is not installed",
        "The core needs no framework; each backend needs its own. The message contains the command that installs it.",
    ),
    "NS705": Code(
        "a file that cannot be written",
        "The folder does not exist or is not writable, or the disk is full. An existing file keeps its content.",
    ),
    "NS706": Code(
        "a file that cannot be read",
        "The file does not exist, or its content does not match its extension.",
    ),
    "NS707": Code(
        "an invalid renaming",
        "--rename takes OLD=NEW, where OLD is a name in the weight file or the beginning of several.",
    ),
    "NS708": Code(
        "weights that do not fit",
        "Names or shapes in the file differ from those of the network's parameters: every parameter needs a tensor, "
        "and every tensor a parameter. The notes list the differences; --rename maps names of the file to those of the "
        "network, and --no-strict goes on with the tensors that fit.",
    ),
    "NS709": Code(
        "numbers that do not fit",
        "As a warning: tensors of a weight file contain NaN or infinities, as after a training that diverged. As an "
        "error: a number of the file is beyond the range of the parameter's element type, as 1e300 is for float32, or "
        "a weight is beyond that of --dtype, as 70000 is for float16; choose a type that holds it.",
    ),
    "NS710": Code(
        "weights in part",
        "A warning of --no-strict (in Python strict=False): parameters that the file lacks keep their initial values, "
        "and tensors that only the file has are ignored. The notes list both.",
    ),
    "NS711": Code(
        "unknown option or value",
        "The backend has no such option, or the option does not accept the value.",
    ),
    "NS712": Code(
        "options that exclude each other",
        "Each option is valid by itself. The message says which one to drop.",
    ),
    "NS713": Code(
        "a network that needs blocks",
        "`netspec expand` writes one layer for each node. Weights shared with two layers, two layouts in one "
        "network, or an input read after a layer of its name can be expressed only with blocks.",
    ),
    "NS714": Code(
        "a file that ONNX Runtime rejects",
        "The file was written, but ONNX Runtime cannot run it: on a CPU, for example, it does not support most "
        "operations in bfloat16.",
    ),
    "NS715": Code(
        "a model that is too large",
        f"An ONNX model has at most {limits.ONNX_PARTS:,} nodes, constants and weights together: it is built in memory,"
        " and a file of ONNX is at most 2 GB without its weights.",
    ),
    "NS716": Code(
        "a table that is known for one size",
        "Where the size of a buffer depends on named dimensions, an ONNX file computes its numbers. It can do so for "
        "one repeated number and for the masks of shifted windows; others are known for one size.",
    ),
    "NS717": Code(
        "a name that a layer of stacked copies cannot have",
        "Of stacked copies with `route`, PyTorch looks up each layer by its name as an attribute. `nn.Module` has "
        "attributes of its own, such as `forward` and `train`, which it would find in their place.",
    ),
    "NS721": Code(
        "invalid drawing option",
        "A drawing has no such option, or the option does not accept the value.",
    ),
    "NS722": Code(
        "a drawing that is too large",
        "The drawing has more boxes than can be laid out in reasonable time. --depth collapses blocks; the message "
        "says which depth fits.",
    ),
    "NS723": Code(
        "no layout engine",
        "A graph is laid out by the program of the package graphviz-pure, which gives the same drawing on every "
        "machine, or with --engine dot by Graphviz's own.",
    ),
    "NS724": Code(
        "a network that cannot be drawn as neurons",
        "--style neurons draws every unit, or the first ones and the last of a vector, with its connections. The "
        "network must be a chain of layers with one input, and its images small.",
    ),
    "NS725": Code(
        "a figure that does not fit",
        "With --width, everything that a figure may leave out was left out, and it still does not fit without text "
        "below --min-text. The message says which width or height is enough.",
    ),
    "NS726": Code(
        "an option that a figure of a given width does not have",
        "With --width, netspec chooses what a figure shows. Options that choose it as well, such as --depth, and "
        "formats that have no size, such as .dot and .html, do not go together with it.",
    ),
    "NS761": Code(
        "a network without feature maps",
        "--style volumes draws maps with height and width, and sequences that windows run over. A network over tokens "
        "has none; --style graph draws every network.",
    ),
    "NS762": Code(
        "a form that does not suit the network",
        "--form planes needs few channels, levels maps that shrink or grow, row a chain, and branches ways that do not "
        "join again. Without --form, the first one that suits is chosen.",
    ),
    "NS763": Code(
        "a file with maps that cannot be used",
        "--maps takes the arrays that `netspec see activations -o FILE.npz` writes: for the names of layers and blocks "
        "the outputs of this network, channels first. Maps that the file lacks are drawn without values.",
    ),
    "NS764": Code(
        "no input that is an image",
        "--image is drawn on an input with height and width.",
    ),
    "NS796": Code(
        "an invalid palette",
        "A palette is a YAML mapping of kinds of layers to colours such as '#67aad8', with a list of kinds under "
        "'hatched'. Every colour must be light enough for dark text, with a contrast of at least 4.5.",
    ),
    "NS797": Code(
        "a font that cannot be used",
        "--font takes TrueType and OpenType files (.ttf, .otf, .ttc, .otc) whose licence allows to embed them: one, or "
        "three for plain, bold and italic text.",
    ),
    "NS798": Code(
        "a character that no font has",
        "PNG, PDF and TeX files contain their text with its fonts. The bundled font has Latin, Greek and Cyrillic; "
        "--font names one for other scripts. In SVG files, the reader's fonts have the characters that the embedded "
        "ones lack.",
    ),
    "NS799": Code(
        "an option that the style or the format lacks",
        "Volumes have no direction, for example, and only PNG files have a resolution. `netspec draw --help` lists the "
        "options; the message says where this one is available.",
    ),
}
