"""Networks for tables, games and graphs, written again from their papers, by other ways of computing the same."""

from __future__ import annotations

from functools import partial

from .cases import Case
from .paper_modules import (
    alphazero,
    deepfm,
    dense_numbers,
    dlrm,
    dueling,
    every_second,
    ft_transformer,
    gat,
    gcn,
    highway,
    mdn,
    nbeats,
    ncf,
    numbers_alone,
    pinn,
    plain_rows,
    vae,
    wide_deep,
    with_loops,
)


def cases() -> list[Case]:
    """All of them."""
    doubled = dense_numbers
    return [
        *(
            Case(
                f"alphazero@{v} planes=5 board=7 width=12 depth=2",
                partial(alphazero, 5, 7, 12, 2),
                published=partial(alphazero, 17, 19, 256, depth),
            )
            for v, depth in (("20_blocks", 19), ("40_blocks", 39))
        ),
        Case("dueling_dqn", partial(dueling, 18), names=doubled),
        Case(
            "deepfm fields=5 vocabulary=50 width=6 hidden=[16,12]",
            partial(deepfm, 5, 50, 6, (16, 12)),
            names=doubled,
            published=partial(deepfm, 39, 100_000, 10, (400, 400, 400)),
        ),
        Case(
            "ncf users=20 items=30 hidden=[32,16,8]",
            partial(ncf, 20, 30, 8, (32, 16, 8)),
            names=doubled,
            published=partial(ncf, 6040, 3706, 8, (64, 32, 16, 8)),
        ),
        Case(
            "wide_deep crosses=20 fields=4 vocabulary=30 width=8 hidden=[16,12]",
            partial(wide_deep, 20, 4, 30, 8, (16, 12)),
            names=doubled,
            published=partial(wide_deep, 1000, 8, 5000, 32, (1024, 512, 256)),
        ),
        Case(
            "dlrm numbers=5 width=8 tables=[11,7,9] bottom=[16] top=[12]",
            partial(dlrm, 5, 8, (11, 7, 9), (16,), (12,)),
            names=plain_rows,
            published=partial(dlrm, 13, 16, (1000, 200, 3000, 50), (512, 256, 64), (512, 256)),
        ),
        Case(
            "gcn features=6 width=8 classes=3 nodes=9",
            partial(gcn, 6, 8, 3),
            published=partial(gcn, 1433, 16, 7),
            counts_macs=False,  # ours multiplies by a dense matrix of edges
        ),
        Case(
            "gat features=6 width=4 heads=3 classes=3 nodes=9",
            partial(gat, 6, 4, 3, 3),
            prepare=with_loops,
            published=partial(gat, 1433, 8, 8, 7),
            counts_macs=False,  # as above
        ),
        Case("highway width=12 depth=3", partial(highway, 784, 12, 3, 10), published=partial(highway, 784, 71, 9, 10)),
        Case("mdn mixtures=4 targets=2", partial(mdn, 20, 4, 2), published=partial(mdn, 20, 3, 1)),
        Case(
            "ft_transformer numbers=5 categories=[4,7] width=24 depth=2 heads=4 targets=3",
            partial(ft_transformer, 5, (4, 7), 24, 2, 4, 3),
            published=partial(ft_transformer, 8, (4, 7, 12), 192, 3, 8, 1),
        ),
        Case(
            "nbeats back=12 ahead=4 widths=[16,20,24] count=2 degree=3 harmonics=2 theta=6",
            partial(nbeats, 12, 4, (16, 20, 24), 2, 3, 2, 6),
            names=every_second,
            published=partial(nbeats, 35, 7, (256, 512, 512), 3, 3, 4, 32),
            limit=1e-6,  # our shapes are of single precision
        ),
        Case("pinn", partial(pinn, 20, 8), names=numbers_alone),
        Case("vae hidden=40 latent=6", partial(vae, 40, 6, 784), published=partial(vae, 400, 20, 784)),
    ]
