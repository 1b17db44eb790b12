"""NS3xx: names and what they stand for."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS301": Code(
        "no such layer",
        "A name finds an earlier layer of the same scope, an input of it, or, in a block written in place, the "
        "scopes around it. Layers within other layers are reached with dots: encoder.stage2.",
        "  conv1: {conv2d: 3, kernel: 3}\n  add: {add: [conv1, conv]}\n",
        "  conv1: {conv2d: 3, kernel: 3}\n  add: {add: [conv1, conv1]}\n",
    ),
    "NS302": Code(
        "a layer further down",
        "A layer reads only what stands before it: the order in a spec is the order of the computation, and there "
        "are no circles.",
        "  sum: {add: [input, side]}\n  side: {relu, from: input}\n",
        "  side: {relu, from: input}\n  sum: {add: [input, side]}\n",
    ),
    "NS303": Code(
        "one name for two layers",
        "A full dotted name is a layer's name in the report, the state dict and the ONNX graph: there cannot be "
        "two. Expressions in names, or dots, can make one that there is already.",
        "  a$(1): relu\n  a1: relu\n",
        "  a$(1): relu\n  a2: relu\n",
    ),
    "NS304": Code(
        "a layer that is left out",
        "Where 'when' leaves a layer out its name stands for its first input. A parameter or buffer has no input, "
        "so nothing is left that could be read.",
        "  token: {parameter: [3, 1, 1], when: false}\n  sum: {add: [input, token]}\n",
        "  token: {parameter: [3, 1, 1], when: false}\n  sum: {add: [input, token], when: false}\n  out: relu\n",
    ),
    "NS305": Code(
        "too many or too few inputs",
        "An operation or block takes a certain number of inputs. 'from' names them; without it a layer reads the "
        "one before it, and the first layer of a scope with several inputs has none before it.",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: relu\n  y: {add: [a, b]}\n",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: {relu, from: a}\n  y: {add: [x, b]}\n",
    ),
    "NS307": Code(
        "a block within itself",
        "A block may use other blocks, but not itself, directly or through others: it would never end. 'repeat' "
        "makes a chain of copies.",
        "input: [3, 32, 32]\nblocks: {A: {layers: [relu, A]}}\nlayers: [A]\n",
        "input: [3, 32, 32]\nblocks: {A: {layers: [relu]}}\nlayers: [{A, repeat: 2}]\n",
    ),
    "NS308": Code(
        "no layers",
        "A network, and every block, needs at least one layer that gives something.",
        "input: [3, 32, 32]\nlayers: {}\n",
        "input: [3, 32, 32]\nlayers: [identity]\n",
    ),
    "NS309": Code(
        "nothing to share",
        "A layer with 'share' takes the weights of another that have the same name and the same shape as its own. "
        "Here there is none.",
        "  a: {conv2d: 3, kernel: 3, bias: false}\n  b: {conv2d: 3, kernel: 5, bias: false, share: a}\n",
        "  a: {conv2d: 3, kernel: 3, bias: false}\n  b: {conv2d: 3, kernel: 3, bias: false, share: a}\n",
    ),
    "NS310": Code(
        "a result that is forgotten",
        "The result of the layer reaches no output of the network. Something was meant to read it: most often a "
        "merge, or an output.",
        "  a: {conv2d: 3, kernel: 3, padding: 1}\n  b: {relu, from: input}\n",
        "  a: {conv2d: 3, kernel: 3, padding: 1}\n  b: {relu, from: input}\n  sum: {add: [a, b]}\n",
    ),
    "NS311": Code(
        "an input that is not read",
        "No layer reads the input.",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: {relu, from: a}\n",
        "inputs: {a: [3], b: [3]}\nlayers:\n  x: {add: [a, b]}\n",
    ),
    "NS312": Code(
        "files that use each other in a circle",
        "A file under 'use' uses, directly or through others, the file that uses it. Blocks that both need go into "
        "a third.",
    ),
}
