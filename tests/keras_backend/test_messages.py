"""The full text of every message about a layer of Keras, by the family of its rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.importing import ImportRefused, import_source
from netspec_keras.read import read_config
from tests.message_texts import check_texts, unseen_messages

from .refused_layers import FAMILIES, Refused

WITHOUT_TEXT = (
    "from a pipe",  # tests/test_input_files.py
    "requires h5py",
    "cannot be read: ",  # reasons of h5py differ by version
    "is larger than",
    "the model has more than",
    "in the HDF5 data is not a group",
    "booleans have no equivalent as indices",  # guards: no layer that can be read leads there
    "along an axis other than the channels has no",
    "varies along several axes",
    "not a tensor or a number",
    "it requires inputs; found none",
    "must have the shape",
)
"""What depends on another program, takes much time or memory, or guards against bugs of rules."""
FOLDER = Path(__file__).parent / "messages"


def refusal(refused: Refused) -> str:
    """The text of the error that a model is refused with."""
    with pytest.raises(ImportRefused) as error:
        import_source(read_config(refused.config()), prove=False)
    return str(error.value).replace(" --> the model\n", "")


@pytest.mark.parametrize("family", FAMILIES)
def test_family(family: str) -> None:
    check_texts(FOLDER / f"{family}.txt", {name: refusal(row) for name, row in FAMILIES[family].items()})


def test_every_message_has_a_text() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt")))
    texts += "".join(
        (Path(__file__).parent / f"test_{name}.py").read_text(encoding="utf-8") for name in ("files", "hostile")
    )
    unseen = unseen_messages("backends/netspec_keras", ("CannotImportError", "KerasFileError"), texts)
    assert [message for message in unseen if not any(known in message for known in WITHOUT_TEXT)] == []
