"""A spec with its variants: from a file or text to graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from .. import limits
from ..diagnostics import Diagnostic, LocatedError, Sources, SpecError, clip, did_you_mean, pack
from ..ir import Graph
from ..language.elaboration import elaborate
from ..language.elaboration.budget import Budget, LimitError
from ..language.reading.document import Document
from ..language.reading.evaluation import FailedInputError
from ..language.reading.parameters import bind_document
from ..text.yaml_reader import Text, Tree, parse_scalar, read
from .spec_reader import SpecReader, too_large

if TYPE_CHECKING:
    from ..language.elaboration import Elaboration
    from ..language.elaboration.repairs import Repairs
    from ..shapes.named_sizes import NamedSizes

__all__ = ["Spec", "SpecResult"]


@dataclass(frozen=True, slots=True)
class SpecResult:
    """A spec with one choice of its parameters: its graph, or its problems."""

    spec: str
    """The file, as given by the user."""
    variant: str | None
    graph: Graph | None
    """None for an invalid spec."""
    diagnostics: tuple[Diagnostic, ...]
    sources: Sources
    expect: tuple[Tree, ...] = ()
    """Expectations about this choice, as written."""
    hidden: int = 0
    """Number of diagnostics beyond the limit."""
    changed: tuple[str, ...] = ()
    """Names of the parameters and dimensions that were set from outside."""
    without_settings: Callable[[], SpecResult] | None = None
    """Computes the result without them; None if there are none."""
    name: str = ""
    document: Document | None = None
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Sizes given for named dimensions."""

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are warnings."""
        return tuple(d for d in self.diagnostics if d.severity == "warning")

    def require_graph(self) -> Graph:
        """Returns the graph. Raises SpecError for an invalid spec."""
        if self.graph is None:
            raise SpecError(self.diagnostics, self.sources, self.hidden)
        return self.graph


class Spec:
    """A spec: its document, which is read once, and the graph of each variant.

    Problems are not raised, but listed in ``diagnostics`` and in the result of :meth:`elaborate`.

    Args:
        name: the file, or a name for ``text``.
        text: the text of the spec; None reads the file.
        folder: the folder that files under ``use`` are relative to; by default that of the file.
    """

    def __init__(self, name: str, text: str | bytes | None = None, *, folder: Path | None = None) -> None:
        self.name = name
        self._reader = SpecReader(name, text, folder if folder is not None else Path(name).parent)

    @property
    def document(self) -> Document | None:
        """The document; None if it could not be read."""
        return self._reader.document

    @property
    def sources(self) -> Sources:
        """The files that locations refer to."""
        return self._reader.sources

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Problems in the text itself."""
        return tuple(self._reader.diagnostics)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the variants."""
        return tuple(self.document.variants) if self.document else ()

    def elaborate_variants(
        self,
        variant: str | None = None,
        settings: Mapping[str, Any] | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> Iterator[SpecResult]:
        """Yields the result for a variant; for ``all``, one for every variant.

        All variants share one budget. Variants beyond it have no result.
        """
        if variant == "all" and self.variants:
            budget = Budget()
            for name in self.variants:
                yield self.elaborate(name, settings, budget=budget, sizes=sizes)
                if budget.is_spent:
                    return
        else:
            yield self.elaborate(None if variant == "all" else variant, settings, sizes=sizes)

    def elaborate(
        self,
        variant: str | None = None,
        settings: Mapping[str, Any] | None = None,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
        budget: Budget | None = None,
        repairs: Repairs | None = None,
        *,
        sizes: Mapping[str, int] | None = None,
        named: NamedSizes | None = None,
    ) -> SpecResult:
        """Returns the result for one choice of parameters.

        An error that also occurs at the defaults of the named dimensions is reported with the numbers there.

        Args:
            variant: name of a variant; None for the defaults.
            settings: values of parameters, which override those of the variant; a text is parsed as YAML.
            shapes: shapes of inputs that replace those of the spec.
            budget: is charged with the work; by default, a new one.
            repairs: replaces layers that could not be read by their translations, to suggest them.
            sizes: sizes for named dimensions.
            named: the named dimensions in ``shapes``.
        """
        if self.document is None:
            return self._failed(variant, Path(self.name).stem, self.diagnostics)
        variant = _variant_name(self.document, variant)
        settings = settings or {}
        budget = budget if budget is not None else Budget()
        try:
            trees, expect = self._settings(self.document, variant, settings)
            params = self._params(self.document, trees, sizes, budget)
        except (LocatedError, LimitError) as error:
            problem = _settings_problem(error, self.name)
            return self._failed(variant, self.document.name, (*self.diagnostics, problem))
        try:
            result = elaborate(
                self.document,
                params,
                variant=variant,
                files=tuple(self.sources.names),
                shapes=shapes,
                sizes=sizes,
                named=named,
                budget=budget,
                complete=not self.diagnostics,
                repairs=repairs,
            )
            if result.graph is None and self.document.dims and not sizes and named is None:
                result = self._with_numbers(result, params, variant, shapes, budget)
        except (MemoryError, RecursionError) as error:
            problem = replace(too_large(error).diagnostic, file=self.name)
            return self._failed(variant, self.document.name, (*self.diagnostics, problem))
        if result.graph is not None and result.graph.dims and named is None:
            problems = self._dimension_problems(result.graph, variant, settings, sizes or {})
            result = result._replace(graph=None, diagnostics=problems) if problems else result
        again = partial(self.elaborate, variant, shapes=shapes) if settings or sizes else None
        return self._result(result, variant, tuple(expect), (*settings, *(sizes or ())), again, dict(sizes or {}))

    def _result(
        self,
        result: Elaboration,
        variant: str | None,
        expect: tuple[Tree, ...],
        options: tuple[str, ...],
        again: Callable[[], SpecResult] | None,
        sizes: dict[str, int],
    ) -> SpecResult:
        """Returns the result of an elaboration, with the problems of the document, up to the limit."""
        assert self.document is not None
        diagnostics = (*self.diagnostics, *result.diagnostics)
        further = max(len(diagnostics) - limits.DIAGNOSTICS, 0)
        is_valid = all(d.severity != "error" for d in diagnostics)
        return SpecResult(
            self.name,
            variant,
            result.graph if is_valid else None,
            diagnostics[: limits.DIAGNOSTICS],
            self.sources,
            expect,
            self._reader.hidden + result.hidden + further,
            options,
            again,
            self.document.name,
            self.document,
            sizes,
        )

    def _with_numbers(
        self,
        result: Elaboration,
        params: Mapping[str, Any],
        variant: str | None,
        shapes: Mapping[str, tuple[int, ...]] | None,
        budget: Budget,
    ) -> Elaboration:
        """Returns the result at the defaults of the named dimensions if it has errors too; otherwise the given one."""
        from ..language.reading.dimensions import bind_dimensions

        assert self.document is not None
        try:
            defaults = {dim.name: dim.default for dim in bind_dimensions(self.document.dims or (), params)}
        except (LocatedError, FailedInputError):
            return result
        numbers = elaborate(
            self.document,
            params,
            variant=variant,
            files=tuple(self.sources.names),
            shapes=shapes,
            sizes=defaults,
            budget=budget,
            complete=not self.diagnostics,
        )
        return numbers if any(d.severity == "error" for d in numbers.diagnostics) else result

    def _dimension_problems(
        self, graph: Graph, variant: str | None, settings: Mapping[str, Any], numbers: Mapping[str, int]
    ) -> tuple[Diagnostic, ...]:
        """Returns the problems with the named dimensions of a network that is valid at their defaults."""
        from ..shapes.named_sizes import NamedDim, NamedSizes
        from .dimension_checks import equal_dimensions, weak_promises
        from .numeric_check import NumericCheck

        assert self.document is not None
        declarations = self.document.dims or ()
        errors = equal_dimensions(graph)
        if not errors and any(dim.has_promise for dim in graph.dims.values()):

            def at(values: Mapping[str, int]) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
                result = self.elaborate(variant, settings, sizes={**numbers, **values})
                return result.graph, result.diagnostics

            def unpromised() -> Graph | None:
                dims = NamedSizes([NamedDim(dim.name, dim.default) for dim in graph.dims.values()])
                return self.elaborate(variant, settings, sizes=numbers, named=dims).graph

            defaults = {dim.name: dim.default for dim in graph.dims.values()}
            checked = NumericCheck(at, graph.at_default, defaults)
            errors = weak_promises(graph, declarations, checked.objection, unpromised)
        return tuple([error.diagnostic for error in errors])

    def params(self, variant: str | None = None, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Returns the values of the spec's parameters. Raises LocatedError."""
        assert self.document is not None
        variant = _variant_name(self.document, variant)
        return bind_document(self.document.params, self._settings(self.document, variant, settings or {})[0])

    def _params(
        self, document: Document, trees: dict[str, Tree], sizes: Mapping[str, int] | None, budget: Budget
    ) -> dict[str, Any]:
        """Returns the values of all parameters. Raises LocatedError or LimitError, also for disallowed sizes."""
        params = bind_document(document.params, trees, budget.charge_expression)
        if sizes and document.dims is not None:
            from ..language.reading.dimensions import check_sizes  # loaded only with sizes

            with suppress(FailedInputError):  # of a parameter with a problem, which has been reported
                check_sizes(document.dims, params, sizes)
        return params

    def _settings(
        self, document: Document, variant: str | None, settings: Mapping[str, Any]
    ) -> tuple[dict[str, Tree], list[Tree]]:
        """Returns parameters set by the variant and from outside, and the resulting expectations.

        Raises LocatedError.
        """
        trees: dict[str, Tree] = {}
        expect: list[Tree] = []
        if variant is not None:
            selected = document.variants.get(variant)
            if selected is None:
                message = f"'{clip(document.name)}' has no variant '{clip(variant)}'"
                raise LocatedError("NS224", message, help=_suggest(variant, document.variants, "variants"))
            trees |= {k: tree for k, (_, tree) in selected.settings.items()}
            if selected.expect is not None:
                expect.append(selected.expect)
        if document.expect is not None and not trees:
            expect.append(document.expect)
        names = [p.name for p in document.params]
        for name, value in settings.items():
            if name not in names:
                message = f"there is no parameter '{clip(name)}'"
                raise LocatedError("NS218", message, help=_suggest(name, names, "parameters"))
            trees[name] = self._setting(name, value)
        return trees, expect

    def _setting(self, name: str, value: Any) -> Tree:
        """Returns a value set from outside as a tree, with a location in a separate text."""
        text = value
        if not isinstance(value, str):
            from ..text.writer import flow_style

            text = flow_style(_plain(value))
        file = self.sources.add(f"--set {name}", text)
        tree = read(text, file)
        return tree if tree is not None else Text(parse_scalar(text), pack(file, 0, 0), True, text)

    def _failed(self, variant: str | None, name: str, diagnostics: tuple[Diagnostic, ...]) -> SpecResult:
        return SpecResult(self.name, variant, None, diagnostics, self.sources, hidden=self._reader.hidden, name=name)


def _settings_problem(error: LocatedError | LimitError, name: str) -> Diagnostic:
    """Returns a problem with the values of parameters, located in the option that sets them or in the spec."""
    located = error.error if isinstance(error, LimitError) else error
    option: str | None = getattr(located, "option", None)
    return replace(located.diagnostic, file=option or name)


def _variant_name(document: Document, variant: str | None) -> str | None:
    """Returns the name of a variant, without a prefix of the network's name: ``18`` for ``resnet18`` of ``resnet``."""
    if variant is None or variant in document.variants:
        return variant
    short = variant.removeprefix(document.name).removeprefix("_")
    return short if short in document.variants else variant


def _suggest(name: str, known: Mapping[str, Any] | list[str], kind: str) -> str:
    """Returns help for an unknown name: the nearest one, or all."""
    return did_you_mean(name, known) or (
        f"available {kind}: {', '.join(known)}" if known else f"the spec has no {kind}"
    )


def _plain(value: object) -> Any:
    """Converts a Python or NumPy value to a YAML value. Raises TypeError for any other."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    if isinstance(value, SupportsIndex):
        return int(value)
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"a parameter cannot have a value of type {type(value).__name__}")
