"""Gives layers the weights that other layers compute from learned tensors alone."""

from __future__ import annotations

from ...shapes.sizes import is_same
from ..draft import Draft, DraftNetwork, numbered_axes
from ..rewriting import Rewriting

MOST = 8
"""Maximum number of layers that compute a weight."""
NORMS = ("layer_norm", "rms_norm")


def give_weights(network: DraftNetwork) -> None:
    """Replaces products with a computed gain after a norm, and sums with a computed bias after ``dense``."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts(*NORMS):
            if draft.arguments.get("affine") is False:
                _give_gain(rewriting, draft)
        for draft in rewriting.drafts("dense"):
            if draft.arguments.get("bias", True) is False:
                _give_bias(rewriting, draft)


def _give_gain(rewriting: Rewriting, norm: Draft) -> None:
    """Gives a norm the gain that other layers compute: ``1 + weight`` in Gemma."""
    shape = rewriting.shape(norm.outputs[0])
    axes = numbered_axes(norm, len(shape))
    product = rewriting.only_reader(norm.outputs[0], "multiply")
    if axes is None or axes != list(range(len(shape) - len(axes), len(shape))) or product is None:
        return
    gain = _other(rewriting, product, norm.outputs[0])
    if gain is None or rewriting.shape(gain) != shape[-len(axes) :]:
        return
    arguments = {key: value for key, value in norm.arguments.items() if key != "affine"}
    arguments |= {"bias": False} if norm.operation == "layer_norm" else {}
    rewriting.give_weight(product, "weight", gain)
    rewriting.change(product, norm.operation, norm.inputs, arguments)
    product.calls = norm.calls


def _give_bias(rewriting: Rewriting, dense: Draft) -> None:
    """Gives a fully connected layer the bias that other layers compute: parts of it are zeros in BEiT."""
    shape = rewriting.shape(dense.outputs[0])
    total = rewriting.only_reader(dense.outputs[0], "add")
    if (
        total is None
        or "weight" not in dense.weights
        or numbered_axes(dense, len(shape)) not in ([len(shape) - 1], None)
    ):
        return
    bias = _other(rewriting, total, dense.outputs[0])
    if bias is None or len(rewriting.shape(bias)) != 1 or not is_same(rewriting.shape(bias)[0], shape[-1]):
        return
    rewriting.give_weight(total, "bias", bias)
    rewriting.change(total, "dense", dense.inputs, {**dense.arguments, "bias": True})
    total.weights, total.calls, total.stem, total.frozen = dense.weights, dense.calls, dense.stem, dense.frozen


def _other(rewriting: Rewriting, draft: Draft, value: int) -> int | None:
    """Returns the other input of a layer with two, if layers compute it from learned tensors; else None."""
    others = [v for v in draft.inputs if v != value]
    if len(draft.inputs) != 2 or len(others) != 1 or rewriting.maker(others[0], "parameter") is not None:
        return None
    return others[0] if _is_of_weights(rewriting, others[0]) else None


def _is_of_weights(rewriting: Rewriting, value: int) -> bool:
    """Returns whether a few layers compute a value from learned tensors and constants alone."""
    pending, learned = [value], False
    for _ in range(MOST):
        if not pending:
            break
        maker = rewriting.maker(pending.pop())
        if maker is None:
            return False
        learned = learned or maker.operation == "parameter"
        pending += maker.reads
    return learned and not pending
