"""The additive figures of a layer, a block or a network: parameters, MACs, activations, connections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Counts for one example. ``docs/counting.md`` states the conventions."""

    params: int = 0
    """Weights and biases, trainable or frozen. A shared one is counted only at the first layer that uses it."""
    trainable_params: int = 0
    """Parameters that training changes."""
    active_params: int = 0
    """Parameters that one position uses: without the copies under ``route`` that it does not choose."""
    buffers: int = 0
    """Elements of running statistics and fixed tables; they are not parameters."""
    macs: int = 0
    """Multiply-accumulates of convolutions, dense layers, matrix products and attention; without bias, normalisation
    and activation (the convention of torchvision and fvcore)."""
    macs_once: int = 0
    """MACs computed once per batch: those of layers that depend on no input, such as layers that compute weights."""
    macs_needed: int = 0
    """MACs without those of scores excluded by ``causal`` or ``window``; exact, even if no kernel skips all of them."""
    activations: int = 0
    """Elements of the outputs of all layers. A layer with an ``activation`` counts once; learned tensors and tables,
    which have no input, do not count."""
    weighted_activations: int = 0
    """The same, only for layers with MACs such as convolutions and dense layers (the figure of pycls and fvcore)."""
    activation_bytes: int = 0
    """Bytes of the outputs that :attr:`activations` counts."""
    connections: int = 0
    """Weights used, bias included, summed over output positions (LeCun et al. 1998)."""

    @property
    def frozen_params(self) -> int:
        """Parameters that training does not change."""
        return self.params - self.trainable_params

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-accumulate."""
        return 2 * self.macs

    @property
    def figures(self) -> Figures:
        """Returns the figures without the fields of a subclass. Two results are equal if all counts are."""
        return Figures.sum((self,))

    def for_batch(self, size: int) -> Figures:
        """Returns the figures for a batch: MACs, FLOPs and activations scale with its size."""
        return Figures(
            params=self.params,
            trainable_params=self.trainable_params,
            active_params=self.active_params,
            buffers=self.buffers,
            macs=(self.macs - self.macs_once) * size + self.macs_once,
            macs_once=self.macs_once,
            macs_needed=(self.macs_needed - self.macs_once) * size + self.macs_once,
            activations=self.activations * size,
            weighted_activations=self.weighted_activations * size,
            activation_bytes=self.activation_bytes * size,
            connections=self.connections,
        )

    @staticmethod
    def sum(items: Iterable[Figures]) -> Figures:
        """Returns the sums over several layers or blocks."""
        params = trainable_params = active_params = buffers = macs = macs_once = macs_needed = connections = 0
        activations = weighted_activations = activation_bytes = 0
        for x in items:
            params += x.params
            trainable_params += x.trainable_params
            active_params += x.active_params
            buffers += x.buffers
            macs += x.macs
            macs_once += x.macs_once
            macs_needed += x.macs_needed
            activations += x.activations
            weighted_activations += x.weighted_activations
            activation_bytes += x.activation_bytes
            connections += x.connections
        return Figures(
            params=params,
            trainable_params=trainable_params,
            active_params=active_params,
            buffers=buffers,
            macs=macs,
            macs_once=macs_once,
            macs_needed=macs_needed,
            activations=activations,
            weighted_activations=weighted_activations,
            activation_bytes=activation_bytes,
            connections=connections,
        )
