"""Layers that only act in training: dropout is kept, noise and augmentation are omitted with a note."""

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
"""Layers with random changes of images."""
ALWAYS = frozenset({"AutoContrast"})


@layer("Dropout")
def dropout(call: LayerCall) -> Result:
    """Dropout with its rate; drops whole examples or channels if the noise shape says so."""
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
    """Spatial dropout with its rate."""
    return call.add("spatial_dropout", rate=call.settings.number("rate"))


@layer("GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization")
def noise(call: LayerCall) -> Result:
    """Omits noise."""
    call.walk.note(call.layer, "left out: it acts in training only")
    return call.input


@layer(*(name for name in AUGMENTATION if name not in ALWAYS))
def augmentation(call: LayerCall) -> Result:
    """Omits augmentation. Random crops are centred in inference, and rejected unless they preserve the size."""
    call.walk.note(call.layer, "left out: it changes images in training only")
    return call.input


@layer("StochasticDepth")
def stochastic_depth(call: LayerCall) -> Result:
    """A custom layer of ConvNeXt."""
    return call.add("drop_path", rate=call.settings.number("drop_path_rate"))


@layer("Identity")
def identity(call: LayerCall) -> Result:
    """Returns its input."""
    return call.add("identity")


@operation("StopGradient")
def stop_gradient(call: LayerCall) -> Result:
    """Stops gradients."""
    return call.add("stop_gradient")
