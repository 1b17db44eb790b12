"""The style of specs: what changes, and that comments, values and networks stay."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from netspec import loads, zoo
from netspec.diagnostics import LocatedError
from netspec.formatting import format_text
from netspec.formatting.parse import parse
from netspec.ir.same_graph import same_graph
from tests.random_networks import network

HEAD = "netspec: 1\ninput: [3, 8, 8]\n"
CASES = {
    "spaces, quotes and indentation": (
        "netspec:   1\nname:  'a'\ninput: [ 3,8 , 8]\nlayers:\n- conv2d: 8\n  kernel: 3\n-   relu\n- dropout: '0.1'\n",
        'netspec: 1\nname: a\ninput: [3, 8, 8]\n\nlayers:\n  - {conv2d: 8, kernel: 3}\n  - relu\n  - {dropout: "0.1"}\n',
    ),
    "quotes that are needed stay": (
        'a: ["int", "1", "no", "x: y", "$(a, b)", "", "c h -> h c"]\nb: "$(a, b)"\n',
        'a: ["int", "1", "no", "x: y", "$(a, b)", "", "c h -> h c"]\nb: $(a, b)\n',
    ),
    "numbers stay as they are written": ("a: [1e-5, 10_000, 0x1F, .5, ~]\n", "a: [1e-5, 10_000, 0x1F, .5, ~]\n"),
    "the keys of a layer": (
        "layers:\n  a: {from: x, when: $w, conv2d: 8, repeat: 2, activation: relu, kernel: 3}\n",
        "layers:\n  a: {conv2d: 8, kernel: 3, activation: relu, from: x, repeat: 2, when: $w}\n",
    ),
    "the keys of other mappings": ("params: {from: 1, conv2d: 2}\n", "params: {from: 1, conv2d: 2}\n"),
    "a layer with a merge stays in order": (
        "layers:\n  a: &a {kernel: 3, conv2d: 8}\n  b: {<<: *a, from: a, stride: 2}\n",
        "layers:\n  a: &a {kernel: 3, conv2d: 8}\n  b: {<<: *a, from: a, stride: 2}\n",
    ),
    "a long layer is broken": (
        f"layers:\n  a: {{conv2d: 8, kernel: 3, from: [{', '.join(['a_long_name_of_a_layer'] * 4)}]}}\n",
        f"layers:\n  a:\n    conv2d: 8\n    kernel: 3\n    from: [{', '.join(['a_long_name_of_a_layer'] * 4)}]\n",
    ),
    "a long row is wrapped": (
        f"variants:\n  a: {{depths: [{', '.join(['1000'] * 16)}], expect: {{params: 1_000_000}}}}\n",
        f"variants:\n  a: {{depths: [{', '.join(['1000'] * 16)}],\n      expect: {{params: 1_000_000}}}}\n",
    ),
    "a long text is folded": (
        f"doc: {'word ' * 24}end\n",
        f"doc: >-\n  {' '.join(['word'] * 23)}\n  word end\n",
    ),
    "a text in lines": ("doc: |\n    One,\n    two.\nname: a\n", "doc: |\n  One,\n  two.\nname: a\n"),
    "blank lines": (
        "\n\nnetspec: 1\n\n\n\nname: a\nlayers: \n\n  a: relu\n\n\n  b: relu\noutput: a\n\n",
        "netspec: 1\n\nname: a\n\nlayers:\n  a: relu\n\n  b: relu\n\noutput: a\n",
    ),
    "comments": (
        "# first\n\nname: a  # one\nparams: { a: 1, # two\n  b : 2 }   # three\n# four\nlayers:\n- a: 1 # five\n# six\n  # seven\n"
        "-\n  # eight\n  b: 2\n  # nine\n\n# ten\noutput: a\n# last\n",
        "# first\n\nname: a  # one\nparams:  # three\n  a: 1  # two\n  b: 2\n\n# four\nlayers:\n  - a: 1  # five\n  # six\n  # seven\n  # eight\n  - b: 2\n    # nine\n\n# ten\noutput: a\n# last\n",
    ),
    "comments stay below each other": (
        "a: 1     # one\nbc: 2    # two\nd: [ 3,  4,  5]   # three\n",
        "a: 1     # one\nbc: 2    # two\nd: [3, 4, 5]      # three\n",
    ),
    "JSON": (
        '{"netspec": 1, "input": [3], "layers": {"a": {"dense": 2, "bias": false}, "b": "relu"}}',
        "netspec: 1\ninput: [3]\n\nlayers: {a: {dense: 2, bias: false}, b: relu}\n",
    ),
    "keys without values": ("layers: [{relu: , from: x}, {conv2d: ~}]\n", "layers: [{relu, from: x}, {conv2d: ~}]\n"),
    "anchors": (
        "a: &x # one\n  b: 1\nc: &y\n  text # two\n&k d: *x\ne: {*k : *y}\n",
        "a: &x  # one\n  b: 1\nc: &y text  # two\n&k d: *x\ne: {*k : *y}\n",
    ),
    "an anchor of the document": (
        "# one\n&x {a: 1,\nlayers: [relu]}\n",
        "&x\n# one\na: 1\n\nlayers: [relu]\n",
    ),
    "explicit keys, a directive and marks of the document": (
        "%YAML 1.2\n--- # one\n? a\n: 1\n? b # two\n: 2\n...\n",
        "# one\na: 1\nb: 2  # two\n",
    ),
    "keys and texts of nothing": (
        "layers:\n- a: >-\n# one\n-\n  b: >-\n    two\n    words\n- c: |\n    three\n? \n",
        'layers:\n  - {a: ""}\n  # one\n  - {b: two words}\n  - c: |\n      three\n\n"":\n',
    ),
    "Windows": ("a:   1\r\nb: 'x'\r\n", "a: 1\r\nb: x\r\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    before, after = CASES[name]
    assert format_text(before) == after
    assert format_text(after) == after


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NS110"),
        ("# nothing else\n", "NS110"),
        ("a: [1\n", "NS101"),
        ("a:\n\tb: 1\n", "NS101"),
        ("a: 1\n---\nb: 2\n", "NS104"),
        ("a: !!python/name:os.system x\n", "NS106"),
        ("a: ! x\n", "NS106"),
        ("a: 1\rb: 2\n", "NS112"),
        ("a: 1\nb: '\u2028'\n", "NS112"),
        ("[" * 100_000, "NS903"),
        ("a: &a [1, 2, 3, 4]\n" + "".join(f"k{i}: &a [*a, *a, *a, *a]\n" for i in range(20)), "NS904"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    with pytest.raises(LocatedError) as caught:
        format_text(text)
    assert caught.value.code == code


def test_where_a_line_ends() -> None:
    with pytest.raises(LocatedError) as caught:
        format_text("a: 1\nb: x\u2028y\n")
    assert str(caught.value.diagnostic.message) == "the character U+2028 ends a line for YAML, but not in an editor"
    assert caught.value.diagnostic.help == "a line feed in its place; within quotes, an escape"


def comments(text: str) -> Counter[str]:
    """The comments of a text."""
    return Counter(comment.text for comment in parse(text)[1])


@pytest.mark.parametrize("field", ["", *zoo.fields()])
def test_the_zoo_is_in_this_style(field: str) -> None:
    for name in zoo.names(field):
        path = zoo.path(name)
        assert path is not None
        text = path.read_text(encoding="utf-8")
        assert format_text(text) == text, f"netspec fmt {path}"


@pytest.mark.parametrize("number", range(12))
def test_random_networks(number: int) -> None:
    text = network(Random(number)).replace("\nlayers:", "\n# what follows\nlayers:  # all of them")
    formatted = format_text(text)
    assert format_text(formatted) == formatted
    assert comments(formatted) == comments(text)
    assert same_graph(loads(text), loads(formatted))


def test_time_grows_with_the_length() -> None:
    nested = "a: " + "{a: " * 55 + "[" + "1, " * 2_000 + "1]" + "}" * 55 + "\n"
    start = time.process_time()
    assert format_text(nested).count("1, ") + format_text(nested).count("1,\n") == 2_000
    assert time.process_time() - start < 2


def test_another_network_is_noticed() -> None:
    spec = HEAD + "layers: {a: {conv2d: 4, kernel: 3}, b: relu}\n"
    assert same_graph(loads(spec), loads(spec.replace("layers:", "\n\nlayers:")))
    for old, new in [
        ("conv2d: 4", "conv2d: 5"),
        ("kernel: 3", "kernel: 3, bias: false"),
        ("b: relu", "c: relu"),
        ("relu", "tanh"),
    ]:
        assert not same_graph(loads(spec), loads(spec.replace(old, new)))


def test_specs_of_the_tests(request: pytest.FixtureRequest) -> None:
    folder = Path(str(request.config.rootpath)) / "tests" / "invalid"
    formatted = 0
    for path in sorted(folder.glob("*.yaml")):
        try:
            text = format_text(path.read_bytes().decode("utf-8"))
        except (LocatedError, UnicodeDecodeError) as error:
            assert getattr(error, "code", "") != "NS113", path.name
            continue
        assert format_text(text) == text, path.name
        formatted += 1
    assert formatted > 100
