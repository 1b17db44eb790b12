"""Parameters set from outside: which expectations still hold, and where a wrong value is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec
from netspec.diagnostics import SpecError
from tests.cli_support import checked

SPEC = """netspec: 1
name: net
params: {classes: 10, width: 8, twice: $(classes * 2), wide: false}
input: [3, 8, 8]
layers:
  conv: {conv2d: $width, kernel: 3, padding: same}
  extra: {conv2d: $width, kernel: 1, when: $wide}
  pool: {max_pool2d: 2}
  flat: flatten
  fc: {dense: $twice}
expect:
  params: 2804
  trainable_params: "2.8k +- 5%"
  macs: <= 17k
  connections: ">= 1"
  output: [$twice]
  shapes: {pool: [8, 4, 4], fc: [20], conv: [8, 8, 8]}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC, encoding="utf-8")
    return "net.yaml"


@pytest.mark.parametrize(
    ("settings", "skipped", "failed"),
    [
        ({}, None, []),
        ({"classes": "10"}, None, []),
        ({"classes": "5"}, "because they depend on classes, which was set: params, trainable_params, shapes.fc", []),
        ({"twice": "5"}, "because they depend on twice, which was set: params, trainable_params, shapes.fc", []),
        (
            {"classes": "20"},
            "because they depend on classes, which was set: params, trainable_params, shapes.fc",
            ["macs must be <= 17k; found 18,944"],
        ),
        (
            {"width": "4"},
            "because they depend on width, which was set: params, trainable_params, shapes.pool, shapes.conv",
            [],
        ),
        (
            {"width": "4", "classes": "5"},
            "because they depend on width and classes, which were set: "
            "params, trainable_params, shapes.pool, shapes.fc, shapes.conv",
            [],
        ),
        ({"wide": "true"}, "because it depends on wide, which was set: params", ["macs must be <= 17k; found 20,480"]),
    ],
    ids=str,
)
def test_an_expectation_is_skipped_if_its_figure_depends_on_what_was_set(
    settings: dict[str, str], skipped: str | None, failed: list[str]
) -> None:
    result = Spec("net.yaml", SPEC).elaborate(None, settings)
    diagnostics = check_expectations(result, netspec.analyze(result.require_graph()))
    notes = [d.message for d in diagnostics if d.severity == "note"]
    assert notes == ([f"not checked, {skipped}"] if skipped is not None else [])
    assert [d.message for d in diagnostics if d.severity == "error"] == failed


def test_what_does_not_depend_on_it_is_checked(spec: str) -> None:
    Path(spec).write_text(SPEC.replace("pool: [8, 4, 4]", "pool: [8, 4, 5]"), encoding="utf-8")
    status, out = checked(spec, "--set", "classes=5")
    assert status == 1
    assert out.startswith("""note[NS603]: not checked, because they depend on classes, which was set: params, \
trainable_params, shapes.fc
  --> net.yaml:12:3
   |
12 |   params: 2804
   |   ^^^^^^

error[NS601]: pool must be (8, 4, 5); found (8, 4, 4)
  --> net.yaml:17:18
   |
17 |   shapes: {pool: [8, 4, 5], fc: [20], conv: [8, 8, 8]}
   |                  ^

net
""")


def test_vgg16_with_ten_classes() -> None:
    status, out = checked("vgg16", "--set", "classes=10")
    assert status == 0
    assert out.startswith(
        "note[NS603]: not checked, because they depend on classes, which was set: params, macs, shapes.predictions\n"
    )


def test_what_is_expected_of_a_layer_that_a_setting_leaves_out() -> None:
    text = SPEC.replace("wide: false", "wide: true").replace("shapes: {", "shapes: {extra: [8, 8, 8], ")
    result = Spec("net.yaml", text.replace("2804", "2876").replace("17k", "30k")).elaborate(None, {"wide": "false"})
    diagnostics = check_expectations(result, netspec.analyze(result.require_graph()))
    assert [d.message for d in diagnostics] == [
        "not checked, because they depend on wide, which was set: params, shapes.extra"
    ]


def test_a_parameter_without_a_default_has_no_network_to_compare_with() -> None:
    text = SPEC.replace("classes: 10", "classes: int")
    result = Spec("net.yaml", text).elaborate(None, {"classes": "5"})
    diagnostics = check_expectations(result, netspec.analyze(result.require_graph()))
    skipped = "params, trainable_params, shapes.fc"
    assert [d.message for d in diagnostics] == [
        f"not checked, because they depend on classes, which was set: {skipped}"
    ]


def test_an_unreadable_expectation_is_reported() -> None:
    result = Spec("net.yaml", SPEC.replace("params: 2804", "params: many")).elaborate(None, {"classes": "5"})
    diagnostics = check_expectations(result, netspec.analyze(result.require_graph()))
    assert [d.code for d in diagnostics] == ["NS603", "NS602"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            ("classes=ten",),
            """error[NS403]: '*' takes numbers; found the text 'ten' and 2
 --> --set classes=ten
  = used in net.yaml, line 3: params: {classes: 10, width: 8, twice: $(classes * 2), wide…
""",
        ),
        (
            ("width=many",),
            """error[NS221]: filters must be a positive integer; found the text 'many'
 --> --set width=many
  = used in net.yaml, line 6: conv: {conv2d: $width, kernel: 3, padding: same}
""",
        ),
        (
            ("wide=maybe", "classes=5"),
            """error[NS413]: when must be true or false; found the text 'maybe'
 --> --set wide=maybe
  = used in net.yaml, line 7: extra: {conv2d: $width, kernel: 1, when: $wide}
""",
        ),
    ],
    ids=lambda v: v if isinstance(v, str) else v[0],
)
def test_a_value_of_the_wrong_type_is_reported_at_its_option(spec: str, options: tuple[str, ...], text: str) -> None:
    status, out = checked(spec, *(word for option in options for word in ("--set", option)))
    assert (status, out) == (1, text + "\n1 error\n")


def test_not_in_an_installed_file() -> None:
    status, out = checked("vgg16", "--set", "classes=ten")
    assert status == 1
    assert out.startswith(
        "error[NS221]: units must be a positive integer; found the text 'ten'\n --> --set classes=ten\n"
    )
    status, out = checked("resnet@18", "--set", "classes=0")
    assert out.startswith("error[NS221]: units must be a positive integer; found 0\n --> --set classes=0\n")


def test_declared_types_and_syntax(spec: str) -> None:
    Path(spec).write_text(SPEC.replace("classes: 10", "classes: {default: 10, type: int}"), encoding="utf-8")
    assert checked(spec, "--set", "classes=ten")[1].startswith(
        "error[NS219]: 'classes' must be of type int; found the text 'ten'\n --> --set classes=ten\n\n1 error"
    )
    assert " --> --set classes:1:1\n" in checked(spec, "--set", "classes=$(")[1]


def test_a_warning_at_the_same_place_is_another_problem() -> None:
    text = "{netspec: 1, params: {size: 224}, input: [$size, $size, 3], layers: {conv: {conv2d: 8, kernel: 3}}}"
    assert [w.code for w in netspec.loads(text).warnings] == ["NS527"]
    with pytest.raises(SpecError) as error:
        netspec.loads(text, size="abc")
    assert [(d.code, d.location, d.file) for d in error.value.diagnostics] == [("NS223", None, "--set size=abc")]


def test_problems_with_shapes_stay_in_the_spec() -> None:
    text = "{netspec: 1, params: {k: 3}, input: [3, 8, 8], layers: {pool: {max_pool2d: 2, stride: 2}, conv: {conv2d: 8, kernel: $k}}}"
    (d,) = Spec("net.yaml", text).elaborate(None, {"k": "7"}).diagnostics
    with pytest.raises(SpecError) as error:
        netspec.loads(text, k=7)
    assert [e.location for e in error.value.diagnostics] == [d.location]


def test_python_and_blocks() -> None:
    text = """netspec: 1
params: {width: 8}
input: [3, 8, 8]
blocks:
  B: {params: {n: 4}, layers: [{conv2d: $n, kernel: 1}]}
layers: [{B: $width}, {B: $width}]
"""
    with pytest.raises(SpecError) as error:
        netspec.loads(text, width=[1, 2])
    assert (
        str(error.value)
        == """error[NS221]: filters must be a positive integer; found [1, 2]
 --> --set width=[1, 2]
  = used in <text>, line 5: B: {params: {n: 4}, layers: [{conv2d: $n, kernel: 1}]}"""
    )
