"""Writes a network with a plan: its classes and ``parallelize``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netspec.analysis.block_chain import BlockChain, block_chain
from netspec.analysis.tensor_split import TensorSplit, tensor_split
from netspec.backend import Plan
from netspec.blocks import walk
from netspec.ir import Graph, Scope

from ..classes.decide_arguments import Class
from ..library import names_used, needed_pieces, needs
from ..python.file import WrittenClass, WrittenNetwork, docstring, header, imports, written_network
from ..syntax.expression_trees import Expression, Literal, Name
from ..syntax.lines import function_lines, statement_lines
from ..syntax.parser import parse_expression
from ..syntax.statements import Assign, Function, Parameter, Return, Statement
from .division import Division, Documented, block_list, division_functions
from .heads import with_head_attributes, without_in_place
from .loss import loss_parallel
from .opened_forward import opened_forward
from .pieces import pieces, used_pieces
from .stage import block_names, boundaries, stage_class

IMPORTS = {
    "DeviceMesh": "torch.distributed.device_mesh",
    "init_device_mesh": "torch.distributed.device_mesh",
    "fully_shard": "torch.distributed.fsdp",
    "DTensor": "torch.distributed.tensor",
    "Partial": "torch.distributed.tensor",
    "Replicate": "torch.distributed.tensor",
    "Shard": "torch.distributed.tensor",
    "distribute_tensor": "torch.distributed.tensor",
    "ColwiseParallel": "torch.distributed.tensor.parallel",
    "ParallelStyle": "torch.distributed.tensor.parallel",
    "PrepareModuleInput": "torch.distributed.tensor.parallel",
    "PrepareModuleOutput": "torch.distributed.tensor.parallel",
    "RowwiseParallel": "torch.distributed.tensor.parallel",
    "SequenceParallel": "torch.distributed.tensor.parallel",
    "parallelize_module": "torch.distributed.tensor.parallel",
    "DistributedDataParallel": "torch.nn.parallel",
    "checkpoint": "torch.utils.checkpoint",
}
"""Names that a file with a plan imports, and their modules."""
DEFINED = ("blocks", "create", "device_mesh", "divide", "divide_ends", "parallelize", "MESH", "BLOCKS", "STAGES")
RESERVED = frozenset({*IMPORTS, *DEFINED, *pieces(), "Stage"})
"""Names that are not available for classes of the network."""


class PlannedText:
    """Writes the file of a network with a plan, which must fit the network.

    Args:
        graph: the network.
        plan: the plan.
    """

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self.graph, self.plan = graph, plan
        fixed = graph.at_default
        self.chain: BlockChain = block_chain(fixed)
        self.split: TensorSplit = tensor_split(fixed, self.chain)
        self.network: WrittenNetwork = written_network(graph, RESERVED)
        self.classes: dict[Class, WrittenClass] = dict(self.network.classes)
        self.heads: dict[str, Sequence[str]] = {}
        if plan.tensor > 1:
            self.classes = {cls: without_in_place(written) for cls, written in self.classes.items()}
        if plan.tensor > 1 and self.split.attention:
            for cls, written in self.classes.items():
                self.classes[cls], names = with_head_attributes(written)
                if names:
                    self.heads[written.name] = names

    @property
    def root(self) -> str:
        """Name of the class of the network."""
        return self.network.root.name

    def text(self) -> str:
        """The text of the file."""
        written = list(self.classes.values())
        constants: list[Statement] = [Assign((Name("MESH"),), _literal_dict(self.plan.mesh))]
        functions = [self.mesh_function(), self.blocks_function(), *division_functions(self.division())]
        if self.plan.pipeline > 1:
            forward = opened_forward(self.network, [scope.name for scope in self.chain.blocks])
            written.append(
                stage_class("Stage", self.root, self.chain, forward, {p.name for p in self.graph.parameters})
            )
            constants.append(Assign((Name("BLOCKS"),), block_names(self.chain)))
            constants.append(Assign((Name("STAGES"),), Literal(boundaries(self.plan.stages))))
        words = {name for cls in written for name in cls.names()}
        words |= {part for function, _ in functions for part in _names(function)}
        used = used_pieces(words)
        library = needed_pieces(words.union(*map(names_used, used.values())))
        words = words.union(*map(needs, library), *(_words(text) for text in (*library.values(), *used.values())))
        parts = [
            f"{header()}\n\n{planned_imports(words, self.network.modules)}\n\n"
            + "\n".join(line for statement in constants for line in statement_lines(statement, 0)),
            *library.values(),
            *used.values(),
            *("\n".join(cls.lines()) for cls in written),
            *("\n".join(_documented(function, doc)) for function, doc in functions),
        ]
        return "\n\n\n".join(parts) + "\n"

    def mesh_function(self) -> Documented:
        """Returns the function ``device_mesh``."""
        body = Return(parse_expression("init_device_mesh(device_type, (*MESH.values(),), mesh_dim_names=(*MESH,))"))
        parameters = (Parameter("device_type", Name("str"), "cuda"),)
        function = Function("device_mesh", parameters, Name("DeviceMesh"), (body,))
        return Documented(function, "The devices, one for each process.")

    def blocks_function(self) -> Documented:
        """Returns the function ``blocks``."""
        body = Return(block_list(self.chain, containers(self.graph, self.chain)))
        function = Function("blocks", (Parameter("model", Name("nn.Module")),), Name("list[nn.Module]"), (body,))
        return Documented(function, "The blocks of the network, in the order in which they run.")

    def division(self) -> Division:
        """Collects the input for the functions that divide the network."""
        return Division(
            self.plan,
            self.chain,
            self.split,
            self.heads,
            self.block_classes(),
            containers(self.graph, self.chain) is not None,
            1 + len(self.chain.further),
            self.model,
            loss_parallel(self.graph, self.plan, self.split),
        )

    def block_classes(self) -> list[str]:
        """Returns the names of the blocks' classes; empty if other modules have these classes, too."""
        kinds = {scope.block for scope in self.chain.blocks}
        uses: set[int] = set()
        for node in self.graph.at_default.nodes:
            scope: Scope | None = node.scope
            while scope is not None:
                uses |= {id(scope)} if scope.block in kinds else set()
                scope = scope.parent
        if len(uses) > len(self.chain.blocks):
            return []
        return [written.name for cls, written in self.classes.items() if cls.content.block in kinds]

    @property
    def model(self) -> str:
        """Name of the class that is divided."""
        return "Stage" if self.plan.pipeline > 1 else self.root


def _documented(function: Function, doc: str) -> list[str]:
    lines = function_lines(function, 0)
    head = next(
        n for n, line in enumerate(lines) if (line.endswith(":") and not line.startswith(" ")) or line.startswith(")")
    )
    return [*lines[: head + 1], *docstring(doc, 4), *lines[head + 1 :]]


def _literal_dict(values: dict[str, int]) -> Expression:
    inner = ", ".join(f'"{name}": {size}' for name, size in values.items())
    return parse_expression(f"{{{inner}}}")


def _words(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.\"])[^\W\d]\w*", text))


def _names(function: Function) -> set[str]:
    return {part for tree in walk(function) if isinstance(tree, Name) for part in _words(tree.id)}


def planned_imports(words: set[str], modules: Sequence[str]) -> str:
    """The imports of a file with a plan."""
    *standard, framework = imports(words, modules).split("\n\n")
    lines = framework.split("\n")
    groups: dict[str, list[str]] = {}
    for name, module in IMPORTS.items():
        if name in words:
            groups.setdefault(module, []).append(name)
    for module, names in groups.items():
        line = f"from {module} import {', '.join(sorted(names))}"
        if len(line) > 88:
            line = "\n".join([f"from {module} import (", *(f"    {name}," for name in sorted(names)), ")"])
        lines.append(line)
    plain = [line for line in lines if line.startswith("import ")]
    named = sorted((line for line in lines if line.startswith("from ")), key=lambda line: line.split(" ")[1])
    return "\n\n".join([*standard, "\n".join([*plain, *named])])


def containers(graph: Graph, chain: BlockChain) -> list[str] | None:
    """Returns the modules whose children are the blocks; None if they also contain other layers."""
    names = [scope.name for scope in chain.blocks]
    owners = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    layers = [layer.name for layer in graph.layers]
    for owner in owners:
        inner = {name[len(owner) + 1 :].partition(".")[0] for name in layers if name.startswith(f"{owner}.")}
        if not owner or {f"{owner}.{name}" for name in inner} - set(names):
            return None
    in_order = [name for owner in owners for name in names if name.rpartition(".")[0] == owner]
    return owners if in_order == names else None
