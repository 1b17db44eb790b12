"""Rules for attention."""

from __future__ import annotations

from netspec.ops.attention import Attention, DotProductAttention

from .lowered import Default, Expr, Literal, Lowered, Make, Site, expression, lower


def mask_text(site: Site, of: int, scores: int) -> str:
    """Returns the mask, with axes added to match those of the scores and the batch."""
    rank = site.xs[of].rank
    if rank < scores and (site.batch[of] == "N" or scores == 3):
        return f"{{{of}}}[:{', None' * (scores - rank)}]"
    return f"{{{of}}}"


def query_text(site: Site, roles: tuple[int, ...]) -> str:
    """Returns the query, expanded to the batch if only the mask has one, because a mask cannot enlarge the scores."""
    return site.whole(0) if all(site.batch[i] != "N" for i in roles) else "{0}"


@lower.rule(Attention)
def attention(op: Attention, site: Site) -> Lowered:
    """A class of the library, with the parameter names of ``nn.MultiheadAttention``."""
    q, k, v = op.widths(site.xs)
    args: dict[str, Literal] = {"embed_dim": q, "num_heads": op.heads}
    args |= {"kdim": Default(k, q), "vdim": Default(v, q)} if (k, v) != (q, q) else {}
    args |= {
        "bias": Default(op.bias, True),
        "dropout": Default(op.drop, 0.0),
        "is_causal": Default(op.causal, False),
    }
    roles = op.roles(site.xs)
    references = [f"{{{i}}}" for i in roles]
    while len(references) > 1 and references[-1] == references[-2]:
        references.pop()
    references[0] = query_text(site, roles)
    if op.mask:
        references.append(f"mask={mask_text(site, len(site.xs) - 1, 3)}")
    plain = references == ["{0}"]
    return Lowered(Make("Attention", args), Expr("" if plain else f"{{self}}({', '.join(references)})"))


@lower.rule(DotProductAttention)
def dot_product_attention(op: DotProductAttention, site: Site) -> Lowered:
    """The simplest function of the library that supports the options in use."""
    rank = site.x.rank
    holes: dict[str, Literal] = {"heads": op.heads}
    named = "attend"
    if op.cap is not None:
        named = "attend_capped"
    elif op.window is not None or op.sinks:
        named = "attend_in_window"
    elif op.key_heads != op.heads:
        named = "attend_in_groups"
    text = f"{named}({query_text(site, (0, 1, 2))}, {{1}}, {{2}}, {{heads}}"
    if named != "attend":
        text += ", {kv_heads}"
        holes["kv_heads"] = op.key_heads
    if op.cap is not None:
        text += ", {cap}"
        holes["cap"] = op.cap
    if op.window is not None:
        text += ", window={window}"
        holes["window"] = op.window
    if op.mask:
        text += f", mask={mask_text(site, 3, rank + 1)}"
    if op.sinks:
        text += f", sinks={site.aligned(len(site.xs) - 1, rank - 1)}"
    if op.causal:
        text += ", is_causal=True"
    if op.scale is not None:
        text += ", scale={scale}"
        holes["scale"] = op.scale
    if op.drop:
        text += ", dropout={dropout} if self.training else 0.0"
        holes["dropout"] = op.drop
    return expression(text + ")", **holes)
