"""NS3xx: names and their meanings."""

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
        "a block that uses itself endlessly",
        "A block may use itself, directly or through others, if 'when' omits the use at some depth: an omitted block "
        "is not expanded. Blocks are nested at most 64 levels deep. Use 'repeat' for a chain of copies.",
        "input: [3, 32, 32]\nblocks: {A: {layers: [relu, A]}}\nlayers: [A]\n",
        "input: [3, 32, 32]\nblocks: {A: {params: {n: int}, layers: [relu, {A: $(n - 1), when: $(n > 1)}]}}\n"
        "layers: [{A: 3}]\n",
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
        "from the outputs. A layer after a 'parameter', a 'buffer' or a block without inputs does not read it by "
        "default: name it in 'from'.",
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
        "A network must have at least one output: the last layer, or what 'outputs' names. 'when' must not omit all of "
        "them.",
        "input: [3, 32, 32]\nlayers: [relu]\noutputs: {}\n",
        "input: [3, 32, 32]\nlayers: [relu]\n",
    ),
    "NS314": Code(
        "a layer named like a weight",
        "Layers and weights share one namespace, that of the state dict: a layer cannot have the name of a weight, a "
        "part or an output of another layer, or a name inside a parameter. A separate parameter may be named like "
        "a weight that the layer does not have, such as 'fc.bias' where 'fc' has 'bias: false'.",
        "  conv: {conv2d: 8, kernel: 3}\n  conv.weight: relu\n",
        "  conv: {conv2d: 8, kernel: 3}\n  conv.relu: relu\n",
    ),
    "NS315": Code(
        "a merge of one tensor",
        "An operation that joins tensors, such as 'add' or 'concat', names them: a list of names, or one name that is "
        "joined to the previous layer. With the previous layer alone it would change nothing, and a skip connection "
        "would be lost. A name with '*' and an expression may stand for a single layer. A single name that is the "
        "previous layer's would join that layer with itself.",
        "  conv: {conv2d: 3, kernel: 3, padding: same}\n  sum: add\n",
        "  conv: {conv2d: 3, kernel: 3, padding: same}\n  sum: {add: input}\n",
    ),
    "NS316": Code(
        "no weight of that name",
        "'weights' and 'freeze' name weights as PyTorch does: 'weight', 'bias'. `netspec ops` lists those of each "
        "operation. A weight that an argument omits, such as 'bias: false', does not exist.",
        "  conv: {conv2d: 3, kernel: 3, freeze: gain}\n",
        "  conv: {conv2d: 3, kernel: 3, freeze: weight}\n",
    ),
    "NS317": Code(
        "initial values of a weight that is given",
        "A weight under 'weights' that names a layer is not stored, so 'init' does not apply to it. A layer in place "
        "({…} or […]) receives the stored weight, which 'init' initialises.",
        "  table: {parameter: [3, 3, 1, 1]}\n"
        "  conv: {conv2d: 3, kernel: 1, from: input, init: zeros, weights: {weight: table}}\n",
        "  table: {parameter: [3, 3, 1, 1], init: zeros}\n"
        "  conv: {conv2d: 3, kernel: 1, from: input, weights: {weight: table}}\n",
    ),
    "NS318": Code(
        "a layer that cannot be unused",
        "'unused: true' keeps the weights of a parameter, buffer or embedding that nothing reads, so that files of "
        "weights fit. Any other layer without a reader is most often a mistake.",
        "  a: {conv2d: 3, kernel: 3, unused: true}\n  b: {relu, from: input}\n",
        "  a: {parameter: [3], unused: true}\n  b: {relu, from: input}\n",
    ),
    "NS319": Code(
        "copies in place of a weight",
        "A layer in place of a weight is one operation or block. A list of layers may have copies.",
        "  conv: {conv2d: 3, kernel: 3, weights: {weight: {tanh, repeat: 2}}}\n",
        "  conv: {conv2d: 3, kernel: 3, weights: {weight: [{tanh, repeat: 2}]}}\n",
    ),
    "NS320": Code(
        "one name for several tensors",
        "An input 'kids.*' of a block stands for any number of tensors, and parallel copies are several layers. Their "
        "name alone refers to none of them: 'name.0' is the first, 'name.*' is all of them in order.",
        "inputs: {a: [3], b: [3]}\nblocks: {Sum: {inputs: [kids.*], layers: {s: {add: kids}}}}\n"
        "layers:\n  s: {Sum, from: [a, b]}\n",
        "inputs: {a: [3], b: [3]}\nblocks: {Sum: {inputs: [kids.*], layers: {s: {add: kids.*}}}}\n"
        "layers:\n  s: {Sum, from: [a, b]}\n",
    ),
    "NS321": Code(
        "inputs by name",
        "'from: {memory: b}' gives the input 'memory' of a block. If the first input is omitted, it is the previous "
        "layer; no other input may be omitted. The inputs of operations have no names.",
        "inputs: {a: [3], b: [3]}\nblocks: {Sum: {inputs: [x, y], layers: {s: {add: [x, y]}}}}\n"
        "layers:\n  s: {Sum, from: {x: a, z: b}}\n",
        "inputs: {a: [3], b: [3]}\nblocks: {Sum: {inputs: [x, y], layers: {s: {add: [x, y]}}}}\n"
        "layers:\n  s: {Sum, from: {x: a, y: b}}\n",
    ),
    "NS322": Code(
        "one name for two weights",
        "'map' runs a layer once for each tensor with the same weights: weights with the same name in all runs are one "
        "weight, with one shape. A name that contains 'index', or a parameter that depends on it, gives each tensor "
        "its own.",
        "inputs: {a: [3, 8, 8], b: [4, 8, 8]}\nlayers:\n  m: {conv2d: 4, kernel: 1, map: [a, b]}\noutputs: m.*\n",
        "inputs: {a: [3, 8, 8], b: [4, 8, 8]}\nlayers:\n"
        "  m: {layers: {c$(index): {conv2d: 4, kernel: 1}}, map: [a, b]}\noutputs: m.*\n",
    ),
    "NS323": Code(
        "what copies pass on",
        "'carry' lists the inputs of a block that a copy receives from the outputs of the same names of the previous "
        "copy; 'true' means all. Without it, the first input is the first output of the previous copy. A chain of "
        "blocks with several inputs and several outputs must have 'carry'.",
        "inputs: {a: [3], b: [3]}\nblocks:\n"
        "  Swap: {inputs: [x, y], layers: {u: {add: [x, y]}, v: relu}, outputs: {x: v, y: u}}\n"
        "layers:\n  s: {Swap, from: [a, b], repeat: 2}\n",
        "inputs: {a: [3], b: [3]}\nblocks:\n"
        "  Swap: {inputs: [x, y], layers: {u: {add: [x, y]}, v: relu}, outputs: {x: v, y: u}}\n"
        "layers:\n  s: {Swap, from: [a, b], repeat: 2, carry: true}\n",
    ),
}
