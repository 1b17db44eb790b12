"""NS2xx: the document, the forms of layers, and their arguments."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS201": Code(
        "unknown key",
        "A spec, a block and an inline block have a fixed set of keys, so that typing errors are found. The message "
        "suggests the nearest one.",
        "input: [3, 32, 32]\nlayers: [relu]\nexpects: {params: 0}\n",
        "input: [3, 32, 32]\nlayers: [relu]\nexpect: {params: 0}\n",
    ),
    "NS202": Code(
        "missing key",
        "A spec needs 'netspec', 'input' (or 'inputs') and 'layers'; a block needs 'layers'.",
        "layers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS203": Code(
        "a value of the wrong kind",
        "The value is, for example, a list where a mapping is expected, or a number where text is. Words are read "
        "by the rules of YAML 1.2: no and on are text, true and false are not.",
        "input: image\nlayers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS204": Code(
        "invalid name",
        "A name consists of letters, digits, '_' and, inside, '-'. A layer's name may contain dots, which place it "
        "in the tree of names. A parameter's name has no '-', because expressions read it.",
        '  "first layer": relu\n',
        "  first_layer: relu\n",
    ),
    "NS205": Code(
        "not a layer",
        "A layer is the name of an operation or block, a mapping with one such key, or a list of layers. `identity` "
        "is the layer that does nothing.",
        "  a: 3\n",
        "  a: identity\n",
    ),
    "NS206": Code(
        "unknown operation or block",
        "The name is neither an operation (`netspec ops` lists them) nor a block of this spec or of the files that "
        "it uses. Blocks begin with a capital letter, operations with a small one.",
        "  a: {cnv2d: 4, kernel: 3}\n",
        "  a: {conv2d: 4, kernel: 3}\n",
    ),
    "NS207": Code(
        "'inline' with layers in the other form",
        "'inline' puts its layers in place of itself. In a list they take the next numbers, so they must be a list. In "
        "a mapping they have names, so they must be a mapping; names with 'index' or 'row' keep the copies apart.",
        "  a: {inline: [relu], repeat: 2}\n",
        "  a: {inline: {relu$(index): relu}, repeat: 2}\n",
    ),
    "NS208": Code(
        "'first' without 'repeat'",
        "'first' gives arguments to the first of several copies only, usually its stride. It has no meaning for a "
        "single copy, or for nested layers, which have no arguments.",
        "  - {conv2d: 3, kernel: 3, first: {stride: 2}}\n",
        "  - {conv2d: 3, kernel: 3, padding: 1, repeat: 2, first: {stride: 2}}\n",
    ),
    "NS209": Code(
        "two operations in one layer",
        "A layer is one operation or block; its other keys are arguments and wiring.",
        "  - {conv2d: 3, max_pool2d: 2}\n",
        "  - {conv2d: 3, kernel: 3}\n  - {max_pool2d: 2}\n",
    ),
    "NS210": Code(
        "a layer without an operation",
        "None of the keys is an operation or a block.",
        "  - {from: input}\n",
        "  - {identity, from: input}\n",
    ),
    "NS211": Code(
        "an argument given twice",
        "The value of an operation's name is its primary argument: {conv2d: 64} and {filters: 64} mean the same. So "
        "do 'from' and the list of names that a merge joins.",
        "  - {conv2d: 4, filters: 4, kernel: 3}\n",
        "  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS212": Code(
        "two keys for the same thing",
        "'input' and 'inputs' mean the same, for one input and for several; so do 'output' and 'outputs'. Give one "
        "of them.",
        "input: [3, 32, 32]\ninputs: {x: [3]}\nlayers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS213": Code(
        "unknown argument",
        "The operation or block has no such argument. `netspec ops NAME` lists those of an operation.",
        "  - {conv2d: 4, kernal: 3}\n",
        "  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS214": Code(
        "not an activation",
        "The 'activation' of a layer must be an operation without weights that keeps the shape. An operation such "
        "as 'prelu' has weights, which need a name of their own: make it a layer.",
        "  - {conv2d: 4, kernel: 3, activation: prelu}\n",
        "  - {conv2d: 4, kernel: 3}\n  - prelu\n",
    ),
    "NS215": Code(
        "a reserved parameter name",
        "Keys of a block in place (layers, inline, …) and index, row, incoming and input have a meaning of their own "
        "where parameters are used. A parameter may be called like another key of a layer, such as 'first'. It is then "
        "given among the arguments of a block: {Unit: {first: 4}}.",
        "params: {row: 3}\ninput: [3, 32, 32]\nlayers: [relu]\n",
        "params: {depth: 3}\ninput: [3, 32, 32]\nlayers: [{relu, repeat: $depth}]\n",
    ),
    "NS216": Code(
        "invalid block name",
        "A block's name begins with a capital letter, which distinguishes it from an operation.",
        "input: [3, 32, 32]\nblocks: {unit: {layers: [relu]}}\nlayers: [relu]\n",
        "input: [3, 32, 32]\nblocks: {Unit: {layers: [relu]}}\nlayers: [Unit]\n",
    ),
    "NS217": Code(
        "a variant named 'all'",
        "`netspec check FILE@all` checks every variant, so no variant can have that name.",
        "input: [3, 32, 32]\nvariants: {all: {}}\nlayers: [relu]\n",
        "input: [3, 32, 32]\nvariants: {whole: {}}\nlayers: [relu]\n",
    ),
    "NS218": Code(
        "unknown setting, or a file outside the folder",
        "A variant or --set names a parameter that the spec does not have, or 'use' names a file outside the spec's "
        "folder.",
        "params: {classes: 10}\nvariants: {large: {clases: 1000}}\ninput: [8]\nlayers: [{dense: $classes}]\n",
        "params: {classes: 10}\nvariants: {large: {classes: 1000}}\ninput: [8]\nlayers: [{dense: $classes}]\n",
    ),
    "NS219": Code(
        "invalid value for a parameter",
        "A parameter has a type and, in its long form, choices or bounds. The value violates them. 24.0 is accepted "
        "as an integer, 24.5 is not.",
        "params: {act: {default: mish, choices: [relu, gelu]}}\ninput: [8]\nlayers: [$act]\n",
        "params: {act: {default: gelu, choices: [relu, gelu]}}\ninput: [8]\nlayers: [$act]\n",
    ),
    "NS220": Code(
        "missing argument",
        "The operation or block requires the argument, or neither a variant nor --set gives a parameter that has no "
        "default.",
        "  - {conv2d: 4}\n",
        "  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS221": Code(
        "invalid value for an argument",
        "The message says what the argument must be, and what was found. Text is never read as a number, nor a "
        "number as true or false; a list has one item for each axis.",
        "  - {conv2d: 4, kernel: [3, 3, 3]}\n",
        "  - {conv2d: 4, kernel: [3, 3]}\n",
    ),
    "NS222": Code(
        "invalid input shape",
        "A shape is a list of positive integers, without the batch axis.",
        "input: [3, 0, 32]\nlayers: [relu]\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS223": Code(
        "an unknown dimension",
        "A name in the shape of an input stands for a size that is known only at run time. 'dims' gives every name a "
        "default, with which the network is counted. The batch axis is implied: it has no name.",
        "input: [3, H, W]\nlayers: [relu]\n",
        "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [relu]\n",
    ),
    "NS224": Code(
        "unknown variant",
        "The name after '@' is not a variant of the spec. '@all' means every variant.",
    ),
    "NS225": Code(
        "an argument without a default",
        "'defaults' replaces the default values of arguments. Required arguments have none, nor do arguments that name "
        "layers, nor the keys of every layer, such as 'activation'.",
        "defaults: {conv2d: {kernel: 3}}\ninput: [3, 32, 32]\nlayers: [{conv2d: 8, kernel: 3}]\n",
        "defaults: {conv2d: {bias: false}}\ninput: [3, 32, 32]\nlayers: [{conv2d: 8, kernel: 3}]\n",
    ),
    "NS226": Code(
        "a spec for another version of netspec",
        "'requires' states the versions of netspec that the spec works with, and this version is not among them. "
        "Nothing else is reported, because it could be misleading: a key that is unknown here may exist there. A "
        "pre-release counts as its release.",
        'requires: ">=999"\ninput: [3, 32, 32]\nlayers: [relu]\n',
        'requires: ">=0.2"\ninput: [3, 32, 32]\nlayers: [relu]\n',
    ),
    "NS227": Code(
        "a momentum that looks like Keras's",
        "A warning. The momentum of a batch norm is the weight of the current batch in the running statistics, as in "
        "PyTorch; Keras's is the weight of the past, which is 1 minus that. The warning is given between 0.5 and 1, "
        "unless an expression computes the number.",
        "input: [3, 32, 32]\nlayers: [{conv2d: 8, kernel: 3}, {batch_norm, momentum: 0.99}]\n",
        "input: [3, 32, 32]\nlayers: [{conv2d: 8, kernel: 3}, {batch_norm, momentum: 0.01}]\n",
    ),
    "NS228": Code(
        "an invalid named dimension",
        "The default of a dimension, 'multiple_of', 'min' and 'max' must be positive integers. At least one size must "
        "fulfil all of them, and the default must be such a size.",
        "dims: {H: {default: 225, multiple_of: 32}}\ninput: [3, H, H]\nlayers: [relu]\n",
        "dims: {H: {default: 224, multiple_of: 32}}\ninput: [3, H, H]\nlayers: [relu]\n",
    ),
    "NS229": Code(
        "an invalid value of a dimension",
        "'--at' sets the size of a named dimension of the spec, within its 'multiple_of', 'min' and 'max'. Lists of "
        "sizes of several dimensions are paired: they must be equally long, or have a single size.",
    ),
    "NS230": Code(
        "an operation of another package that cannot be used",
        "Packages offer operations by entry points of the group 'netspec.operations'. A package is imported when a "
        "spec uses the name of its operation. The package must be importable within a minute, the class must be "
        "derived from netspec.ops.Op, and its name and those of its arguments must be unused. A spec must not declare "
        "an operation with the name of one of netspec's either.",
        "input: [196, 64]\noperations: {flip: {output: $(input.shape)}}\nlayers: [{flip: 0}]\n",
        "input: [196, 64]\noperations: {mirror: {output: $(input.shape)}}\nlayers: [mirror]\n",
    ),
    "NS231": Code(
        "a faulty operation of another package",
        "The class of an operation from another package fails, takes more than ten seconds, or returns invalid results "
        "for its inputs: types of outputs that are not types, sizes that are not integers, weights without names, "
        "negative counts. Or the shape or number that a spec declares for an operation is invalid for these inputs.",
        "input: [196, 64]\noperations: {mirror: {output: $(input.features)}}\nlayers: [mirror]\n",
        'input: [196, 64]\noperations: {mirror: {output: "$([input.features])"}}\nlayers: [mirror]\n',
    ),
    "NS232": Code(
        "a key for copies on a single layer",
        "'parallel' and 'carry' say how the copies that 'repeat' or 'each' creates are connected. A single layer has "
        "no copies.",
        "  a: {conv2d: 3, kernel: 3, parallel: true}\n",
        "  a: {conv2d: 3, kernel: 3, parallel: true, repeat: 2}\n  b: {concat: a.*}\n",
    ),
    "NS233": Code(
        "keys that exclude each other",
        "Parallel copies pass nothing on ('carry'), those of 'route' are chosen for each position, and the layers of "
        "'inline' belong to the surrounding scope, where each reads the one before it.",
        "input: [3, 32, 32]\nblocks: {U: {inputs: [x], layers: {y: relu}, outputs: {x: y}}}\n"
        "layers:\n  a: {U, repeat: 2, parallel: true, carry: true}\noutputs: a.*\n",
        "input: [3, 32, 32]\nblocks: {U: {inputs: [x], layers: {y: relu}, outputs: {x: y}}}\n"
        "layers:\n  a: {U, repeat: 2, parallel: true}\noutputs: a.*\n",
    ),
}
