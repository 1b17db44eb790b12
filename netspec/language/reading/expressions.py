"""The parser of expressions: it reads one once and compiles it to closures.

Expressions mean what they mean in Python. They cannot reach code: names are looked up in an
:class:`~.evaluation.Environment`, a dot reads an element of a list or the shape of a tensor, and the only functions
are those of :mod:`~.functions`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import limits
from ...diagnostics import clip, did_you_mean
from . import functions
from .evaluation import Code, Evaluation
from .lexer import ExpressionError, Token, tokens

_LEVELS: tuple[tuple[str, ...], ...] = (("+", "-"), ("*", "/", "//", "%"))
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "True": True, "False": False, "none": None, "None": None}
_RESERVED = frozenset(("if", "else", "and", "or", "not", "for", "in"))


class Parser:
    """Reads one expression."""

    def __init__(self, text: str) -> None:
        self.words = tokens(text)
        self.i = 0
        self.depth = 0

    def peek(self) -> Token:
        """The next word."""
        return self.words[self.i]

    def accept(self, *texts: str) -> Token | None:
        """The next word where it is one of these."""
        word = self.words[self.i]
        if word.text in texts and word.kind in ("sign", "name"):
            self.i += 1
            return word
        return None

    def expect(self, text: str) -> None:
        """Take a word that must come. Raises ExpressionError."""
        if self.accept(text) is None:
            raise self.unexpected(f"'{text}' is missing")

    def unexpected(self, what: str | None = None) -> ExpressionError:
        """The error for the next word."""
        word = self.peek()
        found = f"'{clip(word.text)}'" if word.kind != "end" else "the end"
        message = f"{what} before {found}" if what else f"{found} is not expected here"
        return ExpressionError("NS401", message, word.at)

    def whole(self) -> Code:
        """All of the text."""
        code = self.choice()
        if self.peek().kind != "end":
            raise self.unexpected()
        return code

    def choice(self) -> Code:
        """``a if c else b``, or what binds closer."""
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise ExpressionError("NS911", f"an expression nests deeper than {limits.EXPRESSION_DEPTH}", self.peek().at)
        value = self.either()
        if self.accept("if"):
            value = self.alternative(value)
        self.depth -= 1
        return value

    def alternative(self, first: Code) -> Code:
        """The rest of ``a if c else b``."""
        test = self.either()
        self.expect("else")
        other = self.choice()
        return lambda run: first(run) if test(run) else other(run)

    def either(self) -> Code:
        """``or`` and ``and``."""
        return self.joined("or", lambda: self.joined("and", self.negation))

    def joined(self, word: str, inner: Callable[[], Code]) -> Code:
        """Parts joined by ``and`` or by ``or``; as in Python the value is the part that decides."""
        parts = [inner()]
        while self.accept(word):
            parts.append(inner())
        if len(parts) == 1:
            return parts[0]
        stop = word == "or"

        def code(run: Evaluation) -> Any:
            value: Any = None
            for part in parts:
                value = part(run)
                if bool(value) is stop:
                    break
            return value

        return code

    def negation(self) -> Code:
        """``not``."""
        count = 0
        while self.accept("not"):
            count += 1
        value = self.comparison()
        if not count:
            return value
        return (lambda run: not value(run)) if count % 2 else (lambda run: bool(value(run)))

    def comparison(self) -> Code:
        """Comparisons, chained as in Python."""
        first = self.arithmetic(0)
        rest: list[tuple[Token, Code]] = []
        while word := self.accept(*_COMPARISONS):
            rest.append((word, self.arithmetic(0)))
        if not rest:
            return first

        def code(run: Evaluation) -> Any:
            left = first(run)
            for word, part in rest:
                right = part(run)
                if not functions.compare(word.text, left, right, word.at):
                    return False
                left = right
            return True

        return code

    def arithmetic(self, level: int) -> Code:
        """Sums, then products, from left to right."""
        if level == len(_LEVELS):
            return self.signed()
        first = self.arithmetic(level + 1)
        rest: list[tuple[Token, Code]] = []
        while word := self.accept(*_LEVELS[level]):
            rest.append((word, self.arithmetic(level + 1)))
        if not rest:
            return first

        def code(run: Evaluation) -> Any:
            value = first(run)
            for word, part in rest:
                run.step()
                value = functions.operate(word.text, value, part(run), word.at)
            return value

        return code

    def signed(self) -> Code:
        """A sign before a power."""
        minus, sign = False, self.peek()
        while word := self.accept("-", "+"):
            minus ^= word.text == "-"
        value = self.power()
        return (lambda run: functions.operate("-", 0, value(run), sign.at)) if minus else value

    def power(self) -> Code:
        """``**``, which binds to the right."""
        base = self.postfix(self.atom())
        word = self.accept("**")
        if word is None:
            return base
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise ExpressionError("NS911", f"an expression nests deeper than {limits.EXPRESSION_DEPTH}", word.at)
        exponent = self.signed()
        self.depth -= 1
        return lambda run: functions.operate("**", base(run), exponent(run), word.at)

    def postfix(self, value: Code) -> Code:
        """Elements and attributes after a value."""
        while word := self.accept(".", "["):
            value = self.dotted(value, word) if word.text == "." else self.indexed(value, word)
        return value

    def dotted(self, value: Code, dot: Token) -> Code:
        """``.0`` or ``.name``."""
        word = self.peek()
        self.i += 1
        if word.kind == "number":
            path = word.text.split(".")
            if not all(p.isdigit() for p in path):
                raise ExpressionError("NS401", f"'{clip(word.text)}' is no element's number", word.at)
            numbers = [int(p) for p in path]

            def element(run: Evaluation) -> Any:
                got = value(run)
                for n in numbers:
                    got = functions.element(got, n, word.at)
                return got

            return element
        if word.kind != "name":
            self.i -= 1
            raise self.unexpected("a name or number is missing")

        def attribute(run: Evaluation) -> Any:
            got = value(run)
            read = getattr(got, "attribute", None)
            if read is None:
                message = f"'.{clip(word.text)}' needs a tensor; found {functions.shown(got)}"
                raise ExpressionError("NS403", message, dot.at)
            return read(word.text)

        return attribute

    def indexed(self, value: Code, bracket: Token) -> Code:
        """``[i]`` or ``[i:j]``."""
        first: Code | None = None
        if self.peek().text != ":":
            first = self.choice()
        if self.accept(":"):
            last = None if self.peek().text == "]" else self.choice()
            self.expect("]")
            return lambda run: functions.part(
                value(run), first(run) if first else None, last(run) if last else None, bracket.at
            )
        self.expect("]")
        assert first is not None
        index = first
        return lambda run: functions.element(value(run), index(run), bracket.at)

    def atom(self) -> Code:
        """A number, text, name, bracket, list or call."""
        word = self.peek()
        self.i += 1
        if word.kind == "number":
            number = functions.literal(word.text, word.at)
            return lambda run: number
        if word.kind == "text":
            text = word.text[1:-1]
            return lambda run: text
        if word.text == "(":
            value = self.choice()
            self.expect(")")
            return value
        if word.text == "[":
            return self.listed(word)
        if word.kind != "name" or word.text in _RESERVED:
            self.i -= 1
            raise self.unexpected()
        if word.text in _CONSTANTS:
            constant = _CONSTANTS[word.text]
            return lambda run: constant
        if self.peek().text == "(":
            return self.called(word)
        return self.named(word)

    def named(self, word: Token) -> Code:
        """A name."""
        name, at = word.text, word.at

        def look(run: Evaluation) -> Any:
            if name in run.local:
                return run.local[name]
            try:
                return run.environment.lookup(name)
            except KeyError:
                known = run.environment.known() + list(functions.FUNCTIONS)
                raise ExpressionError(
                    "NS402", f"'{clip(name)}' is not known here", at, did_you_mean(name, known)
                ) from None

        return look

    def listed(self, bracket: Token) -> Code:
        """A list, or a comprehension."""
        items: list[Code] = []
        if self.accept("]"):
            return lambda run: []
        items.append(self.choice())
        if self.accept("for"):
            return self.comprehension(items[0], bracket)
        while self.accept(","):
            if self.peek().text == "]":
                break
            items.append(self.choice())
        self.expect("]")
        return lambda run: [item(run) for item in items]

    def comprehension(self, item: Code, bracket: Token) -> Code:
        """``[item for name in source if test]``, after ``for``."""
        word = self.peek()
        if word.kind != "name" or word.text in _RESERVED or word.text in _CONSTANTS:
            raise self.unexpected("a name is missing")
        self.i += 1
        self.expect("in")
        source = self.either()
        test = self.either() if self.accept("if") else None
        self.expect("]")
        name = word.text

        def code(run: Evaluation) -> Any:
            before = run.local
            out: list[Any] = []
            for value in functions.items(source(run), bracket.at):
                run.step()
                run.local = {**before, name: value}
                if test is None or test(run):
                    out.append(item(run))
            run.local = before
            return out

        return code

    def called(self, word: Token) -> Code:
        """A call of a function."""
        function = functions.FUNCTIONS.get(word.text)
        if function is None:
            raise ExpressionError(
                "NS402", f"there is no function '{clip(word.text)}'", word.at,
                did_you_mean(word.text, functions.FUNCTIONS) or f"there are {', '.join(functions.FUNCTIONS)}",
            )
        self.i += 1
        args: list[Code] = []
        named: dict[str, Code] = {}
        while self.peek().text != ")":
            key = self.peek()
            if key.kind == "name" and self.words[self.i + 1].text == "=":
                self.i += 2
                if key.text in named:
                    raise ExpressionError("NS401", f"'{clip(key.text)}' is given twice", key.at)
                named[key.text] = self.choice()
            else:
                args.append(self.choice())
            if not self.accept(","):
                break
        self.expect(")")

        def call(run: Evaluation) -> Any:
            run.step()
            values = [a(run) for a in args]
            return functions.call(word.text, values, {k: v(run) for k, v in named.items()}, run.step, word.at)

        return call
