"""Determines the inputs of layers (by ``from`` or by position), and whether ``when`` leaves them out."""

from __future__ import annotations

import re
from contextlib import suppress

from ...diagnostics import LocatedError, clip
from ...ops import TABLE, find
from ...ops.base import Op
from ...text.yaml_reader import Text
from ..reading.evaluation import NO_NAMES, FailedInputError
from ..reading.layers import Layer
from ..reading.references import STAR, References, is_true, read_references
from ..reading.written_values import WrittenValue
from .copies import Copy
from .names import FAILED, LEFT_OUT, Absent, Entry, LexicalScope, Several, StandIn, tensors
from .resolver import Names, Resolver


def merged_names(layer: Layer, *, is_first: bool) -> References | None:
    """Returns the names in the primary argument of a merge; None for other layers. Raises LocatedError.

    ``is_first`` is whether the arguments under ``first`` apply to this copy.
    """
    value = layer.primary
    if value is None:
        _, value = ((layer.first or {}) if is_first else {}).get("from") or layer.args.get("from") or (0, None)
    return read_references(value.node) if value is not None else None


def condition_parameter(layer: Layer, scope: LexicalScope) -> str:
    """Returns the first parameter in the condition of a layer, or an empty string."""
    node = layer.when.node if layer.when is not None else None
    words: list[str] = re.findall(r"[A-Za-z_]\w*", node.raw) if isinstance(node, Text) else []
    return next((word for word in words if word in scope.parameters), "")


class Wiring:
    """Determines the inputs of layers. ``previous`` is always the entry of the previous layer, if there is one."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def is_present(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> bool:
        """Whether ``when`` keeps the layer. Its first input is only resolved if the condition depends on it."""
        if layer.when is None:
            return True
        environment = self.resolver.environment(
            scope, copy.cells, lambda: self.first_input(layer, scope, copy, previous)
        )
        return is_true(layer.when, environment)

    def inputs(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> list[Entry]:
        """Returns the inputs that ``from`` names, else the previous layer, which may be absent.

        The first input of a further copy is the previous copy, unless ``carry`` specifies more.
        """
        if layer.carry is not None and copy.follows and previous is not None:
            carried = self._carried(layer, layer.carry, scope, copy, previous)
            if carried is not None:
                return carried
        if layer.source is None:
            return [previous] if previous is not None and not self._has_no_inputs(layer, scope) else []
        if layer.source.keys and self._is_formula(layer, scope, copy):
            return [previous] if previous is not None else []
        if layer.source.keys:
            entries = self._by_name(layer, layer.source, scope, copy, previous)
        else:
            entries = self.resolver.resolve(layer.source, scope, copy.cells)
        if copy.follows and previous is not None:
            if layer.carry is None and len(entries) > 1 and len(previous.outputs) > 1:
                self._check_carry(layer, scope, copy)
            return [previous, *entries[1:]]
        return entries

    def _check_carry(self, layer: Layer, scope: LexicalScope, copy: Copy) -> None:
        """Raises LocatedError NS323 for a chained block with several inputs and outputs, which requires ``carry``."""
        if layer.inner is None and self._operation(layer, scope, copy) is not None:
            return
        message = "a chain of blocks with several inputs and outputs must say what each copy has from the previous one"
        help = "`carry: true` for all inputs, a list of them, or `carry: false` for the first output alone"
        raise LocatedError("NS323", message, layer.head_location, help=help)

    def _carried(
        self, layer: Layer, carry: WrittenValue, scope: LexicalScope, copy: Copy, previous: Entry
    ) -> list[Entry] | None:
        """Returns the inputs of a further copy, some from outputs of the previous one; None for ``carry: false``.

        Raises:
            LocatedError: NS323, it has no such input, or the block no such output.
        """
        from ..reading.copy_keys import carried_names  # loaded only for a layer with 'carry'
        from .block_inputs import in_order, inputs_by_name, stems

        value = carry.evaluate(self.resolver.environment(scope, copy.cells))
        names, what = self._input_names(layer, layer.source, scope, copy)
        carried = carried_names(value, stems(names), what, carry.location)
        if not carried:
            return None
        if previous.has_failed:
            raise FailedInputError
        handed: dict[str, Entry] = {}
        for name in carried:
            output = previous.find([name]) if any(name == n for n, _ in previous.outputs) else None
            if output is None and not previous.outputs and len(carried) == 1:
                output = previous
            if output is None and f"{name}{STAR}" == names[-1]:
                output = _all_others(name, previous, carried)
            if output is None and previous.failed_outputs:
                raise FailedInputError
            if output is None:
                known = ", ".join(n for n, _ in previous.outputs) or "one without a name"
                message = f"{what} has no output '{clip(name)}' to pass to the next copy"
                raise LocatedError("NS323", message, carry.location, help=f"its outputs: {known}")
            handed[name] = output
        source = layer.source
        if source is None:
            entries = inputs_by_name(names, list(tensors(handed.values())), what, layer.location)
            return list(tensors(entries.values()))
        if source.keys:
            named_entries = [
                (key, entries) for key, entries in self._named_inputs(source, scope, copy) if key not in handed
            ]
            named_entries += [(key, list(tensors([entry]))) for key, entry in handed.items()]
            return in_order(names, source, named_entries, None, what)
        entries = inputs_by_name(names, self.resolver.resolve(source, scope, copy.cells), what, source.location)
        return list(tensors((entries | handed).values()))

    def _is_formula(self, layer: Layer, scope: LexicalScope, copy: Copy) -> bool:
        """Whether a layer is a formula, whose ``from`` names tensors and does not replace the previous layer."""
        operation = self._operation(layer, scope, copy)
        return operation is not None and operation.has_variables

    def _has_no_inputs(self, layer: Layer, scope: LexicalScope) -> bool:
        """Whether a layer is a block without inputs; False if its name is an expression."""
        if layer.inner is not None:
            return layer.inputs == ()
        if layer.head is None or not layer.head.constant:
            return False
        block = scope.document.blocks.get(layer.head.evaluate(NO_NAMES))
        return block is not None and not block.inputs

    def _by_name(
        self, layer: Layer, source: References, scope: LexicalScope, copy: Copy, previous: Entry | None
    ) -> list[Entry]:
        """Returns the inputs of a block that ``from`` gives by name. Raises LocatedError."""
        from .block_inputs import in_order  # loaded only for a spec that names inputs

        names, what = self._input_names(layer, source, scope, copy)
        if layer.states is not None:
            names = tuple([name for name in names if name not in layer.states.states])
        return in_order(names, source, self._named_inputs(source, scope, copy), previous, what)

    def _named_inputs(self, source: References, scope: LexicalScope, copy: Copy) -> list[tuple[str, list[Entry]]]:
        """Returns, for each reference of ``from``, the name of an input and its entries. Raises LocatedError."""
        named_entries: list[tuple[str, list[Entry]]] = []
        for key, reference in zip(source.keys, source.names, strict=True):
            references = self.resolver.names(
                References((reference,), True, source.location), scope, copy.cells, empty=True
            )
            named_entries.append((key, self.resolver.entries(references, scope)))
        return named_entries

    def _input_names(
        self, layer: Layer, source: References | None, scope: LexicalScope, copy: Copy
    ) -> tuple[tuple[str, ...], str]:
        """Returns the names of a block's inputs, and what to call it. Raises LocatedError NS321 for an operation."""
        if layer.inner is not None:
            return layer.inputs if layer.inputs is not None else ("input",), "a block in place"
        name = layer.head.evaluate(self.resolver.environment(scope, copy.cells)) if layer.head is not None else None
        block = scope.document.blocks.get(name) if isinstance(name, str) else None
        if block is None:
            if not scope.document.blocks.is_complete:
                raise FailedInputError
            message = f"'{layer.head_text}' is not a block: its inputs have no names"
            location = source.location if source is not None and source.keys else layer.head_location
            help = "write a list of them" if source is not None and source.keys else None
            raise LocatedError("NS321", message, location, help=help)
        return block.inputs, f"the block '{block.name}'"

    def stand_in(
        self, layer: Layer, name: str, scope: LexicalScope, copy: Copy, previous: Entry | None, omission: str = LEFT_OUT
    ) -> Entry:
        """Returns the entry of an omitted layer, which is its first input if there is one.

        A problem with that input is reported where the name is read.
        """
        try:
            first = self.first_input(layer, scope, copy, previous)
        except LocatedError as error:
            return Absent(name, omission, error)
        except FailedInputError:
            return FAILED
        if first is None:
            return Absent(name, omission)
        if isinstance(first, Several):
            return Absent(name, omission, first.error())
        if isinstance(first, Absent):
            reason = f"its first input '{clip(first.name)}' {first.omission}, too"
            return Absent(name, omission, LocatedError("NS304", reason))
        stand_in = StandIn(name, first, omission)
        if layer.carry is not None:
            stand_in.outputs = self._handed_through(layer, scope, copy, previous)
        return stand_in

    def _handed_through(
        self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None
    ) -> tuple[tuple[str, int], ...]:
        """Returns the named inputs of a copy that is left out, as outputs for the next copy."""
        from .block_inputs import inputs_by_name, stems

        with suppress(LocatedError, FailedInputError):
            names, what = self._input_names(layer, layer.source, scope, copy)
            inputs = inputs_by_name(names, self.inputs(layer, scope, copy, previous), what, layer.location)
            values = [(name, inputs[name].value) for name in stems(names)]
            return tuple([(name, value) for name, value in values if value is not None])
        return ()

    def first_input(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> Entry | None:
        """Returns the first input of a layer, even if it is left out; None if it has no inputs.

        Raises:
            LocatedError, FailedInputError: it cannot be determined.
        """
        operation = self._operation(layer, scope, copy)
        if (operation is not None and operation.arity == (0, 0)) or self._has_no_inputs(layer, scope):
            return None
        if copy.follows and previous is not None:
            return previous
        if operation is not None and operation.primary == "from":
            merged = merged_names(layer, is_first=copy.is_first)
            names = self.resolver.names(merged, scope, copy.cells) if merged is not None else None
            if names is not None and names.listed:
                return self._first(names, scope)
        if operation is not None and operation.has_variables:
            from .formula_environment import first_tensor  # few specs have formulas

            incoming = self.inputs(layer, scope, copy, previous)
            around = self.resolver.environment(scope, copy.cells, incoming[0] if incoming else None)
            return first_tensor(layer, around, self.resolver)
        if layer.source is None:
            return previous
        if layer.source.keys:
            return next(iter(self._by_name(layer, layer.source, scope, copy, previous)), None)
        return self._first(self.resolver.names(layer.source, scope, copy.cells), scope)

    def _first(self, names: Names, scope: LexicalScope) -> Entry:
        """Returns the first entry of the names, which may be absent. Raises LocatedError."""
        return self.resolver.find(*names.names[0], scope)[0]

    def _operation(self, layer: Layer, scope: LexicalScope, copy: Copy) -> type[Op] | None:
        """Returns the operation of a layer; None for a block, and for an unknown name."""
        if layer.head is None:
            return None
        name = layer.head.evaluate(self.resolver.environment(scope, copy.cells))
        return find(name) if isinstance(name, str) and name in TABLE else None

    def merged_inputs(
        self, layer: Layer, references: References, scope: LexicalScope, copy: Copy, inputs: list[Entry]
    ) -> list[Entry]:
        """Returns the inputs of a merge of these layers; ``inputs`` are its default inputs.

        A list replaces the previous layer, except that a further copy replaces the first name by the previous copy. A
        single name is merged with the previous layer. Raises LocatedError.
        """
        names = self.resolver.names(references, scope, copy.cells)
        entries = self.resolver.entries(names, scope)
        if not names.listed:
            return [*inputs[:1], *entries]
        if layer.source is not None:
            message = "'from' and the names it merges mean the same: give one of them"
            raise LocatedError("NS211", message, layer.source.location)
        return [*inputs[:1], *entries[1:]] if copy.follows else entries


def _all_others(name: str, previous: Entry, carried: tuple[str, ...]) -> Entry | None:
    """Returns the outputs of a copy that no other carried input uses, in order, for a variadic input."""
    others = {n: Entry(f"{previous.full_name}.{n}", v) for n, v in previous.outputs if n not in carried}
    return Several(name, others) if others else None
