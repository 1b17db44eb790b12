"""Build what the playground loads, into ``vendor/`` beside its page: Pyodide, Viz.js, Ace, and netspec itself.

``python docs/site/bundle.py FOLDER`` writes it to a folder; ``mkdocs build`` does the same for the site.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))  # for vendored, beside this file

from vendored import FILES, PACKAGES, extract

ROOT = Path(__file__).resolve().parent.parent.parent
EPOCH = (2020, 1, 1, 0, 0, 0)
"""The date of all files in the archive of packages, so that the same sources give the same bytes."""


def write_vendor(folder: Path) -> None:
    """Write everything that the playground loads into a folder.

    Raises:
        OSError: a download or a file fails.
        ValueError: a download is not what was pinned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for archive in FILES:
        for name, data in extract(archive):
            (folder / name).write_bytes(data)
    with zipfile.ZipFile(folder / "packages.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in _packages():
            out.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)


def _packages() -> Iterator[tuple[str, bytes]]:
    """The files of netspec's wheel and of the packages it needs, by their names in ``site-packages``."""
    for archive in PACKAGES:
        yield from extract(archive)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, str(ROOT)]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            yield from ((name, archive.read(name)) for name in sorted(archive.namelist()))


if __name__ == "__main__":
    write_vendor(Path(sys.argv[1]))
