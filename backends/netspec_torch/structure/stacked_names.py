"""Names that layers of stacked copies cannot have."""

from __future__ import annotations

from netspec.backend import BackendError
from netspec.ir import Graph
from netspec.ops.region import Region, Route

from ..syntax.literals import is_module_attribute


def check_stacked_names(graph: Graph) -> None:
    """Check the names of layers in stacked copies that positions choose.

    They run by ``torch.func.functional_call``, which looks up a layer by ``getattr`` and so finds a method of
    ``nn.Module`` in its place.

    Raises:
        netspec.backend.BackendError: NS717, a layer with weights has the name of an attribute of ``nn.Module``.
    """
    for node in graph.nodes:
        if not isinstance(node.op, Region):
            continue
        for body in node.op.bodies:
            assert isinstance(body, Graph)
            if isinstance(node.op, Route) and node.op.stacked:
                for parameter in body.parameters:
                    _check_path(node.layer, parameter.name.removeprefix(f"{node.layer}."))
            check_stacked_names(body)


def _check_path(layer: str, weight: str) -> None:
    *owners, _ = weight.split(".")
    for name in owners:
        if is_module_attribute(name):
            message = f"in PyTorch, no layer of the stacked copies '{layer}' can be named '{name}'"
            raise BackendError("NS717", message, "nn.Module has an attribute of that name: choose another one")
