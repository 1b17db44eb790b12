"""NS7xx: backends, and the files that are written and read."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS701": Code(
        "an operation that a backend lacks",
        "The backend has no rule for the operation, so the network cannot be written with it. That is found before "
        "anything is written; `netspec backends` lists the others.",
    ),
    "NS702": Code(
        "no such backend",
        "`netspec backends` lists those that are installed.",
    ),
    "NS703": Code(
        "an ending that nothing writes",
        "The ending of the file says which backend writes it: .py, .onnx, .safetensors, .svg and so on. --to names "
        "one where the ending does not.",
    ),
    "NS704": Code(
        "a framework that is not installed",
        "The core needs no framework; a backend needs its own. The message has the command that installs it.",
    ),
    "NS705": Code(
        "a file that cannot be written",
        "The folder does not exist, or may not be written to, or the disk is full. What stood in the file's place "
        "before is as it was.",
    ),
    "NS706": Code(
        "a file that cannot be read",
        "The file is not there, or it does not hold what its ending says.",
    ),
    "NS707": Code(
        "a renaming that has no meaning",
        "--rename takes OLD=NEW, where OLD is a name, or the beginning of names, in the file of weights.",
    ),
    "NS708": Code(
        "weights that do not fit",
        "Names or shapes in the file are not those of the network's parameters. The notes list the differences; "
        "--rename maps names of the file to those of the network.",
    ),
    "NS711": Code(
        "an option that there is not",
        "The backend has no such option, or the option no such value.",
    ),
    "NS712": Code(
        "options that do not go together",
        "Each of them is right by itself. The message says which one gives way.",
    ),
    "NS713": Code(
        "what cannot be laid out flat",
        "`netspec expand` writes one layer for each node. A layer that shares weights with two others, or blocks "
        "that count axes in two layouts, can be said only with blocks.",
    ),
    "NS714": Code(
        "a file that ONNX Runtime refuses",
        "The file was written, and ONNX Runtime cannot run it: on a CPU it lacks most operations in bfloat16, for "
        "example.",
    ),
    "NS721": Code(
        "an option of drawings",
        "A drawing has no such option, or the option no such value.",
    ),
    "NS722": Code(
        "a drawing that is too large",
        "There are more boxes than can be laid out in good time. --depth closes blocks: the message says which "
        "depth fits.",
    ),
    "NS723": Code(
        "no engine for drawings",
        "Drawings are laid out by Graphviz: the program 'dot', or the package graphviz-pure.",
    ),
}
