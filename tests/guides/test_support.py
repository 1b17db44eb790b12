"""The tool that follows guides: what it takes for a step, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from .support import Step, changed, steps, take

GUIDE = """# A guide

1. Create `a/new.py`:

   ```python
   def f():
       return 1
   ```

2. Change it.

   ```diff
   @@ a/new.py
    def f():
   -    return 1
   +    return 2
   ```

3. Run it.

   ```console
   $ python -c "import a.new; print(a.new.f())"
   2
   ```

<!-- not a step -->

```yaml
netspec: 1
```
"""


def test_steps_are_taken(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text(GUIDE, encoding="utf-8")
    actual = steps(guide)
    assert [(s.kind, s.path) for s in actual] == [("file", "a/new.py"), ("diff", "a/new.py"), ("console", "")]
    (tmp_path / "a").mkdir()
    for step in actual:
        take(step, tmp_path)


@pytest.mark.parametrize(
    "step",
    [
        Step("sh", "python -c 'raise SystemExit(1)'"),
        Step("console", "$ python -c 'print(1)'\n2"),
        Step("diff", "+new", "absent.py"),
        Step("file", "x\n", "here.py"),
    ],
)
def test_steps_that_fail(tmp_path: Path, step: Step) -> None:
    (tmp_path / "here.py").write_text("", encoding="utf-8")
    with pytest.raises(AssertionError):
        take(step, tmp_path)


def test_context_is_found_once() -> None:
    assert changed("a\nb\nc\n", " b\n+x") == "a\nb\nx\nc\n"
    assert changed("a\nb\n", "-a\n+z") == "z\nb\n"
    for text in ("a\n", "b\na\nb\n"):
        with pytest.raises(AssertionError):
            changed(text, " b\n+x")
