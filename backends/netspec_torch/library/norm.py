"""Normalisation missing from torch.nn. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from torch import Tensor, nn


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of an image."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
