"""NS8xx: looking at what a network has learned."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS801": Code(
        "no such layer to look at",
        "A layer is named by its full dotted name, as `netspec check` shows it.",
    ),
    "NS802": Code(
        "no such filter",
        "Filters, channels and units are counted from 0 to one below their number.",
    ),
    "NS803": Code(
        "a layer without height and width",
        "What is asked for is laid out in the plane, or belongs to places of the input: the layer is a vector, or "
        "the last one of the network.",
    ),
    "NS804": Code(
        "a layer without kernels",
        "Filters can be drawn of convolutions alone.",
    ),
    "NS805": Code(
        "a network that takes no image",
        "The network is shown one picture, so it has one input, of channels, height and width.",
    ),
    "NS806": Code(
        "an image that cannot be read",
        "The file does not exist, cannot be read, is broken, or is not a PNG, JPEG, WebP, GIF, BMP or TIFF image.",
    ),
    "NS807": Code(
        "an image that does not fit",
        "The network takes images of one size and number of channels. --fit scales, crops or pads a picture to it.",
    ),
    "NS808": Code(
        "an image that is too large",
        "A picture of so many pixels would take more memory than it is worth.",
    ),
    "NS809": Code(
        "no images",
        "The folder is not there, cannot be read, or holds no picture that can be.",
    ),
    "NS810": Code(
        "a library that is not installed",
        "`netspec see` needs PyTorch, Pillow, Matplotlib and Captum. The message says how to install what is missing.",
    ),
    "NS811": Code(
        "means and deviations that do not fit",
        "Pictures are normalised by one mean and one deviation, or by one for each channel; deviations are above 0.",
    ),
    "NS812": Code(
        "classes that cannot be told apart",
        "A class is one place of the channel axis of the output. Which axis that is got lost, or the scores do not "
        "depend on the layer.",
    ),
    "NS813": Code(
        "no such class",
        "Classes are numbers from 0, or the names that --classes FILE gives them, one a line.",
    ),
    "NS814": Code(
        "a square that does not cover the image",
        "The square that hides a part lies within the image, and moves on by no more than its own width.",
    ),
    "NS815": Code(
        "an ending that results are not written as",
        "The message lists the endings that there are.",
    ),
    "NS816": Code(
        "names of classes that cannot be read",
        "The file cannot be read, or has another number of lines than the network has classes.",
    ),
}
