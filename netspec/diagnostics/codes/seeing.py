"""NS801 to NS820: visualising what a network has learned."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS801": Code(
        "unknown layer",
        "Name a layer by its full dotted name, as `netspec check` shows it.",
    ),
    "NS802": Code(
        "unknown filter",
        "Filters, channels and units are numbered from 0.",
    ),
    "NS803": Code(
        "a layer without height and width",
        "The figure is two-dimensional, or concerns positions of the input, but the layer is a vector or the last "
        "one of the network.",
    ),
    "NS804": Code(
        "a layer without kernels",
        "Only the filters of convolutions can be drawn.",
    ),
    "NS805": Code(
        "a network whose input is not an image",
        "The network must have one input: an image of channels, height and width.",
    ),
    "NS806": Code(
        "an unreadable image",
        "The file does not exist, cannot be read, is damaged, or is not a PNG, JPEG, WebP, GIF, BMP or TIFF image.",
    ),
    "NS807": Code(
        "an image that does not fit",
        "The network accepts images of one size and number of channels. --fit scales, crops or pads an image to it.",
    ),
    "NS808": Code(
        "a picture that is too large",
        "An image or result of this size would need too much memory.",
    ),
    "NS809": Code(
        "no images",
        "The folder does not exist, cannot be read, or contains no readable image.",
    ),
    "NS810": Code(
        "a library that is not installed",
        "`netspec see` needs PyTorch, Pillow, Matplotlib and Captum; PNG files need resvg, PDF files fpdf2, and "
        "`--font` fontTools. The message says how to install what is missing.",
    ),
    "NS811": Code(
        "invalid mean or deviation",
        "Images are normalised with one mean and one deviation, or with one of each per channel; deviations are "
        "greater than 0.",
    ),
    "NS812": Code(
        "unknown classes",
        "A class is one position on the channel axis of the output. Either that axis is unknown, or the scores do "
        "not depend on the layer.",
    ),
    "NS813": Code(
        "unknown class",
        "A class is given by its number, from 0, or by its name in --classes FILE, which has one name on each line.",
    ),
    "NS814": Code(
        "an invalid occlusion square",
        "The square that hides a part of the image must lie within it, and move by no more than its own width.",
    ),
    "NS815": Code(
        "unknown file extension",
        "The message lists the extensions that results can have.",
    ),
    "NS816": Code(
        "invalid class names",
        "The file cannot be read, or its number of lines differs from the number of classes.",
    ),
    "NS817": Code(
        "no such window",
        "`netspec see window` shows one position of a convolution, a transposed convolution or a pooling over height "
        "and width. Positions are numbered from 0.",
    ),
    "NS818": Code(
        "tokens that are not such a grid",
        "`--grid ROWSxCOLUMNS` arranges the tokens of a sequence as an image, row by row. The layer must have that "
        "many tokens, besides those that come before or after.",
    ),
    "NS819": Code(
        "attention rollout that is not defined",
        "Attention rollout multiplies the attention of all layers (Abnar & Zuidema 2020), so each of them must attend "
        "from all tokens of the image to all of them. Grad-CAM works for other networks.",
    ),
    "NS820": Code(
        "nothing to maximise",
        "An exemplar maximises filters (--filter), one position of them (--objective neuron), classes, or a direction: "
        "filters with weights that are not all zero.",
    ),
}
