"""What is published of the networks of the zoo, as the tests hold them against it: lines for ``docs/zoo.md``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tests.zoo.figures import counted, stated
from tests.zoo.paper_networks import NOT_AS_COUNTED, Claim, claims, network
from tests.zoo.vision_networks import FINE_TUNED, NETWORKS, published

UNITS = {
    "1": "",
    "count": "",
    "px": " pixels",
    "%": " %",
    "1e4": " × 10,000",
    "1e6": " million",
    "millions": " million",
    "1e6 mult-adds": " million",
    "1e7": " × 10 million",
    "1e9": " billion",
    "250000": " MB of float32",
    "262144": " MiB of float32",
    "K (=1024, weights only)": " × 1024",
}
WORDS = (
    (r"^params", "parameters"),
    (r"^trainable params", "trainable parameters"),
    (r"before pruning", ""),
    (r"^tensors", "parameters and running statistics"),
    (r"^(mult-adds|macs|MACs|ops|FLOPs \(=mult-adds\))", "MACs"),
    (r"^flops", "FLOPs"),
    (r"\(1e6\) / .*", " (millions) and MACs"),
    (r" / MAdds$", " and MACs"),
    (r"^size$", "output width"),
    (r" of ([a-z].*)$", r" of `\1`"),
    (r" after (\w+)`", r"` from `\1` on"),
    (r" without (?!biases)([\w.]+)$", r" without `\1`"),
)
"""What the tables call a quantity, by patterns, and what the page does."""
PUBLISHERS = {"folklore": "As textbooks count it"}


class Line(NamedTuple):
    """One figure: whose it is, of which variant, and what it says."""

    source: str
    variant: str
    quantity: str
    text: str
    remark: str = ""


def lines(family: str) -> list[str]:
    """A line for each source of a family's figures. Empty where nobody has published any."""
    by_source: dict[str, list[Line]] = defaultdict(list)
    for reference, line in everything():
        if reference.partition(" ")[0].partition("@")[0] == family:
            by_source[line.source].append(line._replace(variant=_variant(family, reference)))
    return [f"- {source}: {_described(actual)}" for source, actual in by_source.items()]


def everything() -> Iterator[tuple[str, Line]]:
    """All figures, each with its network."""
    for row in stated():
        remark = f"differs: {row.note}" if row.agrees == "differs" else row.note
        text = f"{_digits(row.stated)}{UNITS[row.unit]}"
        yield row.network, Line(row.source, "", _words(row.quantity), text, remark)
    for claim in claims():
        reference = network(claim)
        if reference is not None and claim.stated[:1].isdigit() and claim.source not in {"torchvision", "computed"}:
            remark = NOT_AS_COUNTED.get(claim.name, "")
            whole = claim.item.startswith(("total", "Total", "output"))
            text = f"{_digits(claim.stated)}{UNITS.get(claim.unit, '')}" if whole else ""
            source = PUBLISHERS.get(claim.source, claim.source)
            yield reference, Line(source, "", _counted_how(claim), text, f"differs: {remark}" if remark else "")
    for figures in published():
        if figures.builder in NETWORKS:
            reference = FINE_TUNED.get((figures.builder, figures.crop), NETWORKS[figures.builder])
            yield reference, Line("torchvision, metadata of its weights", "", "parameters and MACs", "as above")
    both: dict[tuple[str, str], list[str]] = defaultdict(list)
    for count in counted():
        both[" ".join(count.source.split()[:2]), count.network].append(_words(count.quantity))
    for (package, reference), quantities in both.items():
        yield reference, Line(package, "", " and ".join(quantities), "as above")


def _counted_how(claim: Claim) -> str:
    words = _words(claim.quantity)
    if "moving stats" in claim.item:
        return f"{words} and running statistics"
    return f"{words} without batch normalisation" if "BatchNorm excluded" in claim.item else words


def _described(actual: list[Line]) -> str:
    groups: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    single = 0
    for line in actual:
        if not line.text:
            single += 1
        else:
            groups[line.quantity, line.remark][f"{line.variant}{line.text}"] = None
    said = [
        f"{quantity}{_joined(list(texts))}{f' ({remark})' if remark else ''}"
        for (quantity, remark), texts in groups.items()
    ]
    if single:
        said.append(f"{single} figures of single layers" if single > 1 else "a figure of a single layer")
    return "; ".join(said) + "."


def _joined(texts: list[str]) -> str:
    """Texts with commas; what they all end in is said once."""
    ends = {text.partition("` ")[2] for text in texts}
    if len(ends) == 1 and len(texts) > 1 and "` " in texts[0]:
        return f" of {', '.join(text.partition('` ')[0] + '`' for text in texts)}: {ends.pop()}"
    return f": {', '.join(texts)}"


def _variant(family: str, reference: str) -> str:
    name = reference.removeprefix(family).removeprefix("@").strip()
    return f"`{name}` " if name else ""


def _words(quantity: str) -> str:
    for pattern, word in WORDS:
        quantity = re.sub(pattern, word, quantity)
    return " ".join(quantity.split())


def _digits(text: str) -> str:
    return f"{int(text):,}" if text.isdigit() else text
