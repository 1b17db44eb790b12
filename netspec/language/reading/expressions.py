"""The parser of expressions, which compiles each of them once to closures.

Expressions mean what they mean in Python. They cannot reach code: names are looked up in an
:class:`~.evaluation.Environment`, a dot reads an element of a list or the shape of a tensor, and the only functions
are those of :mod:`.expression_functions`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import limits
from ...diagnostics import clip, suggestion
from . import expression_functions, formula_steps
from .evaluation import Code, Evaluation
from .lexer import ExpressionError, Token, tokenize

_LEVELS: tuple[tuple[str, ...], ...] = (("+", "-"), ("*", "/", "//", "%"))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "True": True, "False": False, "none": None, "None": None}
_RESERVED = frozenset(("if", "else", "and", "or", "not", "for", "in"))


class Parser:
    """Parses one expression by recursive descent: one method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0

    def peek(self) -> Token:
        """Returns the next token."""
        return self.tokens[self.position]

    def accept(self, *texts: str) -> Token | None:
        """Consumes and returns the next token if it is one of these; otherwise returns None."""
        token = self.tokens[self.position]
        if token.text in texts and token.kind in ("sign", "name"):
            self.position += 1
            return token
        return None

    def expect(self, text: str) -> None:
        """Consume a token. Raises ExpressionError if another one is next."""
        if self.accept(text) is None:
            raise self.unexpected(f"'{text}' is missing")

    def unexpected(self, what: str | None = None) -> ExpressionError:
        """Returns the error for the next token."""
        token = self.peek()
        quoted = f"'{clip(token.text)}'" if token.kind != "end" else "the end"
        message = f"{what} before {quoted}" if what else f"{quoted} is not expected here"
        return ExpressionError("NS401", message, token.at)

    def parse(self) -> Code:
        """Compiles the whole text. Raises ExpressionError."""
        code = self.conditional()
        if self.peek().kind != "end":
            raise self.unexpected()
        return code

    def conditional(self) -> Code:
        """Parses ``a if c else b``, or an operand of it."""
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise _too_deep(self.peek().at)
        value = self.disjunction()
        if self.accept("if"):
            value = self.alternative(value)
        self.depth -= 1
        return value

    def alternative(self, first: Code) -> Code:
        """Parses the rest of ``a if c else b``, after ``if``."""
        at = self.peek().at
        test = self.disjunction()
        self.expect("else")
        other = self.conditional()
        return formula_steps.alternative(first, test, other, at)

    def disjunction(self) -> Code:
        """Parses ``or`` and ``and``."""
        return self.joined("or", lambda: self.joined("and", self.negation))

    def joined(self, token: str, inner: Callable[[], Code]) -> Code:
        """Parses operands joined by ``and`` or by ``or``."""
        at = self.peek().at
        parts = [inner()]
        while self.accept(token):
            parts.append(inner())
        return parts[0] if len(parts) == 1 else formula_steps.logic(token, parts, at)

    def negation(self) -> Code:
        """Parses ``not``."""
        count, at = 0, self.peek().at
        while self.accept("not"):
            count += 1
        value = self.comparison()
        return formula_steps.negation(value, count, at) if count else value

    def comparison(self) -> Code:
        """Parses comparisons, chained as in Python."""
        first = self.arithmetic(0)
        rest: list[tuple[Token, Code]] = []
        while token := self.accepted_comparison():
            rest.append((token, self.arithmetic(0)))
        if not rest:
            return first

        def code(evaluation: Evaluation) -> Any:
            left = first(evaluation)
            terms: list[Any] = []
            for token, part in rest:
                right = part(evaluation)
                holds = expression_functions.apply_comparison(token.text, left, right, evaluation.step, token.at)
                if holds is False:
                    return False
                if holds is not True:
                    terms.append(holds)
                left = right
            if len(terms) > 1:
                return formula_steps.in_formula(rest[0][0].at, terms[0].formula.logical, "and", terms)
            return terms[0] if terms else True

        return code

    def accepted_comparison(self) -> Token | None:
        """Consumes and returns the next comparison; ``not in`` is one token."""
        token = self.accept(*_COMPARISONS)
        if token is None and self.peek().text == "not" and self.tokens[self.position + 1].text == "in":
            token = Token("name", "not in", self.peek().at)
            self.position += 2
        return token

    def arithmetic(self, level: int) -> Code:
        """Parses sums (level 0) or products (level 1), from left to right."""
        if level == len(_LEVELS):
            return self.signed()
        first = self.arithmetic(level + 1)
        rest: list[tuple[Token, Code]] = []
        while token := self.accept(*_LEVELS[level]):
            rest.append((token, self.arithmetic(level + 1)))
        if not rest:
            return first

        def code(evaluation: Evaluation) -> Any:
            value = first(evaluation)
            for token, part in rest:
                evaluation.step()
                value = expression_functions.apply_operator(
                    token.text, value, part(evaluation), evaluation.step, token.at
                )
            return value

        return code

    def signed(self) -> Code:
        """Parses a sign before a power."""
        minus, sign = False, self.peek()
        while token := self.accept("-", "+"):
            minus ^= token.text == "-"
        value = self.power()
        if not minus:
            return value
        return lambda evaluation: expression_functions.apply_operator(
            "-", 0, value(evaluation), evaluation.step, sign.at
        )

    def power(self) -> Code:
        """Parses ``**``, which associates to the right."""
        base = self.postfix(self.atom())
        token = self.accept("**")
        if token is None:
            return base
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise _too_deep(token.at)
        exponent = self.signed()
        self.depth -= 1
        return lambda evaluation: expression_functions.apply_operator(
            "**", base(evaluation), exponent(evaluation), evaluation.step, token.at
        )

    def postfix(self, value: Code) -> Code:
        """Parses the elements and attributes that follow a value."""
        while token := self.accept(".", "["):
            value = self.dotted(value, token) if token.text == "." else self.indexed(value, token)
        return value

    def dotted(self, value: Code, dot: Token) -> Code:
        """Parses ``.0`` or ``.name``, after the dot."""
        token = self.peek()
        self.position += 1
        if token.kind == "number":
            path = token.text.split(".")
            more = path[-1] == "" and self.peek().kind == "name"  # `blocks.0.norm`: the number includes the dot
            if more:
                path.pop()
            if not all(p.isdigit() for p in path):
                raise ExpressionError("NS401", f"'{clip(token.text)}' is not the number of an element", token.at)
            numbers = [int(p) for p in path]

            def element(evaluation: Evaluation) -> Any:
                item = value(evaluation)
                try:
                    for n in numbers:
                        item = expression_functions.list_element(item, n, token.at)
                except KeyError as error:
                    raise _unknown(error.args[0], evaluation, token.at) from None
                return item

            return self.dotted(element, token) if more else element
        if token.kind != "name":
            self.position -= 1
            raise self.unexpected("a name or number is missing")

        def attribute(evaluation: Evaluation) -> Any:
            tensor = value(evaluation)
            read = getattr(tensor, "attribute", None)
            if read is None:
                message = f"'.{clip(token.text)}' needs a tensor; found {expression_functions.describe_value(tensor)}"
                raise ExpressionError("NS403", message, dot.at)
            try:
                return read(token.text)
            except KeyError as error:
                raise _unknown(error.args[0], evaluation, token.at) from None
            except ExpressionError as error:
                error.at = error.at or token.at
                raise

        return attribute

    def indexed(self, value: Code, bracket: Token) -> Code:
        """Parses ``[i]`` or ``[i:j]``, after the bracket."""
        first: Code | None = None
        if self.peek().text != ":":
            first = self.conditional()
        if self.accept(":"):
            last = None if self.peek().text == "]" else self.conditional()
            self.expect("]")
            return lambda evaluation: expression_functions.list_slice(
                value(evaluation),
                first(evaluation) if first else None,
                last(evaluation) if last else None,
                evaluation.step,
                bracket.at,
            )
        self.expect("]")
        assert first is not None
        index = first
        return lambda evaluation: expression_functions.list_element(value(evaluation), index(evaluation), bracket.at)

    def atom(self) -> Code:
        """Parses a number, text, name, list, call, or expression in parentheses."""
        token = self.peek()
        self.position += 1
        if token.kind == "number":
            number = expression_functions.parse_number(token.text, token.at)
            return lambda evaluation: number
        if token.kind == "text":
            text = token.text[1:-1]
            return lambda evaluation: text
        if token.text == "(":
            value = self.conditional()
            self.expect(")")
            return value
        if token.text == "[":
            return self.list_or_comprehension(token)
        if token.kind != "name" or token.text in _RESERVED:
            self.position -= 1
            raise self.unexpected()
        if token.text in _CONSTANTS:
            constant = _CONSTANTS[token.text]
            return lambda evaluation: constant
        if self.peek().text == "(":
            return self.call(token)
        return self.name(token)

    def name(self, token: Token) -> Code:
        """Parses a name."""
        name, at = token.text, token.at
        is_dotted = self.peek().text == "."

        def lookup(evaluation: Evaluation) -> Any:
            if name in evaluation.local:
                return evaluation.local[name]
            try:
                return evaluation.environment.lookup(name)
            except ExpressionError as error:
                error.at = error.at or at
                raise
            except KeyError:
                if name in expression_functions.CONSTANTS:
                    return expression_functions.CONSTANTS[name]
                beginning = evaluation.environment.beginning(name) if is_dotted else None
                if beginning is not None:
                    return beginning
                raise _unknown(name, evaluation, at) from None

        return lookup

    def list_or_comprehension(self, bracket: Token) -> Code:
        """Parses a list or a comprehension, after the bracket."""
        items: list[Code] = []
        if self.accept("]"):
            return lambda evaluation: []
        first = self.position
        items.append(self.conditional())
        if self.accept("for"):
            return self.comprehension(items[0], self.position - 1 - first, bracket)
        while self.accept(","):
            if self.peek().text == "]":
                break
            items.append(self.conditional())
        self.expect("]")

        def code(evaluation: Evaluation) -> Any:
            evaluation.step(len(items))
            return [item(evaluation) for item in items]

        return code

    def comprehension(self, item: Code, tokens: int, bracket: Token) -> Code:
        """``[item for name in source if test]``, after ``for``. The item has that number of tokens.

        An iteration costs a step for each token that is evaluated in it.
        """
        token = self.peek()
        if token.kind != "name" or token.text in _RESERVED or token.text in _CONSTANTS:
            raise self.unexpected("a name is missing")
        self.position += 1
        self.expect("in")
        source = self.disjunction()
        start = self.position
        test = self.disjunction() if self.accept("if") else None
        steps = tokens + self.position - start
        self.expect("]")
        name = token.text

        def code(evaluation: Evaluation) -> Any:
            before = evaluation.local
            items: list[Any] = []
            for value in expression_functions.list_items(source(evaluation), bracket.at):
                evaluation.step(steps)
                evaluation.local = {**before, name: value}
                if test is None or test(evaluation):
                    items.append(item(evaluation))
            evaluation.local = before
            return items

        return code

    def call(self, token: Token) -> Code:
        """Parses a call of a function, starting at the parenthesis."""
        is_elementwise = token.text not in expression_functions.FUNCTIONS
        if is_elementwise:
            from .formula_functions import check_function  # few specs have formulas

            check_function(token.text, token.at)
        self.position += 1
        args: list[Code] = []
        named: dict[str, Code] = {}
        while self.peek().text != ")":
            key = self.peek()
            if key.kind == "name" and self.tokens[self.position + 1].text == "=":
                self.position += 2
                if key.text in named:
                    raise ExpressionError("NS401", f"'{clip(key.text)}' is given twice", key.at)
                named[key.text] = self.conditional()
            else:
                args.append(self.conditional())
            if not self.accept(","):
                break
        self.expect(")")

        def call(evaluation: Evaluation) -> Any:
            evaluation.step()
            values = [a(evaluation) for a in args]
            keywords = {k: v(evaluation) for k, v in named.items()}
            if is_elementwise:
                from .formula_functions import call_elementwise

                return call_elementwise(token.text, values, keywords, evaluation, token.at)
            return expression_functions.call_function(token.text, values, keywords, evaluation.step, token.at)

        return call


def _unknown(name: str, evaluation: Evaluation, at: int) -> ExpressionError:
    environment = evaluation.environment
    help = suggestion(
        name, lambda: [*environment.known(), *expression_functions.CONSTANTS, *expression_functions.FUNCTIONS]
    )
    return ExpressionError("NS402", f"'{clip(name)}' is not known here", at, help)


def _too_deep(at: int) -> ExpressionError:
    return ExpressionError("NS911", f"an expression nests deeper than {limits.EXPRESSION_DEPTH}", at)
