"""Rules for dense layers and look-ups."""

from __future__ import annotations

from netspec.ops.dense import Bilinear, Dense, Embedding, Gather, Rbf

from .lowered import Default, Expr, Lowered, Make, Site, applied, batchless, lower, module
from .shape import call_along_last_axis

batchless(Dense, Embedding, Gather)


@lower.rule(Dense)
def dense(op: Dense, site: Site) -> Lowered:
    """``nn.Linear``, with its axis moved to the end and back."""
    return applied(
        call_along_last_axis(site, op.axis),
        "nn.Linear",
        in_features=op.features(site.x),
        out_features=op.units,
        bias=Default(op.bias, True),
    )


@lower.rule(Rbf)
def rbf(op: Rbf, site: Site) -> Lowered:
    """A class of the library."""
    return applied(call_along_last_axis(site, op.axis), "RBF", in_features=op.features(site.x), out_features=op.units)


@lower.rule(Bilinear)
def bilinear(op: Bilinear, site: Site) -> Lowered:
    """``nn.Bilinear``, which requires equal leading axes."""
    x, y = (op.features(x) for x in site.xs)
    args = {"in1_features": x, "in2_features": y, "out_features": op.units, "bias": Default(op.bias, True)}
    call = "" if site.batch[0] == site.batch[1] else f"{{self}}({site.whole(0)}, {site.whole(1)})"
    return Lowered(Make("nn.Bilinear", args), Expr(call))


@lower.rule(Embedding)
def embedding(op: Embedding, site: Site) -> Lowered:
    """``nn.Embedding``."""
    return module("nn.Embedding", num_embeddings=op.vocabulary, embedding_dim=op.width)


@lower.rule(Gather)
def gather(op: Gather, site: Site) -> Lowered:
    """Indexing, if the index is the same for all examples; otherwise ``gather``, or a function of the library."""
    x, index = site.xs
    axis = site.axis(op.axis)
    if site.batch[1] != "N":
        at = "{1}" if site.batch[1] == "0" else "{1}[0]"
        return Lowered(None, Expr(f"{{0}}[{':, ' * axis}{at}]"))
    if site.batch[0] == "0":
        lead = ", ".join([":"] * op.axis + ["{1}"])
        text = f"{{0}}[{lead}]"
        return Lowered(None, Expr(f"{text}.movedim({op.axis}, 0)" if op.axis else text))
    if x.rank == 1 and site.batch[0] == "N":
        return Lowered(
            None, Expr("{0}.gather(1, {1})" if index.rank == 1 else "{0}.gather(1, {1}.flatten(1)).view_as({1})")
        )
    return Lowered(None, Expr("take({0}, {1}, {axis})", {"axis": axis}))
