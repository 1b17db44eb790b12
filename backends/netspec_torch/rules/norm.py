"""Rules for normalisation."""

from __future__ import annotations

from netspec.ops.norm import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Normalize,
    LayerNorm,
    LocalResponseNorm,
    OverAxes,
    RmsNorm,
)
from netspec.shapes.sizes import is_named

from .lowered import (
    Default,
    Expr,
    Literal,
    Lowered,
    Make,
    Site,
    applied,
    batchless,
    expression,
    lower,
    module,
    numbered,
)
from .shape import call_along_last_axis

batchless(LayerNorm, RmsNorm, L2Normalize)


def channels_second(site: Site, axis: int, most: int = 4, *, contiguous: bool = False) -> Expr:
    """Returns the call of a module that requires channels right after the batch and supports few axes."""
    holes: dict[str, Literal] = {}
    inner = "{0}" if axis == 0 else f"{{0}}.movedim({axis + 1}, 1)"
    if contiguous:
        inner += ".contiguous()"
    many = site.x.rank > most
    if many:
        inner += ".flatten(2)"
    if inner == "{0}":
        return Expr("")
    out = f"{{self}}({inner})"
    if many:
        sizes = tuple(n for a, n in enumerate(site.x.shape) if a != axis)
        rest = ", ".join(map(str, sizes))
        if any(map(is_named, sizes)):
            rest, holes = numbered("size", sizes)
        out += f".unflatten(2, ({rest}))"
    return Expr(out if axis == 0 else f"{out}.movedim(1, {axis + 1})", holes)


@lower.rule(BatchNorm)
def batch_norm(op: BatchNorm, site: Site) -> Lowered:
    """``nn.BatchNormNd``; if frozen, a class of the library."""
    rank = site.x.rank
    if op.frozen:
        fixed = {"num_features": site.x.shape[op.axis], "eps": Default(op.eps, 1e-5)}
        fixed["affine"] = Default(op.affine, True)
        return Lowered(Make("FrozenBatchNorm", fixed), channels_second(site, op.axis))
    axes = 1 if rank <= 2 or rank > 4 else rank - 1
    args = {
        "num_features": site.x.shape[op.axis],
        "eps": Default(op.eps, 1e-5),
        "momentum": Default(op.momentum, 0.1),
        "affine": Default(op.affine, True),
    }
    return Lowered(Make(f"nn.BatchNorm{axes}d", args), channels_second(site, op.axis))


def over_axes(op: OverAxes, site: Site, cls: str, **args: Default) -> Lowered:
    """Returns a module over the last axes; other axes are moved there and back."""
    axes, rank = op.axes(), site.x.rank
    sizes = op.shape(site.x)
    shape = sizes[0] if len(sizes) == 1 else sizes
    if op.heads > 1:
        moves, axis = axes[0] != rank - 1, site.axis(axes[0])
        inner = f"{{0}}.movedim({axis}, -1)" if moves else "{0}"
        back = f".movedim(-1, {axis})" if moves else ""
        call = f"{{self}}({inner}.unflatten(-1, ({{heads}}, -1))).flatten(-2){back}"
        return Lowered(Make(cls, {"normalized_shape": shape, **args}), Expr(call, {"heads": op.heads}))
    if axes == tuple(range(rank - len(axes), rank)):
        return module(cls, normalized_shape=shape, **args)
    if cls == "nn.LayerNorm" and rank == 3 and axes == (0,) and site.lead != "0":
        return module("LayerNorm2d", normalized_shape=shape, **args)
    if len(axes) == 1:
        return applied(call_along_last_axis(site, axes[0]), cls, normalized_shape=shape, **args)
    here = tuple(site.axis(a) for a in axes)
    there = tuple(range(-len(axes), 0))
    call = f"{{self}}({{0}}.movedim({here}, {there})).movedim({there}, {here})"
    return applied(call, cls, normalized_shape=shape, **args)


@lower.rule(LayerNorm)
def layer_norm(op: LayerNorm, site: Site) -> Lowered:
    """``nn.LayerNorm``."""
    return over_axes(
        op,
        site,
        "nn.LayerNorm",
        eps=Default(op.eps, 1e-5),
        elementwise_affine=Default(op.affine, True),
        bias=Default(op.bias or not op.affine, True),
    )


@lower.rule(RmsNorm)
def rms_norm(op: RmsNorm, site: Site) -> Lowered:
    """``nn.RMSNorm``."""
    return over_axes(op, site, "nn.RMSNorm", eps=Default(op.eps, None), elementwise_affine=Default(op.affine, True))


@lower.rule(GroupNorm)
def group_norm(op: GroupNorm, site: Site) -> Lowered:
    """``nn.GroupNorm``."""
    args = {
        "num_groups": op.groups,
        "num_channels": site.x.shape[op.axis],
        "eps": Default(op.eps, 1e-5),
        "affine": Default(op.affine, True),
    }
    return Lowered(Make("nn.GroupNorm", args), channels_second(site, op.axis, most=99))


@lower.rule(InstanceNorm)
def instance_norm(op: InstanceNorm, site: Site) -> Lowered:
    """``nn.InstanceNormNd``."""
    rank = site.x.rank
    axes = 1 if rank > 4 else rank - 1
    args = {"num_features": site.x.shape[op.axis], "eps": Default(op.eps, 1e-5), "affine": Default(op.affine, False)}
    return Lowered(Make(f"nn.InstanceNorm{axes}d", args), channels_second(site, op.axis))


@lower.rule(LocalResponseNorm)
def local_response_norm(op: LocalResponseNorm, site: Site) -> Lowered:
    """``nn.LocalResponseNorm``."""
    args = {"size": op.size, "alpha": Default(op.alpha, 1e-4), "beta": Default(op.beta, 0.75), "k": Default(op.k, 1.0)}
    # for volumes, PyTorch calls view
    call = channels_second(site, op.axis, most=99, contiguous=site.x.rank > 3)
    return Lowered(Make("nn.LocalResponseNorm", args), call)


@lower.rule(L2Normalize)
def l2_normalize(op: L2Normalize, site: Site) -> Lowered:
    """``F.normalize``."""
    text, holes = numbered("dim", tuple(site.axis(a) for a in op.axis))
    dims = text if len(op.axis) == 1 else f"({text})"
    if op.eps == 1e-12:
        return expression(f"F.normalize({{0}}, dim={dims})", **holes)
    return expression(f"F.normalize({{0}}, dim={dims}, eps={{eps}})", **holes, eps=op.eps)
