"""Elaborates a document with the values of its parameters to the graph of a network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import limits
from ...diagnostics import Diagnostic, FindHelp, LocatedError, clip
from ...ir import Graph
from ...ops.argument import as_list
from ...shapes.sizes import Size
from ...shapes.types import TensorType, input_type, shape_text
from ..reading.activations import activation_text
from ..reading.document import Document, InputDeclaration
from ..reading.evaluation import Charge, FailedInputError, ParameterEnvironment, charge_nothing
from ..reading.expression_functions import describe_value
from ..reading.layers import Layers
from ..reading.written_values import WrittenValue
from .budget import Budget, LimitError, SearchEndError
from .inference import check_tensor
from .names import FAILED, Entry, LexicalScope, check_present
from .scopes import Elaborator
from .unused_layers import report_unused

if TYPE_CHECKING:
    from ...shapes.named_sizes import NamedSizes
    from .repairs import Repairs


NO_DIMS: Mapping[str, Size] = {}


class Elaboration(NamedTuple):
    """The result of an elaboration."""

    graph: Graph | None
    """The network; None if there is any error."""
    diagnostics: tuple[Diagnostic, ...]
    """Errors, then warnings."""
    hidden: int
    """Number of diagnostics beyond the limit."""


def elaborate(
    document: Document,
    parameters: Mapping[str, Any],
    *,
    variant: str | None = None,
    files: tuple[str, ...] = (),
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    sizes: Mapping[str, int] | None = None,
    named: NamedSizes | None = None,
    budget: Budget | None = None,
    complete: bool = True,
    repairs: Repairs | None = None,
) -> Elaboration:
    """Elaborates a document in one pass: blocks, repeats, tables, references, and shapes as they become known.

    Args:
        document: the document.
        parameters: values of all its parameters.
        variant: name of the variant with these values.
        files: the files that locations refer to; the first is the spec.
        shapes: shapes of inputs by name, instead of those in the document.
        sizes: numbers for named dimensions of the document.
        named: the named dimensions that ``shapes`` refer to; by default, those of the document without ``sizes``.
        budget: charged with the work; by default, a new one.
        complete: whether the document was read without problems; otherwise, layers are missing from it.
        repairs: replaces layers that could not be read by their translations, to verify suggestions.
    """
    elaborator = Elaborator(document, dict(parameters), budget if budget is not None else Budget(), repairs, named)
    scope = LexicalScope(elaborator.tree.root, None, dict(parameters), {}, document)
    problems = elaborator.problems
    outputs: dict[str, int] = {}
    try:
        elaborator.budget.begin_network(len(document.params) + len(document.inputs), document.location)
        if not complete:
            elaborator.budget.end_soon()
        _begin(elaborator, scope, shapes or {}, sizes or {})
        if document.layers is not None:
            outputs = _elaborate_layers(elaborator, scope)
            _check_whole(elaborator, scope, outputs, complete=complete)
    except LimitError as limit:
        problems.add(limit.error, None, document.location)
    except (SearchEndError, FailedInputError):
        return Elaboration(None, tuple(problems.diagnostics), problems.hidden)
    finally:
        # Scopes refer to each other in cycles, which the command line does not garbage-collect.
        scope.names.clear()
        elaborator.blocks.release()
        elaborator.nodes.release()
    if elaborator.named is not None:
        elaborator.named.is_open = False
    graph: Graph | None = None
    if document.layers is not None and not problems.diagnostics:
        graph = _graph(elaborator, scope, outputs, variant, files, dict(sizes or {}))
    return Elaboration(graph, (*problems.diagnostics, *problems.warnings), problems.hidden)


def _begin(
    elaborator: Elaborator, scope: LexicalScope, shapes: Mapping[str, tuple[int, ...]], sizes: Mapping[str, int]
) -> None:
    """Reads named dimensions and the type of the network, and adds its inputs; reports problems."""
    document, parameters = scope.document, scope.parameters
    dim_sizes: Mapping[str, Size] | None = NO_DIMS
    if document.dims != ():
        from .named_dimensions import dimension_sizes  # loaded only for a document that names dimensions

        dim_sizes = dimension_sizes(elaborator, document, parameters, sizes)
    if document.dtype is not None:
        _set_type(elaborator, document.dtype, parameters)
    _add_inputs(elaborator, scope, shapes, dim_sizes)
    if elaborator.named is not None:
        from .named_dimensions import report_unused_dimensions

        report_unused_dimensions(elaborator, document, shapes_given=bool(shapes))


def _check_whole(elaborator: Elaborator, scope: LexicalScope, outputs: dict[str, int], *, complete: bool) -> None:
    """Reports problems that require all layers."""
    problems = elaborator.problems
    if elaborator.named is not None:
        elaborator.named.is_open = False  # warnings add no conditions
    _warn(elaborator, scope)
    if elaborator.tree.dotted:
        from .collisions import report_collisions  # loaded only for names with a dot

        report_collisions(elaborator.tree.dotted, elaborator.graph, problems)
    if complete and (empty := _empty_network(elaborator, scope.document, outputs)) is not None:
        problems.add(empty, None, scope.document.location)


def _graph(
    elaborator: Elaborator,
    scope: LexicalScope,
    outputs: dict[str, int],
    variant: str | None,
    files: tuple[str, ...],
    sizes: dict[str, int],
) -> Graph:
    """Returns the graph of a network without problems."""
    document, named = scope.document, elaborator.named
    if not elaborator.graph.is_in_order:
        from .region_frames import renumber  # loaded only for layers along an axis, by choice, or with stacked weights

        outputs = renumber(elaborator.graph, elaborator.tree, outputs)
    scopes = elaborator.tree.freeze()
    nodes = elaborator.graph.freeze(scopes, outputs.values())
    return Graph(
        document.name,
        variant,
        scopes[0].inputs,
        outputs,
        nodes,
        tuple(elaborator.graph.types),
        scopes[0],
        files,
        dict(scope.parameters),
        document.layout,
        document.doc,
        document.cite,
        document.requires,
        tuple(elaborator.problems.warnings),
        named.dims if named is not None else {},
        tuple(named.conditions) if named is not None else (),
        sizes,
        elaborator.sharing.weight_type,
    )


def _set_type(elaborator: Elaborator, dtype: WrittenValue, parameters: Mapping[str, Any]) -> None:
    """Sets the floating-point type of the network; reports a problem with it."""
    from ..reading.element_types import document_type  # few specs give one

    with elaborator.problems.reported(None, dtype.location):
        elaborator.sharing.weight_type = document_type(dtype, parameters)


LINEAR = {"dense", "conv1d", "conv2d", "conv3d"}
"""Operations of which two in a row, without an activation between them, are one linear map."""


def _warn(elaborator: Elaborator, scope: LexicalScope) -> None:
    """Warns of valid but probably unintended parts."""
    types = elaborator.graph.types
    if not scope.document.has_layout and any(types[v].shape[-1] in (1, 3, 4) for v in scope.draft.inputs.values()):
        from .input_layout import warn_of_input_layout  # loaded only for an input that may end in its channels

        warn_of_input_layout(scope.document, elaborator.graph, scope.draft.inputs, elaborator.problems)
    document = scope.document
    if any(map(_has_linear_pair, (document.layers, *(block.layers for block in document.blocks.values())))):
        from .sibling_layers import warn_of_sibling_layers  # loaded only where layers may belong side by side

        warn_of_sibling_layers(document, LINEAR, elaborator.problems)


def _has_linear_pair(layers: Layers | None) -> bool:
    """Whether a linear layer without ``from`` follows another one, and no activation but a softmax is between them."""
    items = layers.items if layers is not None else ()
    return any(
        b.source is None and {a.head_text, b.head_text} <= LINEAR and activation_text(a.activation) in (None, "softmax")
        for a, b in pairwise(items)
    ) or any(_has_linear_pair(layer.inner) for layer in items)


def _add_inputs(
    elaborator: Elaborator,
    scope: LexicalScope,
    shapes: Mapping[str, tuple[int, ...]],
    dims: Mapping[str, Size] | None,
) -> None:
    """Adds the inputs of the network, with the sizes of named dimensions; reports problems with them."""
    document = scope.document
    for declaration in document.inputs:
        scope.inputs[declaration.name] = FAILED
        if declaration.shape is None:
            continue
        with elaborator.problems.reported(None, declaration.location):
            shape = shapes.get(declaration.name) or input_shape(
                declaration, scope.parameters, elaborator.budget.charge_expression, dims
            )
            channels_last = document.layout == "channels_last"
            type = declared_type(declaration, shape, channels_last, elaborator.sharing.weight_type)
            value = elaborator.graph.add_input(type)
            scope.inputs[declaration.name] = Entry(declaration.name, value)
    if not document.inputs:  # the problem with them has been reported
        scope.inputs["input"] = FAILED
    scope.draft.inputs = {name: entry.value for name, entry in scope.inputs.items() if entry.value is not None}


def _elaborate_layers(elaborator: Elaborator, scope: LexicalScope) -> dict[str, int]:
    """Elaborates all layers; returns the values of the network's outputs by public name."""
    document, problems = scope.document, elaborator.problems
    assert document.layers is not None
    first = next(iter(scope.inputs.values())) if len(scope.inputs) == 1 else None
    last = elaborator.layers(document.layers, scope, {}, first)
    outputs: dict[str, int] = {}
    with problems.reported(None, document.location):
        for name, entry in _outputs(elaborator, scope, last):
            if name in outputs:
                raise LocatedError("NS303", f"there are two outputs named '{clip(name)}'", document.location)
            if entry.value is not None:
                outputs[name] = entry.value
    outputs = _apart_from_inputs(outputs, scope.draft.inputs)
    scope.draft.outputs = tuple(outputs.items())
    if outputs:
        report_unused(elaborator.graph, tuple(outputs.values()), document, scope.draft.inputs, problems)
    return outputs


def _apart_from_inputs(outputs: Mapping[str, int], inputs: Mapping[str, int]) -> dict[str, int]:
    """Renames outputs whose public name is that of an input with another value: ``image_output`` beside ``image``.

    An ONNX graph has one value for each name, and every backend gives an output the same name.
    """
    names: dict[str, int] = {}
    for name, value in outputs.items():
        free, number = name, 1
        while inputs.get(free, value) != value or (free != name and free in {**inputs, **outputs, **names}):
            free = f"{name}_output" if number == 1 else f"{name}_output{number}"
            number += 1
        names[free] = value
    return names


def _empty_network(elaborator: Elaborator, document: Document, outputs: Mapping[str, int]) -> LocatedError | None:
    """Returns the problem of a network that computes nothing, if there is no other problem."""
    assert document.layers is not None
    if elaborator.problems.diagnostics:
        return None
    left_out = ", but 'when' leaves out all of them"
    if not elaborator.graph.nodes:
        message = "a network needs at least one layer" + (left_out if document.layers.items else "")
        return LocatedError("NS308", message, document.layers.location)
    if not outputs:
        message = "a network needs at least one output" + (left_out if document.outputs else "")
        help_ = "without 'outputs', the last layer is the output" if not document.outputs else None
        return LocatedError("NS313", message, document.location, help=help_)
    return None


def _outputs(elaborator: Elaborator, scope: LexicalScope, last: Entry | None) -> list[tuple[str, Entry]]:
    """Returns the outputs with their public names: those of the document, or else the last layer."""
    declarations = scope.document.outputs
    if declarations is not None:
        return [(name or e.full_name, e) for name, e in elaborator.blocks.outputs(declarations, scope, {})]
    if last is None or not last.full_name:
        return []
    layers = scope.document.layers
    check_present([last], layers.items[-1].location if layers is not None and layers.items else 0)
    return [(last.full_name.rsplit(".", 1)[-1], last)]


def declared_type(
    declaration: InputDeclaration, shape: tuple[int, ...], channels_last: bool, floating: str = "float32"
) -> TensorType:
    """Returns the type of an input of that shape, in a spec with that floating-point type.

    Raises LocatedError NS546 if it has another number of names than axes.
    """
    dtype = declaration.dtype or floating
    if declaration.axes is None:
        return input_type(shape, dtype, channels_last)
    if len(declaration.axes) != len(shape):
        words = f"'axes' of '{declaration.name}' has one name for each axis of {shape_text(shape)}, {len(shape)}"
        raise LocatedError("NS546", f"{words}; found {len(declaration.axes)}", declaration.location)
    return TensorType(shape, dtype, tuple([name or "" for name in declaration.axes]))


def input_shape(
    declaration: InputDeclaration,
    parameters: Mapping[str, Any],
    charge: Charge = charge_nothing,
    dims: Mapping[str, Size] | None = NO_DIMS,
) -> tuple[Size, ...]:
    """Returns the shape of an input for these values of the parameters, with the sizes of named dimensions.

    Raises:
        LocatedError: NS222, it is not a list of positive integers; NS223, a size is an unknown name; NS915, it is too
            large.
        FailedInputError: there is a problem with the named dimensions, which has been reported.
    """
    assert declaration.shape is not None
    sizes = declaration.shape.evaluate(ParameterEnvironment(parameters, charge))
    location = declaration.shape.location
    if type(sizes) is not list:
        message = f"the shape of '{declaration.name}' must be a list of sizes; found {describe_value(sizes)}"
        raise LocatedError("NS222", message, location)
    values = as_list(sizes)
    shape = tuple(
        [
            _input_size(size, declaration, location, dims, partial(_size_help, values, size, parameters, dims))
            for size in values
        ]
    )
    if not shape:
        raise LocatedError(
            "NS222",
            f"the shape of '{declaration.name}' must have at least one size",
            location,
            help="write [1] for a single number",
        )
    check_tensor(f"'{declaration.name}' is a tensor", shape, location)
    return shape


def _input_size(
    size: Any, declaration: InputDeclaration, location: int, dims: Mapping[str, Size] | None, help: FindHelp
) -> Size:
    if type(size) is float and size.is_integer():
        size = int(size)
    if isinstance(size, str) and size.isidentifier():
        if dims is None:
            raise FailedInputError
        if size not in dims:
            raise LocatedError("NS223", f"'{clip(size)}' is not a named dimension", location, help=help)
        return dims[size]
    if type(size) is not int or size < 1:
        message = f"a size of '{declaration.name}' must be a positive integer; found {describe_value(size)}"
        raise LocatedError("NS222", message, location, help=help)
    if size >= limits.SIZE:
        raise LocatedError("NS915", f"a size of '{declaration.name}' is {size:,}: sizes stay below 2^40", location)
    return size


def _size_help(
    sizes: list[Any], size: Any, parameters: Mapping[str, Any], dims: Mapping[str, Size] | None
) -> str | None:
    from ...words.help_texts import size_help  # loaded only where something is wrong

    return size_help(sizes, size, parameters, dims or {})
