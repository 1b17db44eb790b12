"""Layers of Keras that a spec cannot say, with the reason. Data only."""

from __future__ import annotations

_TEXT = "it works on texts"
_CONV_RECURRENT = "recurrence over images has no equivalent"
_PREPARATION = "it prepares data by tables that are no weights"

REASONS: dict[str, str] = {
    "TextVectorization": _TEXT,
    "StringLookup": _TEXT,
    "Hashing": _TEXT,
    "HashedCrossing": _TEXT,
    "IntegerLookup": _PREPARATION,
    "Discretization": _PREPARATION,
    "CategoryEncoding": _PREPARATION,
    "FeatureSpace": _PREPARATION,
    "MelSpectrogram": "windowed Fourier transforms have no equivalent",
    "STFTSpectrogram": "windowed Fourier transforms have no equivalent",
    "ConvLSTM1D": _CONV_RECURRENT,
    "ConvLSTM2D": _CONV_RECURRENT,
    "ConvLSTM3D": _CONV_RECURRENT,
    "TFOpLambda": "it is a function of TensorFlow, which Keras 3 does not load either",
    "SlicingOpLambda": "it is a function of TensorFlow, which Keras 3 does not load either",
    "TFSMLayer": "it is a graph of TensorFlow",
    "TorchModuleWrapper": "it is a module of PyTorch: `netspec.from_torch` imports it",
    "JaxLayer": "it is a function of JAX",
    "FlaxLayer": "it is a module of Flax",
}
