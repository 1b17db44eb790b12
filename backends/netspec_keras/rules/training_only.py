"""Layers that do nothing but in training: dropout is kept, noise and augmentation are left out with a note."""

from __future__ import annotations

from ..call import LayerCall, Result
from ..json_values import is_list
from .table import layer, operation

AUGMENTATION = [
    "RandomFlip",
    "RandomTranslation",
    "RandomRotation",
    "RandomZoom",
    "RandomContrast",
    "RandomBrightness",
    "RandomHeight",
    "RandomWidth",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandAugment",
    "AugMix",
    "AutoContrast",
    "CutMix",
    "MixUp",
]
"""Layers that change images at random."""
ALWAYS = frozenset({"AutoContrast"})


@layer("Dropout")
def dropout(call: LayerCall) -> Result:
    """Kept, with its rate; where all values of an example, or of a channel, fall together, by its name."""
    rate, shape = call.settings.number("rate"), call.settings.values.get("noise_shape")
    if shape is None:
        return call.add("dropout", rate=rate)
    rank = call.input.rank
    if is_list(shape) and len(shape) == rank + 1:
        shared = [a for a in range(rank) if shape[a + 1] == 1]
        if len(shared) == rank:
            return call.add("drop_path", rate=rate)
        if shared == [a for a in range(rank) if a != call.input.type.channel]:
            return call.add("spatial_dropout", rate=rate)
    call.walk.note(call.layer, "the shape of its noise is left out, which matters in training only")
    return call.add("dropout", rate=rate)


@layer("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def spatial_dropout(call: LayerCall) -> Result:
    """Kept, with its rate."""
    return call.add("spatial_dropout", rate=call.settings.number("rate"))


@layer("GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization")
def noise(call: LayerCall) -> Result:
    """Left out."""
    call.walk.note(call.layer, "left out: it acts in training only")
    return call.input


@layer(*(name for name in AUGMENTATION if name not in ALWAYS))
def augmentation(call: LayerCall) -> Result:
    """Left out; random crops are centred in inference, and then refused unless they keep the size."""
    call.walk.note(call.layer, "left out: it changes images in training only")
    return call.input


@layer("StochasticDepth")
def stochastic_depth(call: LayerCall) -> Result:
    """ConvNeXt's layer of its own."""
    return call.add("drop_path", rate=call.settings.number("drop_path_rate"))


@layer("Identity")
def identity(call: LayerCall) -> Result:
    """The input."""
    return call.add("identity")


@operation("StopGradient")
def stop_gradient(call: LayerCall) -> Result:
    """The input, without a gradient."""
    return call.add("stop_gradient")
