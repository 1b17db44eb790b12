"""Recognises decomposed attention, masks that are equivalent to arguments, and heads that are split by views."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...shapes.sizes import Size, is_named
from ..constants import MASKED_SCORE
from ..draft import Draft, DraftNetwork
from ..rewriting import Rewriting
from ..views import root
from .heads import joined_heads, merge_equal_splits, part_of, sources_of, ungroup
from .masks import ConditionalValue, allows_a_key, choice_of, said_by_arguments

SUMMANDS = 64
"""Maximum number of layers that are searched for a sum that leads back to the scores."""


def simplify_attention(network: DraftNetwork) -> None:
    """Recognises ``softmax(q k^T * scale + mask) v``, causal masks, and heads."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("matmul"):
            ungroup(rewriting, draft)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("softmax"):
            _written_out(rewriting, draft)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("dot_product_attention"):
            _simplify_mask(rewriting, draft)
            _absorb_scale(rewriting, draft)
            if draft.arguments.get("heads", 1) == 1 and len(rewriting.shape(draft.inputs[0])) >= 3:
                _fold_heads(rewriting, draft)
            _plain_mask(rewriting, draft)
            _mask_of_one_head(rewriting, draft)
            _name_rotary(rewriting, draft)
    with Rewriting(network) as rewriting:
        merge_equal_splits(rewriting)


# -- softmax between two products --------------------------------------------------------------------------------------
def _written_out(rewriting: Rewriting, softmax: Draft) -> None:
    """Replaces a softmax between two products by attention over (…, positions, features)."""
    shape = rewriting.shape(softmax.inputs[0])
    if softmax.arguments.get("axis") not in (len(shape) - 1, -1):
        return
    scores = _Scores(rewriting, softmax.inputs[0])
    last, drop = softmax, 0.0
    after = rewriting.only_reader(softmax.outputs[0])
    if after is not None and scores.is_choice_of_weights(after, softmax.outputs[0]):
        last, after = after, rewriting.only_reader(after.outputs[0])
    elif not scores.allows_a_key():
        return
    if after is not None and after.operation == "dropout":
        last, drop = after, float(after.arguments.get("rate", 0.5))
        after = rewriting.only_reader(after.outputs[0])
    if after is None or after.operation != "matmul" or after.inputs[0] != last.outputs[0]:
        return
    product = scores.product
    if product is None:
        return
    query, key_t = product.inputs
    value = after.inputs[1]
    fronts = {rewriting.shape(v)[:-2] for v in (query, key_t, value)}
    if len(fronts) != 1 or len(rewriting.shape(query)) < 2:
        return
    query, factor = _without_factor(rewriting, query)
    key_t, other = _without_factor(rewriting, key_t)
    scale = scores.scale * factor * other * (1 if scores.cap is None else scores.cap)
    arguments: dict[str, Any] = {"heads": 1} | ({"cap": scores.cap} if scores.cap is not None else {})
    width = rewriting.shape(query)[-1]
    if is_named(width) or not math.isclose(scale, 1 / math.sqrt(width), rel_tol=1e-6):
        arguments["scale"] = scale
    said = scores.said(rewriting.shape(query)[-2], rewriting.shape(key_t)[-1])
    if said is None:
        return
    if (mask := scores.mask(after)) is not None:
        arguments["mask"] = mask
    arguments |= said
    if drop:
        arguments["drop"] = drop
    key = _transposed(rewriting, key_t, after)
    rewriting.change(after, "dot_product_attention", [query, key, value], arguments)


class _Scores:
    """The steps from a product to the normalised scores: factors, a cap, and added masks."""

    def __init__(self, rewriting: Rewriting, value: int) -> None:
        self.rewriting = rewriting
        self.scale = 1.0
        """The factor before the cap, if there is one."""
        self.cap: float | None = None
        """The factor after a ``tanh``."""
        self.masks: list[tuple[int, float]] = []
        """The added values, each with the factor that is applied to it afterwards."""
        self.choice: ConditionalValue | None = None
        """The selection between scores of allowed keys and a constant for the others."""
        self.product = self._walk(value)

    def _walk(self, value: int) -> Draft | None:
        rewriting, shape = self.rewriting, self.rewriting.shape(value)
        while (draft := rewriting.maker(value)) is not None and rewriting.only_reader(value) is not None:
            factor = _factor(draft)
            if draft.operation == "matmul":
                return draft if rewriting.shape(value) == shape else None
            if draft.operation == "tanh" and self.cap is None and self.scale > 0:
                self.cap, self.scale = self.scale, 1.0
                value = draft.inputs[0]
            elif draft.operation == "add" and len(draft.inputs) == 2 and self.cap is None:
                deep = [self._leads_to_product(v) for v in draft.inputs]
                if deep.count(True) != 1:
                    return None
                self.masks.append((draft.inputs[deep.index(False)], self.scale))
                value = draft.inputs[deep.index(True)]
            elif factor is not None:
                self.scale *= factor
                value = draft.inputs[0]
            elif (choice := self._excluding(draft)) is not None:
                self.choice, value = choice, choice.value
            else:
                return None
        return None

    def _excluding(self, draft: Draft) -> ConditionalValue | None:
        """Returns the selection of a draft, if its constant excludes keys from the softmax."""
        choice = choice_of(self.rewriting, draft)
        if choice is None or self.choice is not None or self.cap is not None or self.scale <= 0:
            return None
        return choice if choice.number * self.scale <= MASKED_SCORE else None

    def is_choice_of_weights(self, draft: Draft, weights: int) -> bool:
        """Whether a draft sets the weights of excluded keys to zero, even if a query has no allowed key."""
        choice = choice_of(self.rewriting, draft) if self.choice is not None else None
        zeroed = self.choice._replace(value=weights, number=0.0) if self.choice is not None else None
        return choice is not None and choice == zeroed

    def allows_a_key(self) -> bool:
        """Whether each query has an allowed key.

        Otherwise, a softmax weights all keys equally, whereas attention returns zeros.
        """
        return self.choice is None or allows_a_key(self.rewriting, self.choice.condition)

    def said(self, queries: Size, keys: Size) -> dict[str, Any] | None:
        """Returns the arguments that exclude the same keys as the selection, or None."""
        if self.choice is None:
            return {}
        condition = self.choice.condition
        said = said_by_arguments(self.rewriting, condition, queries, keys, is_condition=True)
        if said is not None or self.masks or len(self.rewriting.shape(condition)) < 2:
            return said
        return {"mask": condition}

    def _leads_to_product(self, value: int) -> bool:
        """Whether scales and sums lead back to a matrix product within a few steps."""
        pending, visited = [value], set[int]()
        while pending and len(visited) < SUMMANDS:
            value = pending.pop()
            draft = self.rewriting.maker(value)
            if draft is None or value in visited:
                continue
            visited.add(value)
            if draft.operation == "matmul":
                return True
            if draft.operation == "add":
                pending += draft.inputs
            elif _factor(draft) is not None or draft.operation == "tanh":
                pending.append(draft.inputs[0])
        return False

    def mask(self, place: Draft) -> int | None:
        """Combines all masks into one, before a draft; None if there is none."""
        rewriting, mask = self.rewriting, None
        for added, factor in self.masks:
            value, shape = added, rewriting.shape(added)
            if factor != 1:
                (value,) = rewriting.add_before(place, "rescale", [value], shape, {"factor": factor}, "mask")
            if mask is None:
                mask = value
            else:
                whole = tuple(np.broadcast_shapes(rewriting.shape(mask), shape))
                (mask,) = rewriting.add_before(place, "add", [mask, value], whole, stem="mask")
        return mask


def _factor(draft: Draft | None) -> float | None:
    """Returns the number by which a draft multiplies its input, or None."""
    if draft is None or draft.operation != "rescale" or set(draft.arguments) != {"factor"}:
        return None
    factor = draft.arguments["factor"]
    return float(factor) if isinstance(factor, (int, float)) else None


def _without_factor(rewriting: Rewriting, value: int) -> tuple[int, float]:
    """Returns a value before multiplication by a number, and that number, if nothing else reads the product."""
    maker = rewriting.maker(value, "rescale")
    factor = _factor(maker)
    if maker is None or factor is None or rewriting.only_reader(value) is None:
        return value, 1.0
    return maker.inputs[0], factor


def _transposed(rewriting: Rewriting, value: int, place: Draft) -> int:
    """Exchanges the last two axes of a value, before a draft."""
    rank = len(rewriting.shape(value))
    order = [*range(rank - 2), rank - 1, rank - 2]
    maker = rewriting.maker(value, "permute")
    if maker is not None:
        value, order = maker.inputs[0], [maker.arguments["order"][axis] for axis in order]
        if order == list(range(rank)):
            return value
    shape = tuple(rewriting.shape(value)[axis] for axis in order)
    return rewriting.add_before(place, "permute", [value], shape, {"order": order}, "key")[0]


# -- masks -------------------------------------------------------------------------------------------------------------
def _simplify_mask(rewriting: Rewriting, attention: Draft) -> None:
    """Replaces a constant mask by ``causal`` if it is equivalent, and removes one that excludes no key."""
    mask = attention.arguments.get("mask")
    table = rewriting.maker(root(rewriting, mask)[0], "buffer") if mask is not None else None
    if mask is None or table is None:
        return
    queries, keys = (rewriting.shape(v)[-2] for v in attention.inputs[:2])
    is_condition = table.arguments.get("dtype") == "bool"
    said = said_by_arguments(rewriting, mask, queries, keys, is_condition=is_condition)
    if said is not None:
        rest = {key: value for key, value in attention.arguments.items() if key != "mask"}
        rewriting.change(attention, arguments={**rest, **said})


def _plain_mask(rewriting: Rewriting, attention: Draft) -> None:
    """Removes leading axes of size 1 of a mask, whose axes are aligned from the right."""
    mask = attention.arguments.get("mask")
    if mask is None:
        return
    maker = rewriting.maker(mask)
    if maker is not None and not maker.weights:
        maker.stem = maker.stem or "mask"
    shape = rewriting.shape(mask)
    want = shape
    while len(want) > 2 and not is_named(want[0]) and want[0] == 1:
        want = want[1:]
    if want != shape:
        (value,) = rewriting.add_before(attention, "reshape", [mask], want, {"shape": list(want)}, "mask")
        rewriting.change(attention, arguments={**attention.arguments, "mask": value})


def _mask_of_one_head(rewriting: Rewriting, attention: Draft) -> None:
    """Adds an axis for the only head to a mask with batch-like axes of the query."""
    mask = attention.arguments.get("mask")
    if mask is None or attention.arguments.get("heads", 1) != 1:
        return
    shape = rewriting.shape(mask)
    if len(shape) > 2 and len(shape) <= len(rewriting.shape(attention.inputs[0])):
        want = (*shape[:-2], 1, *shape[-2:])
        (value,) = rewriting.add_before(attention, "reshape", [mask], want, {"shape": list(want)}, "mask")
        rewriting.change(attention, arguments={**attention.arguments, "mask": value})


def _absorb_scale(rewriting: Rewriting, attention: Draft) -> None:
    """Moves a factor of the query into ``scale``."""
    query, factor = _without_factor(rewriting, attention.inputs[0])
    if query == attention.inputs[0]:
        return
    width = rewriting.shape(attention.inputs[0])[-1] // attention.arguments.get("heads", 1)
    if is_named(width):
        return
    usual = 1 / math.sqrt(width)
    scale = attention.arguments.get("scale", usual) * factor
    arguments = {key: value for key, value in attention.arguments.items() if key != "scale"}
    if not math.isclose(scale, usual, rel_tol=1e-6):
        arguments["scale"] = scale
    rewriting.change(attention, inputs=[query, *attention.inputs[1:]], arguments=arguments)


# -- heads -------------------------------------------------------------------------------------------------------------
def _fold_heads(rewriting: Rewriting, attention: Draft) -> None:
    """Moves the splitting of heads from views into attention over (…, heads, positions, features)."""
    shapes = [rewriting.shape(v) for v in attention.inputs[:3]]
    if any(is_named(shape[axis]) for shape in shapes for axis in (-3, -1)) or len({len(s) for s in shapes}) != 1:
        return
    query, key, value = (part_of(rewriting, v) for v in attention.inputs[:3])
    if query is None or key is None or value is None or key.heads != value.heads:
        return
    if query.heads != shapes[0][-3] or query.heads % key.heads:
        return
    joined = joined_heads(rewriting, attention.outputs[0])
    if joined is None:
        return
    sources = sources_of(rewriting, attention, [query, key, value], [s[:-3] for s in shapes], [s[-2] for s in shapes])
    arguments = {**attention.arguments, "heads": query.heads}
    if key.heads != query.heads:
        arguments["kv_heads"] = key.heads
    output = attention.outputs[0]
    *front, heads, count, width = rewriting.shape(output)
    whole = (*front, count, heads * width)
    rewriting.change(attention, inputs=sources, arguments=arguments)
    rewriting.network.shapes[output] = whole
    target = rewriting.shape(joined.value)
    if target == whole:
        rewriting.replace(joined.value, output)
    else:
        place, shape = joined.draft, {"shape": list(target)}
        rewriting.replace(joined.value, rewriting.add_before(place, "reshape", [output], target, shape)[0])


def _name_rotary(rewriting: Rewriting, attention: Draft) -> None:
    """Names the rotations of a query and a key."""
    for value, stem in zip(attention.inputs, ("q_rotary", "k_rotary"), strict=False):
        maker = rewriting.maker(root(rewriting, value)[0], "rotary")
        if maker is not None:
            maker.stem = stem
