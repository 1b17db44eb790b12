"""NS2xx: the document, the forms of layers, and their arguments."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS201": Code(
        "an unknown key",
        "The keys of a spec, a block or a layer in place are fixed, so that a slip of the pen is found. The message "
        "has the nearest key that there is.",
        "input: [3, 32, 32]\nlayers: [relu]\nexpects: {params: 0}\n",
        "input: [3, 32, 32]\nlayers: [relu]\nexpect: {params: 0}\n",
    ),
    "NS202": Code(
        "a key that is missing",
        "A spec needs 'netspec', 'input' (or 'inputs') and 'layers'; a block needs 'layers'.",
        "layers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS203": Code(
        "a value of another kind",
        "What stands there is a list where a mapping is needed, a number where a text is, and so on. Words are read "
        "as YAML 1.2 reads them: no and on are texts, true and false are not.",
        "input: image\nlayers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS204": Code(
        "a name that is not well formed",
        "A name is letters, digits, '_' and, inside, '-'. A layer's name may have dots, which place it in the tree "
        "of names; a parameter's name has no '-' either, because expressions read it.",
        "  \"first layer\": relu\n",
        "  first_layer: relu\n",
    ),
    "NS205": Code(
        "no layer",
        "A layer is the name of an operation or block, a mapping with one such key, or a list of layers. `identity` "
        "is the layer that does nothing.",
        "  a: 3\n",
        "  a: identity\n",
    ),
    "NS206": Code(
        "no such operation or block",
        "The name is neither an operation (`netspec ops` lists them) nor a block of this spec or of the files that "
        "it uses. Blocks begin with a capital letter, operations never do.",
        "  a: {cnv2d: 4, kernel: 3}\n",
        "  a: {conv2d: 4, kernel: 3}\n",
    ),
    "NS207": Code(
        "'inline' outside a list",
        "'inline' puts a list of layers in its place in the list around it, where they take the next numbers. In a "
        "mapping layers have names: 'layers' makes a block in place there.",
        "  a: {inline: [relu]}\n",
        "  a: {layers: [relu]}\n",
    ),
    "NS208": Code(
        "'first' without 'repeat'",
        "'first' gives arguments to the first copy of several alone, usually its stride. Where there is one copy, "
        "or where layers stand in place and take no arguments, it has no meaning.",
        "  - {conv2d: 3, kernel: 3, first: {stride: 2}}\n",
        "  - {conv2d: 3, kernel: 3, padding: 1, repeat: 2, first: {stride: 2}}\n",
    ),
    "NS209": Code(
        "two operations in one layer",
        "A layer is one operation or block; its further keys are arguments and wiring.",
        "  - {conv2d: 3, max_pool2d: 2}\n",
        "  - {conv2d: 3, kernel: 3}\n  - {max_pool2d: 2}\n",
    ),
    "NS210": Code(
        "a layer that names no operation",
        "None of the keys is an operation or a block.",
        "  - {from: input}\n",
        "  - {identity, from: input}\n",
    ),
    "NS211": Code(
        "given twice",
        "The value of an operation's name is its primary argument: {conv2d: 64} and {filters: 64} say the same. So "
        "do 'from' and the names that a merge joins.",
        "  - {conv2d: 4, filters: 4, kernel: 3}\n",
        "  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS212": Code(
        "one thing under two keys",
        "'input' and 'inputs', and 'output' and 'outputs', are the same thing: for one, and for several.",
        "input: [3, 32, 32]\ninputs: {x: [3]}\nlayers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS213": Code(
        "an unknown argument",
        "The operation or block has no such argument. `netspec ops NAME` shows all that an operation has.",
        "  - {conv2d: 4, kernal: 3}\n",
        "  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS214": Code(
        "no activation",
        "Only operations without weights that keep the shape can be the 'activation' of a layer: a layer such as "
        "'prelu' has weights, which need a name of their own.",
        "  - {conv2d: 4, kernel: 3, activation: prelu}\n",
        "  - {conv2d: 4, kernel: 3}\n  - prelu\n",
    ),
    "NS215": Code(
        "a parameter with a name that is taken",
        "Wiring keys (from, repeat, …) and index, row, incoming and input mean something of their own where "
        "parameters are used.",
        "params: {repeat: 3}\ninput: [3, 32, 32]\nlayers: [relu]\n",
        "params: {depth: 3}\ninput: [3, 32, 32]\nlayers: [{relu, repeat: $depth}]\n",
    ),
    "NS216": Code(
        "a block's name",
        "A block's name begins with a capital letter, which is how a layer's key is known to be one.",
        "input: [3, 32, 32]\nblocks: {unit: {layers: [relu]}}\nlayers: [relu]\n",
        "input: [3, 32, 32]\nblocks: {Unit: {layers: [relu]}}\nlayers: [Unit]\n",
    ),
    "NS217": Code(
        "a variant called 'all'",
        "`netspec check FILE@all` checks every variant, so none can have that name.",
        "input: [3, 32, 32]\nvariants: {all: {}}\nlayers: [relu]\n",
        "input: [3, 32, 32]\nvariants: {whole: {}}\nlayers: [relu]\n",
    ),
    "NS218": Code(
        "a setting or file outside",
        "A variant or --set names a parameter that the spec does not have, or 'use' names a file outside the spec's "
        "folder.",
        "params: {classes: 10}\nvariants: {large: {clases: 1000}}\ninput: [8]\nlayers: [{dense: $classes}]\n",
        "params: {classes: 10}\nvariants: {large: {classes: 1000}}\ninput: [8]\nlayers: [{dense: $classes}]\n",
    ),
    "NS219": Code(
        "a value that does not fit its parameter",
        "A parameter has a type, or choices and bounds in its long form, and the value that it is given does not "
        "keep to them. 24.0 passes as an int, 24.5 does not.",
        "params: {act: {default: mish, choices: [relu, gelu]}}\ninput: [8]\nlayers: [$act]\n",
        "params: {act: {default: gelu, choices: [relu, gelu]}}\ninput: [8]\nlayers: [$act]\n",
    ),
    "NS220": Code(
        "an argument that is missing",
        "The operation or block cannot do without it, or a parameter without a default is given neither by a "
        "variant nor by --set.",
        "  - {conv2d: 4}\n",
        "  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS221": Code(
        "a value that does not fit its argument",
        "The message says what the argument must be, and what was found. Numbers are never texts, truth values "
        "never numbers; a list has one entry for each axis.",
        "  - {conv2d: 4, kernel: [3, 3, 3]}\n",
        "  - {conv2d: 4, kernel: [3, 3]}\n",
    ),
    "NS222": Code(
        "the shape of an input",
        "A shape is a list of positive whole numbers, without the batch axis.",
        "input: [3, 0, 32]\nlayers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS223": Code(
        "a named dimension",
        "A name in a shape stands for a size that is known only at run time. This version works with numbers; a "
        "parameter gives one that is easy to set from outside.",
        "input: [3, H, W]\nlayers: [relu]\n",
        "params: {H: 32, W: 32}\ninput: [3, $H, $W]\nlayers: [relu]\n",
    ),
    "NS224": Code(
        "no such variant",
        "What stands after '@' is no variant of the spec. '@all' is every one of them.",
    ),
    "NS225": Code(
        "an argument that can have no default",
        "'defaults' replaces what an operation does where a layer says nothing: not what every layer must say, nor "
        "the names of layers.",
        "defaults: {conv2d: {kernel: 3}}\ninput: [3, 32, 32]\nlayers: [{conv2d: 8, kernel: 3}]\n",
        "defaults: {conv2d: {bias: false}}\ninput: [3, 32, 32]\nlayers: [{conv2d: 8, kernel: 3}]\n",
    ),
    "NS226": Code(
        "a spec for another version of netspec",
        "'requires' says which versions of netspec the spec works with, and this one is none of them. Nothing else is "
        "reported, since it would be misleading: what is unknown here may exist there. A pre-release counts as the "
        "release that it precedes.",
        "requires: \">=999\"\ninput: [3, 32, 32]\nlayers: [relu]\n",
        "requires: \">=0.2\"\ninput: [3, 32, 32]\nlayers: [relu]\n",
    ),
}
