"""NS84x, NS85x and NS89x: external networks, `netspec import`."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS840": Code(
        "a network that its framework cannot export",
        "The message has the framework's reason, shortened. PyTorch follows the forward pass once with example inputs; "
        "it stops where Python decides by the values of tensors. Other inputs or arguments may avoid that branch.",
    ),
    "NS841": Code(
        "an operation without an equivalent",
        "netspec has no such operation, and no formula or pattern says the same. --opaque imports the network with an "
        "operation that the spec declares: its shapes are known, and `netspec.register` can supply what it computes.",
    ),
    "NS842": Code(
        "an argument without an equivalent",
        "netspec has the operation, but not with these arguments. As for NS841, --opaque imports the network with an "
        "operation that the spec declares.",
    ),
    "NS843": Code(
        "an operation across the batch",
        "A spec describes one example. The network computes something from several examples, moves the batch to where "
        "it cannot be followed, or has a fixed number of examples in its file.",
    ),
    "NS844": Code(
        "a type of elements without an equivalent",
        "Types of elements are float32, float16, bfloat16, float64, int64, int32 and bool. Quantised, complex and "
        "8-bit tensors have no equivalent.",
    ),
    "NS845": Code(
        "a network that depends on its data",
        "The order of operations, or the number of axes of a tensor, depends on the values of inputs, as with loops "
        "and branches. A graph of netspec is the same for all inputs.",
    ),
    "NS846": Code(
        "a source that cannot be read",
        "The file is damaged, refers to values that it does not have, or exceeds the limits of the importer.",
    ),
    "NS847": Code(
        "a result of another shape",
        "The output shape of an operation in the spec differs from that in the source, so it was not read correctly. "
        "This is a bug of the importer: please report the network.",
    ),
    "NS848": Code(
        "a weight of another name or shape",
        "A tensor of the spec is not in the source, or has another shape there, so an operation was not read "
        "correctly. This is a bug of the importer: please report the network.",
    ),
    "NS849": Code(
        "outputs that differ",
        "The spec was built and run on the same inputs and weights as the source, and its outputs are not the same. "
        "Nothing is written. --no-proof skips the comparison.",
    ),
    "NS850": Code(
        "a source without a reader",
        "Sources are files with an extension that a reader knows, and `package.module:callable` for the module that a "
        "call returns. Packages add readers by entry points of the group `netspec.readers`.",
    ),
    "NS875": Code(
        "a callable that cannot be called",
        "`package.module:callable` names something that Python can import. It is called with the arguments of --args "
        "and makes a PyTorch module. The current folder is searched, too. Its code is run.",
    ),
    "NS876": Code(
        "a callable that does not return a PyTorch module",
        "What `package.module:callable` names must be a class of modules, or a function that returns a module.",
    ),
    "NS877": Code(
        "a PyTorch module without example inputs",
        "The module is run once with example inputs. --input gives their shapes, without the batch. Only modules that "
        "declare their inputs, as those of timm do, need none.",
    ),
    "NS878": Code(
        "an archive of PyTorch that cannot be read",
        "A .pt2 file is what torch.export.save writes. PyTorch must not be older than the version that wrote it. "
        "Archives with pickled objects, compiled code, or operations other than PyTorch's own are refused, since "
        "loading them could run code from the file.",
    ),
    "NS879": Code(
        "inputs that the source rejects",
        "The source does not accept inputs of these numbers, names, shapes or types; the forward method of a PyTorch "
        "module fails for them. Shapes are given without the batch, which is added as the first axis.",
    ),
    "NS890": Code(
        "a configuration that cannot be read",
        "`netspec import` reads the configurations of other programs: config.json of Hugging Face's transformers, the "
        "YAML files of Ultralytics, Darknet's .cfg. They have at most 2 MB and 30 levels. Nothing in them is run.",
    ),
    "NS891": Code(
        "a configuration of an unknown kind",
        "A configuration has the sizes of a network; its layers are in the program that reads it. netspec knows the "
        "kinds that the message lists.",
    ),
    "NS892": Code(
        "a field of a configuration that the spec cannot follow",
        "The field changes the parameters or the layers, and the spec has no form for its value. Fields that change "
        "values alone are a note.",
    ),
    "NS893": Code(
        "a field of a configuration with an invalid value",
        "The value is of another type than the program expects: a text in place of a number.",
    ),
    "NS894": Code(
        "a configuration of an invalid network",
        "The configuration can be read, but the network that it describes is invalid: heads that do not divide the "
        "width, sizes that do not fit.",
    ),
    "NS895": Code(
        "an option without a meaning for a configuration",
        "A configuration has neither weights nor code, and its layers have their blocks already.",
    ),
}
