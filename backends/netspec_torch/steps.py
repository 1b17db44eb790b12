"""Steps of a ``forward`` as lines: activations written around what they are applied to, operands put in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .body import Body, Line
from .naming import Operand, Step, Value, innermost
from .syntax.literals import quoted


def fused(steps: Sequence[Step], returned: Sequence[int]) -> list[Step]:
    """The steps, with an activation and what it is applied to as one: ``F.relu(self.conv1(x))``."""
    count: dict[int, int] = {}
    for v in [*(v for step in steps for v in step.values()), *returned]:
        count[v] = count.get(v, 0) + 1
    out: list[Step] = []
    for step in steps:
        if step.fuse and out and len(step.operands) == 1:
            operand = step.operands[0]
            before = out[-1]
            if (
                not isinstance(operand, Step) and not operand.lift and before.outs == (operand.number,)
                and not before.overwrites and step.item == before.item and count[operand.number] == 1
                and step.text.count("{0}") == 1
            ):
                out[-1] = Step(step.text, {0: before}, step.outs, before.titles, step.shape, item=step.item)
                continue
        out.append(step)
    return out


def needed(steps: Sequence[Step], returned: Sequence[int]) -> list[Step]:
    """The steps without those that give nothing which is read."""
    wanted = set(returned)
    out: list[Step] = []
    for step in reversed(steps):
        if wanted.intersection(step.outs):
            wanted.update(step.values())
            out.append(step)
    return out[::-1]


def rendered(
    body: Body,
    steps: Sequence[Step],
    returned: Sequence[int],
    names: Mapping[int, str],
    stored: Mapping[int, int],
    public: Sequence[str] | None = None,
    appended: Mapping[int, str] | None = None,
) -> None:
    """Writes the steps into the lines of a body.

    Args:
        body: where the lines go.
        steps: with the names of their values.
        returned: values that it gives.
        names: of all values.
        stored: for tensors of the body itself, the number of their path.
        public: names of the outputs, where they are given as a dict.
        appended: text to put behind some of the returned values.
    """
    current = {v: name for v, name in names.items() if v not in {o for s in steps for o in s.outs}}
    for step in steps:
        text = _text(step, current, stored)
        condition = step.condition
        if condition:
            operand = innermost(step).operands[0]
            assert isinstance(operand, Value)
            before = _operand(current, stored, operand.number)
            if before != step.names[0]:
                text, condition = f"{text} if {condition} else {before}", ""
        current.update(zip(step.outs, step.names, strict=True))
        line = text if step.overwrites else f"{', '.join(step.names)} = {text}"
        body.lines.append(Line(line, step.shape, condition))
    texts = [_operand(current, stored, v) + (appended or {}).get(v, "") for v in returned]
    if public is not None:
        entries = ", ".join(f"{quoted(name)}: {text}" for name, text in zip(public, texts, strict=True))
        body.lines.append(Line(f"return {{{entries}}}"))
        return
    last = body.lines[-1] if body.lines else None
    if last is not None and not last.condition and last.text.startswith(f"{', '.join(texts)} = "):
        body.lines[-1] = Line("return " + last.text.split(" = ", 1)[1], last.shape)
    else:
        body.lines.append(Line(f"return {', '.join(texts)}"))


def _operand(current: Mapping[int, str], stored: Mapping[int, int], value: int) -> str:
    return f"\1{stored[value]}\1" if value in stored else current[value]


def _text(step: Step, current: Mapping[int, str], stored: Mapping[int, int]) -> str:
    def put(match: re.Match[str]) -> str:
        operand: Operand = step.operands[int(match[1])]
        if not isinstance(operand, Step):
            return _operand(current, stored, operand.number) + ("[None]" if operand.lift else "")
        text = _text(operand, current, stored)
        whole = step.text[: match.start()].endswith("(") and step.text[match.end() :][:1] in (")", ",")
        return text if whole or _atomic(text) else f"({text})"

    return re.sub(r"\{(\d+)\}", put, step.text)


def _atomic(text: str) -> bool:
    """Whether an expression is a call, an index or a name, which needs no parentheses."""
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if c == " " and depth == 0:
            return False
    return not text.startswith("-")
