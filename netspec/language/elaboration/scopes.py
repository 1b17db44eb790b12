"""From a document to a graph, in one pass: blocks, repeats, tables, references, and shapes as they become known.

Layers are visited in order; each gives an :class:`Entry`. One that fails gives a poisoned entry, and what reads that
is left out without a message. Scopes recurse, being at most 64 deep; nothing else does.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...diagnostics import Diagnostic, LocatedError, Step, clip, did_you_mean, unpack
from ...ir import Location, Scope, Trace
from ...ops import TABLE, find
from ...text.reader import Text
from ..reading.document import Block
from ..reading.functions import shown
from ..reading.layers import Layer, Layers, OutputForm, References, exists, references
from ..reading.parameters import ParameterDeclaration, bind
from ..reading.records import found
from ..reading.values import Named, Value
from .copies import Cells, Copies, Copy
from .environment import LayerEnvironment
from .names import Absent, Entry, FailedInputError, Level
from .nodes import amend, joins_all


class Elaborator(Copies):
    """The pass over one document."""

    # -- layers of a scope ------------------------------------------------------------------------------------------
    def layers(self, layers: Layers, level: Level, cells: Cells, previous: Entry | None) -> Entry | None:
        """Visit the layers of a scope; gives what the last one gives."""
        if not layers.listed:
            names = [item.name.text for item in layers.items if item.name is not None and item.name.constant]
            level.later = frozenset(names)
        for item in layers.items:
            visit = self.listed if layers.listed else self.named
            previous = visit(item, level, cells, previous)
        return previous

    def listed(self, item: Layer, level: Level, cells: Cells, previous: Entry | None) -> Entry | None:
        """A layer of a list: its copies take their places one after the other."""
        start = previous
        try:
            for copy in self.copies(item, level, cells):
                if not self.wanted(item, level, copy.cells, previous):
                    level.left_out_items.append((level.number, asked(item, level)))
                    continue
                if item.inline and item.inner is not None:
                    begin = previous
                    if item.source is not None and copy.number == 0:
                        begin = self.references(item.source, level, copy.cells)[0]
                    previous = self.layers(item.inner, level, copy.cells, begin)
                    continue
                name = str(level.number)
                level.number += 1
                entry = self.one(item, name, level, copy, previous if copy.number == 0 else start)
                level.names[name] = entry
                start = entry
                previous = entry if entry.passes else previous
        except LocatedError as fault:
            self.report(fault, level, item.location)
            return Entry("", None)
        except FailedInputError:
            return Entry("", None)
        return previous

    def named(self, item: Layer, level: Level, cells: Cells, previous: Entry | None) -> Entry | None:
        """A layer of a mapping: copies are children of its name, unless the name holds an expression."""
        assert item.name is not None
        name = item.name.text
        try:
            if item.repeat is None and item.each is None:
                name = self.layer_name(item.name, level, cells)
                entry = self.unless_left_out(item, name, level, Copy((), cells, 0, 1, True), previous)
            elif item.name.constant:
                entry = self.chain(item, name, level, cells, previous)
            else:
                return self.spread(item, item.name, level, cells, previous)
        except LocatedError as fault:
            self.report(fault, level, item.location)
            entry = Entry("", None)
        except FailedInputError:
            entry = Entry("", None)
        self.put(level, name, entry, item.location)
        return entry if entry.passes else previous

    def put(self, level: Level, name: str, entry: Entry, location: int) -> None:
        """Give a name its meaning; each name once."""
        if name in level.names and entry.full:
            self.report(
                LocatedError("NS303", f"there are two layers named '{clip(name)}' here", location), level, location
            )
        level.names[name] = entry

    def unless_left_out(self, item: Layer, name: str, level: Level, copy: Copy, previous: Entry | None) -> Entry:
        """The layer; where ``when`` leaves it out, its name stands for its first input."""
        if self.wanted(item, level, copy.cells, previous):
            return self.one(item, name, level, copy, previous)
        level.left_out.append(name)
        first = self.first_input(item, level, copy.cells, previous)
        if first is None:
            return Absent(name)
        return Entry(first.full, first.value)

    def spread(self, item: Layer, name: Named, level: Level, cells: Cells, previous: Entry | None) -> Entry | None:
        """Copies that each have a name of their own in the scope where they stand."""
        last: Entry | None = None
        for copy in self.copies(item, level, cells):
            own = self.layer_name(name, level, copy.cells)
            entry = self.unless_left_out(item, own, level, copy, previous if last is None else last)
            self.put(level, own, entry, item.location)
            last = entry
        return previous if last is None or not last.passes else last

    def chain(self, item: Layer, name: str, level: Level, cells: Cells, previous: Entry | None) -> Entry:
        """Copies as children of the name: by number, by row, or by row and then number."""
        full = self.full(level, name, item.location)
        trace = Trace(unpack(item.location), level.scope.trace, f"'{clip(full)}'")
        scope = Scope(full, level.scope, trace=trace, doc=item.doc)
        around = self.within(level, scope)
        rows: dict[str, Level] = {}
        last: Entry | None = None
        for copy in self.copies(item, level, cells):
            target = around
            if len(copy.path) == 2:
                row = copy.path[0]
                if row not in rows:
                    inner = Scope(f"{full}.{row}", scope, trace=trace)
                    rows[row] = self.within(around, inner)
                    around.names[row] = Entry(inner.name, None, (), rows[row], copies=True)
                target = rows[row]
            entry = self.unless_left_out(item, copy.path[-1], target, copy, previous if last is None else last)
            self.put(target, copy.path[-1], entry, item.location)
            if target is not around:
                around.names[copy.path[0]].value = entry.value
            last = entry
        for inner_level in (around, *rows.values()):
            self.close(inner_level, ())
        if last is None:  # no copies: the name stands for its first input
            first = self.first_input(item, level, cells, previous)
            return Entry(full, first.value, passes=True) if first is not None else Absent(name)
        return Entry(full, last.value, last.outputs, around, copies=True, passes=last.passes)

    # -- one layer -----------------------------------------------------------------------------------------------------
    def one(self, item: Layer, name: str, level: Level, copy: Copy, previous: Entry | None) -> Entry:
        """One layer (or one copy): its entry, poisoned where something is wrong with it."""
        try:
            self.step(1, item.location)
            full = self.full(level, name, item.location)
            sources = self.sources(item, level, copy, previous)
            self.enter(item, full, level, copy.cells)
            try:
                return self.made(item, full, level, copy, sources)
            finally:
                self.leave(item)
        except LocatedError as fault:
            self.report(fault, level, item.location)
        except FailedInputError:
            pass
        return Entry("", None)

    def made(self, item: Layer, full: str, level: Level, copy: Copy, sources: list[Entry]) -> Entry:
        """The node, the use of a block, or the block in place."""
        if item.inner is not None:
            entry = self.group(item, full, level, copy, sources)
        else:
            if item.head is None:
                raise FailedInputError  # what is wrong with its text has been said
            env = self.env(level, copy.cells, sources[0] if sources else None)
            head = item.head.at(env)
            if type(head) is not str:
                raise LocatedError(
                    "NS206", f"an operation or block is named by text; found {shown(head)}", item.head_location
                )
            block = level.document.blocks.get(head)
            if block is not None:
                entry = self.use(item, block, full, level, copy, sources, env)
            else:
                exists(head, level.document.blocks, item.head_location)
                entry = self.node(item, head, full, level, copy, sources, env)
        if item.activation is not None:
            entry = self.activated(item, full, level, copy.cells, entry)
        return entry

    def group(self, item: Layer, full: str, level: Level, copy: Copy, sources: list[Entry]) -> Entry:
        """A block in place: its layers are the children of this name, and see the scopes around."""
        assert item.inner is not None
        names = item.inputs or ("input",)
        inputs = self.inputs(names, sources, "a block in place", item.location)
        trace = Trace(unpack(item.location), level.scope.trace, f"'{clip(full)}'")
        of = (copy.number, copy.of) if copy.of > 1 else None
        scope = Scope(full, level.scope, copy=of, key=self.key(item, None, sources) if of else None, doc=item.doc,
                      trace=trace, inputs=numbers(inputs))
        inner = Level(scope, level, level.params, inputs, level.document)
        self.deeper(inner, item.location)
        last = self.layers(item.inner, inner, copy.cells, sources[0] if len(names) == 1 and sources else None)
        return self.finished(inner, full, item.outputs, last, copy.cells, item.location)

    def use(self, item: Layer, block: Block, full: str, level: Level, copy: Copy, sources: list[Entry],
            env: LayerEnvironment) -> Entry:
        """The use of a block, with its parameters bound."""
        if block.layers is None:
            raise FailedInputError
        if block in self.active:
            names = " -> ".join(b.name for b in (*self.active[self.active.index(block):], block))
            raise LocatedError("NS307", f"a block cannot use itself: {names}", item.head_location)
        inputs = self.inputs(block.inputs, sources, f"the block '{block.name}'", item.head_location)
        given = self.arguments(item, block.params, copy, env, block.name)
        what = f"{block.name} '{clip(full)}'"
        trace = Trace(unpack(item.head_location), level.scope.trace, what)
        of = (copy.number, copy.of) if copy.of > 1 else None
        shell = Scope(full, level.scope, block.name, trace=trace, copy=of, doc=item.doc or block.doc,
                      inputs=numbers(inputs))
        assert block.document is not None
        inner = Level(shell, None, {}, inputs, block.document)
        self.deeper(inner, item.location)
        outer = self.document_values(block.document)

        def missing(p: ParameterDeclaration) -> LocatedError:
            return LocatedError("NS220", f"'{block.name}' needs '{p.name}'", item.head_location)

        def environment(values: dict[str, Any]) -> LayerEnvironment:
            inner.params = values
            return self.env(inner, {})

        inner.params = bind(block.params, given, environment, outer, missing)
        arguments = {p.name: inner.params[p.name] for p in block.params}
        amend(shell, arguments=arguments, key=self.key(item, arguments, sources) if of else None)
        self.active.append(block)
        try:
            last = self.layers(block.layers, inner, {}, sources[0] if len(block.inputs) == 1 and sources else None)
        finally:
            self.active.pop()
        return self.finished(inner, full, block.outputs, last, {}, block.location)

    def arguments(self, item: Layer, params: tuple[ParameterDeclaration, ...], copy: Copy, env: LayerEnvironment,
                  what: str) -> dict[str, tuple[int, Any]]:
        """Places and values of the arguments given to a block (``params``) or an operation (none)."""
        given: dict[str, tuple[int, Any]] = {}
        known = [p.name for p in params]
        values = dict(item.args)
        if copy.first and item.first is not None:
            values |= item.first
        if item.primary is not None:
            if not params:
                raise LocatedError("NS213", f"'{what}' has no parameter, and is given {found(item.primary.node)}",
                            item.primary.location)
            given[known[0]] = (item.primary.location, item.primary.at(env))
        for name, (location, v) in values.items():
            if name not in known:
                raise LocatedError("NS213", f"'{what}' has no parameter '{clip(name)}'", location,
                            help=did_you_mean(name, known))
            if name in given and item.primary is not None and name == known[0] and name not in (item.first or {}):
                raise LocatedError("NS211", f"'{clip(name)}' is given twice", location)
            given[name] = (v.location, v.at(env))
        return given

    def finished(self, level: Level, full: str, outputs: tuple[OutputForm, ...] | None, last: Entry | None,
                 cells: Cells, location: int) -> Entry:
        """The entry of a scope whose layers have been visited."""
        if outputs is None:
            if last is None:
                raise LocatedError("NS308", "a block needs at least one layer that gives something", location)
            result = [("", last)]
        else:
            result = list(self.outputs(outputs, level, cells))
        numbered = tuple((name, e.value) for name, e in result if e.value is not None)
        self.close(level, numbered)
        first = result[0][1] if result else None
        if first is None:
            raise LocatedError("NS308", "a block needs at least one output", location)
        named: tuple[tuple[str, int], ...] = ()
        if len(result) > 1 or result[0][0]:
            named = tuple((n or str(i), v) for i, (n, v) in enumerate(numbered))
        return Entry(full, first.value, named, level)

    def outputs(self, outputs: tuple[OutputForm, ...], level: Level, cells: Cells) -> Iterator[tuple[str, Entry]]:
        """Names and entries of the outputs that are there."""
        for form in outputs:
            env = self.env(level, cells)
            if form.when is not None and not self.truth(form.when, env):
                self.set_aside(form, level, env)
                continue
            try:
                for entry in level.expanded(form.source.at(env)):
                    self.mark(entry)
                    yield form.name or "", entry
            except LocatedError as fault:
                self.report(fault, level, form.source.location)
                yield form.name or "", Entry("", None)

    def set_aside(self, form: OutputForm, level: Level, env: LayerEnvironment) -> None:
        """Note that what a condition keeps from being an output was not forgotten; it may be left out with it."""
        with suppress(LocatedError):
            for entry in level.expanded(form.source.at(env)):
                self.mark(entry)

    # -- what a layer reads ----------------------------------------------------------------------------------------
    def wanted(self, item: Layer, level: Level, cells: Cells, previous: Entry | None) -> bool:
        """Whether ``when`` holds."""
        if item.when is None:
            return True
        incoming = None
        if not item.when.constant:
            incoming = self.first_input(item, level, cells, previous)
        return self.truth(item.when, self.env(level, cells, incoming))

    def truth(self, condition: Value, env: LayerEnvironment) -> bool:
        """The value of a condition. Raises LocatedError NS413."""
        got = condition.at(env)
        if type(got) is not bool:
            raise LocatedError("NS413", f"when must be true or false; found {shown(got)}", condition.location)
        return got

    def sources(self, item: Layer, level: Level, copy: Copy, previous: Entry | None) -> list[Entry]:
        """The inputs that ``from`` names, or the layer before; a further copy takes the copy before first."""
        if item.source is None:
            return [previous] if previous is not None else []
        entries = self.references(item.source, level, copy.cells)
        if copy.number > 0 and previous is not None:
            return [previous, *entries[1:]]
        return entries

    def first_input(self, item: Layer, level: Level, cells: Cells, previous: Entry | None) -> Entry | None:
        """The first input of a layer, also of one that is left out; None for what takes none."""
        refs = item.source
        if item.head is not None and item.head.constant and item.head.at(self.env(level, cells)) in TABLE:
            cls = find(str(item.head.at(self.env(level, cells))))
            if cls.arity == (0, 0):
                return None
            if cls.primary == "from" and item.primary is not None:
                merged = references(item.primary.node)
                refs = merged if joins_all(merged) else refs
        if refs is not None:
            return self.references(References(refs.names[:1], True, refs.location), level, cells)[0]
        return previous

    def inputs(self, names: tuple[str, ...], sources: list[Entry], what: str, location: int) -> dict[str, Entry]:
        """The inputs of a scope by name. Raises LocatedError NS305."""
        if len(sources) != len(names):
            takes = f"{len(names)} input{'s' if len(names) > 1 else ''} ({', '.join(names)})"
            help_ = "'from' names them" if not sources or len(sources) < len(names) else None
            raise LocatedError("NS305", f"{what} takes {takes}; found {len(sources)}", location, help=help_)
        return dict(zip(names, sources, strict=True))

    def report(self, error: LocatedError, level: Level, location: int) -> None:
        """Record a problem, by default at ``location``, with the uses of blocks that led to it; each once."""
        problem = error.diagnostic
        self.report_at(problem, level, problem.location or unpack(location))

    def report_at(self, problem: Diagnostic, level: Level, at: Location) -> None:
        """The same, at a known location."""
        steps: list[Step] = []
        trace = level.scope.trace
        while trace is not None:
            steps.append(Step(trace.label, trace.location))
            trace = trace.parent
        if len(steps) > 8:
            steps = [*steps[:4], *steps[-4:]]
        self.diagnose(replace(problem, location=at, trace=tuple(s for s in steps if s.location != at)))


def numbers(inputs: Mapping[str, Entry]) -> dict[str, int]:
    """Values of a scope's inputs, by name."""
    return {name: e.value for name, e in inputs.items() if e.value is not None}


def asked(item: Layer, level: Level) -> str:
    """The first parameter that a condition asks for; empty where it asks for none."""
    node = item.when.node if item.when is not None else None
    words = re.findall(r"[A-Za-z_]\w*", node.raw) if isinstance(node, Text) else []
    return next((word for word in words if word in level.params), "")
