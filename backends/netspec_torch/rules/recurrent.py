"""Rules for recurrent layers."""

from __future__ import annotations

from netspec.ops.recurrent import Gru, Lstm, Recurrent, Rnn

from .lowered import Default, Expr, Literal, Lowered, Make, Site, lower

CLASSES: dict[type[Recurrent], str] = {Rnn: "RNN", Lstm: "LSTM", Gru: "GRU"}


@lower.rule(Rnn, Lstm, Gru)
def recurrent(op: Recurrent, site: Site) -> Lowered:
    """A class of the library, with the same parameter names as PyTorch."""
    name = next(CLASSES[cls] for cls in type(op).__mro__ if cls in CLASSES)
    args: dict[str, Literal] = {
        "input_size": site.x.shape[-1],
        "hidden_size": op.width,
        "num_layers": Default(op.num_layers, 1),
        "bias": Default(op.bias, True),
    }
    args |= {
        "dropout": Default(op.drop if op.num_layers > 1 else 0.0, 0.0),
        "bidirectional": Default(op.bidirectional, False),
    }
    if isinstance(op, Rnn):
        args["nonlinearity"] = Default(op.nonlinearity, "tanh")
    args["last"] = Default(op.output == "last", False)
    each = ", ".join(site.whole(i) for i in range(len(site.xs)))
    call = f"{{self}}({each})"
    if len(site.used) == 1 or not any(site.used[1:]):
        call += "[0]"
    return Lowered(Make(name, args), Expr(call))
