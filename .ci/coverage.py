"""Print the files whose lines the tests do not run, and fail below the least coverage: python .ci/coverage.py FILE.

FILE is what `slipcover --json` writes. (Its own `--fail-under` counts no lines of tests that run in parallel.)
"""

import json
import sys
from pathlib import Path

LEAST = 93
"""Percent of all lines."""

report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
for name, file in sorted(report["files"].items()):
    if file["missing_lines"]:
        print(f"{file['summary']['percent_covered']:5.1f} %  {len(file['missing_lines']):4} lines  {name}")
percent = report["summary"]["percent_covered"]
print(f"{percent:5.1f} %  of all lines")
if percent < LEAST:
    sys.exit(f"less than {LEAST} %")
