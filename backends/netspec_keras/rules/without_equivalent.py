"""Layers of Keras without an equivalent, with the reason. Data only."""

from __future__ import annotations

_TEXT = "it processes strings"
_CONV_RECURRENT = "convolutional recurrence has no equivalent"
_PREPARATION = "it preprocesses data with tables that are not weights"

REASONS: dict[str, str] = {
    "TextVectorization": _TEXT,
    "StringLookup": _TEXT,
    "Hashing": _TEXT,
    "HashedCrossing": _TEXT,
    "IntegerLookup": _PREPARATION,
    "Discretization": _PREPARATION,
    "CategoryEncoding": _PREPARATION,
    "FeatureSpace": _PREPARATION,
    "MelSpectrogram": "short-time Fourier transforms have no equivalent",
    "STFTSpectrogram": "short-time Fourier transforms have no equivalent",
    "ConvLSTM1D": _CONV_RECURRENT,
    "ConvLSTM2D": _CONV_RECURRENT,
    "ConvLSTM3D": _CONV_RECURRENT,
    "TFOpLambda": "it is a function of TensorFlow, which Keras 3 cannot load either",
    "SlicingOpLambda": "it is a function of TensorFlow, which Keras 3 cannot load either",
    "TFSMLayer": "it is a graph of TensorFlow",
    "TorchModuleWrapper": "it is a module of PyTorch, which `netspec.from_torch` imports",
    "JaxLayer": "it is a function of JAX",
    "FlaxLayer": "it is a module of Flax",
}
