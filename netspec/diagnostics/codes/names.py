"""NS3xx: names and what they stand for."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS301": Code(
        "unknown layer",
        "A name refers to an earlier layer of the same scope, to an input of it, or, in a nested block, to a layer "
        "of the scopes around it. Dots reach layers within other layers: encoder.stage2.",
        "  conv1: {conv2d: 3, kernel: 3}\n  add: {add: [conv1, conv]}\n",
        "  conv1: {conv2d: 3, kernel: 3}\n  add: {add: [conv1, conv1]}\n",
    ),
    "NS302": Code(
        "a layer that comes later",
        "A layer reads only what comes before it: a spec lists layers in the order of the computation, without cycles.",
        "  sum: {add: [input, side]}\n  side: {relu, from: input}\n",
        "  side: {relu, from: input}\n  sum: {add: [input, side]}\n",
    ),
    "NS303": Code(
        "duplicate layer name",
        "The full dotted name identifies a layer in the report, the state dict and the ONNX graph, so it must be "
        "unique. Dots and expressions in names can produce a name that exists already.",
        "  a$(1): relu\n  a1: relu\n",
        "  a$(1): relu\n  a2: relu\n",
    ),
    "NS304": Code(
        "a layer that is left out",
        "If 'when' leaves a layer out, its name refers to its first input instead. A parameter or buffer has no "
        "input, so nothing can read it then; nor can anything read a layer whose first input is left out in this way, "
        "refer to the inside of a layer that is left out, or share its weights.",
        "  token: {parameter: [3, 1, 1], when: false}\n  sum: {add: [input, token]}\n",
        "  token: {parameter: [3, 1, 1], when: false}\n  sum: {add: [input, token], when: false}\n  out: relu\n",
    ),
    "NS305": Code(
        "wrong number of inputs",
        "An operation or block takes a certain number of inputs. 'from' names them. Without it, a layer reads the "
        "one before it; the first layer of a scope with several inputs must name its input. A list of names that an "
        "expression determines must not be empty.",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: relu\n  y: {add: [a, b]}\n",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: {relu, from: a}\n  y: {add: [x, b]}\n",
    ),
    "NS307": Code(
        "a recursive block",
        "A block may use other blocks, but not itself, directly or through others: it would never end. Use 'repeat' "
        "for a chain of copies.",
        "input: [3, 32, 32]\nblocks: {A: {layers: [relu, A]}}\nlayers: [A]\n",
        "input: [3, 32, 32]\nblocks: {A: {layers: [relu]}}\nlayers: [{A, repeat: 2}]\n",
    ),
    "NS308": Code(
        "no layers",
        "A network, and every block, needs at least one layer with an output.",
        "input: [3, 32, 32]\nlayers: {}\n",
        "input: [3, 32, 32]\nlayers: [identity]\n",
    ),
    "NS309": Code(
        "no weights to share",
        "A layer with 'share' uses the weights of another layer that have the same names and shapes as its own. "
        "There are none.",
        "  a: {conv2d: 3, kernel: 3, bias: false}\n  b: {conv2d: 3, kernel: 5, bias: false, share: a}\n",
        "  a: {conv2d: 3, kernel: 3, bias: false}\n  b: {conv2d: 3, kernel: 3, bias: false, share: a}\n",
    ),
    "NS310": Code(
        "an unused result",
        "The result of the layer does not reach an output of the network. Most often it is missing from a merge or "
        "from the outputs.",
        "  a: {conv2d: 3, kernel: 3, padding: 1}\n  b: {relu, from: input}\n",
        "  a: {conv2d: 3, kernel: 3, padding: 1}\n  b: {relu, from: input}\n  sum: {add: [a, b]}\n",
    ),
    "NS311": Code(
        "an unused input",
        "No layer reads the input.",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: {relu, from: a}\n",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: {add: [a, b]}\n",
    ),
    "NS312": Code(
        "a cycle of files",
        "A file under 'use' uses, directly or through others, the file that uses it. Move the blocks that both need "
        "to a third file.",
    ),
    "NS313": Code(
        "no outputs",
        "A network computes at least one output: the last layer, or what 'outputs' names. 'when' must not leave out "
        "all of them.",
        "input: [3, 32, 32]\nlayers: [relu]\noutputs: {}\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS314": Code(
        "a layer named like a weight",
        "Layers and weights share one namespace, that of the state dict: a layer cannot have the name of a weight, a "
        "part or an output of another layer, or a name inside a parameter. A parameter of one's own may be named like "
        "a weight that the layer does not have, such as 'fc.bias' where 'fc' has 'bias: false'.",
        "  conv: {conv2d: 8, kernel: 3}\n  conv.weight: relu\n",
        "  conv: {conv2d: 8, kernel: 3}\n  conv.relu: relu\n",
    ),
    "NS315": Code(
        "a merge of one tensor",
        "An operation that joins tensors, such as 'add' or 'concat', names them: a list of names, or one name that is "
        "joined to the previous layer. With the previous layer alone it would change nothing, and a skip connection "
        "would be lost. A name with '*' and an expression may stand for a single layer.",
        "  conv: {conv2d: 3, kernel: 3, padding: same}\n  sum: add\n",
        "  conv: {conv2d: 3, kernel: 3, padding: same}\n  sum: {add: input}\n",
    ),
}
