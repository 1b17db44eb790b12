"""Follow the pages of ``docs/howto`` and ``docs/course``: write what their commands print, and their pictures.

``python docs/make_course.py`` (``NAME…``: only these pages)
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for the tests' own runner of pages

from tests.guides.pages import PAGES, follow_page, pictures


def main() -> None:
    """Follow each page in an empty folder."""
    for page in PAGES:
        if len(sys.argv) > 1 and page.stem not in sys.argv[1:]:
            continue
        print(page.stem, flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            page.write_text(follow_page(page, folder), encoding="utf-8")
            for name in pictures(page):
                target = page.parent / "images" / name
                target.parent.mkdir(exist_ok=True)
                shutil.copy(folder / "images" / name, target)


if __name__ == "__main__":
    main()
