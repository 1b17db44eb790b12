"""What netspec sizes reports beside the legal sizes themselves."""

from __future__ import annotations

from netspec.checking.size_report import SizeReport, report_sizes
from netspec.checking.spec import Spec

LONG_PERIOD = """netspec: 1
dims: {n: 5000}
input: [3, n]
layers:
  - {crop: [["$(input.shape.1 % 61 + input.shape.1 % 53)", "$(input.shape.1 % 37 + input.shape.1 % 41)"]], axis: 1}
  - {conv1d: 3, kernel: 99}
"""


def test_sizes_beyond_those_tried_are_not_called_another_network() -> None:
    report = report_sizes(Spec("test.yaml", LONG_PERIOD), None)
    assert isinstance(report, SizeReport)
    [dimension] = report.dimensions
    assert dimension.legal.tested == 2049
    assert 5000 in dimension.legal
    assert dimension.other_results == ()
