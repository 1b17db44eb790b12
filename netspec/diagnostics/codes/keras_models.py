"""NS83x: Keras models that `netspec import` reads."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS830": Code(
        "not a Keras model",
        "The file is neither a `.keras` archive nor an HDF5 file with the configuration of a model, or it is damaged. "
        "A file of weights alone does not say which layers they belong to.",
    ),
    "NS831": Code(
        "a Keras model that is too large",
        "The configuration has at most 32 MB and is nested at most 100 deep, an archive has at most 10,000 files, and "
        "compressed weights unpack to at most four times the archive, or 64 MB. Keras stores weights as they are.",
    ),
    "NS832": Code(
        "code in a Keras model",
        "A `Lambda`, a custom layer or a custom function is Python code, which a file of any origin is not trusted "
        "with: it is not run, and what it computes is unknown. Layers of Keras and functions of `keras.ops` are read.",
    ),
    "NS833": Code(
        "a Keras model without a structure",
        "Functional and sequential models say which layers they have and what each reads; a subclassed model says it "
        "in Python only. A model that was never built does not say the shape of its input either.",
    ),
    "NS834": Code(
        "weights of a Keras model that do not fit",
        "The file lacks the numbers of a layer, has them in another shape, or refers to another file for them; or "
        "Keras itself cannot load or run the model, with which an import is compared. --no-proof imports without the "
        "comparison.",
    ),
}
