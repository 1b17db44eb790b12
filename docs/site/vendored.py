"""The files of others that the playground serves, so that its page loads nothing from elsewhere.

Each archive is pinned by its address and SHA-256, downloaded once into a cache, and unpacked in part.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 120
"""Seconds that a server may take to answer."""
NPM = "https://registry.npmjs.org"
PYPI = "https://files.pythonhosted.org/packages"


@dataclass(frozen=True)
class Archive:
    """An archive and what is taken from it: a map from its files, or folders with a final ``/``, to names of ours."""

    url: str
    sha256: str
    members: dict[str, str]

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.url.rpartition("/")[2]


FILES = (
    Archive(
        f"{NPM}/pyodide/-/pyodide-314.0.7.tgz",
        "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0",
        {
            f"package/{name}": name
            for name in (
                "pyodide.mjs",
                "pyodide.asm.mjs",
                "pyodide.asm.wasm",
                "python_stdlib.zip",
                "pyodide-lock.json",
            )
        },
    ),
    Archive(
        f"{NPM}/@viz-js/viz/-/viz-3.31.0.tgz",
        "7dc0189874849cca2fed7cbe88bf334cd0e6e012db16657794a812ad6f2b8c70",
        {"package/dist/viz.js": "viz.js"},
    ),
    Archive(
        f"{NPM}/ace-builds/-/ace-builds-1.45.2.tgz",
        "5260354a14533fa8e94572597b1ff53025b1bb0a9b2e25d50ecf2a01e57aa9e0",
        {
            f"package/src-min-noconflict/{name}.js": f"{name}.js"
            for name in ("ace", "mode-yaml", "mode-python", "theme-github", "theme-github_dark", "ext-searchbox")
        },
    ),
)
"""What the browser loads: Python (Pyodide), Graphviz (Viz.js), an editor (Ace)."""

PACKAGES = (
    Archive(
        f"{PYPI}/83/47/375ab34f3907a0f40cebe2c3cea3e2c25dcf58e0f591991b85604b7258fc/"
        "pydantic_core-2.50.5-cp314-cp314-pyemscripten_2026_0_wasm32.whl",
        "b2910ec0fa5aeb9bef70156f2b79f4783978fdcfaa7b2f1b5d1814458d2e79a1",
        {"/": "/"},
    ),
    Archive(
        f"{PYPI}/49/d3/b8441a820a491ddfc024b0b0cf0393375b75ea13866d9c66727e54c2fc80/typing_extensions-4.16.0-py3-none-any.whl",
        "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8",
        {"/": "/"},
    ),
    Archive(
        f"{PYPI}/76/b8/c0b780928e2fb1c87e9e375818c6f121da2398b071012d1747be300b83f4/pyyaml-6.0.4.tar.gz",
        "e24bf71af8a432d7808fabff134d38dfe16d3cbb41f2873bb4b1e42422de0a1a",
        {"pyyaml-6.0.4/lib/yaml/": "yaml/"},
    ),
)
"""The Python packages that netspec needs, for Pyodide's Python."""


def cache_folder() -> Path:
    """Where downloads are kept: ``$XDG_CACHE_HOME/netspec-site``, by default below ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netspec-site"


def download(archive: Archive) -> bytes:
    """The bytes of an archive, from the cache if they are there.

    Raises:
        OSError: the server cannot be reached.
        ValueError: the bytes are not those that were pinned.
    """
    path = cache_folder() / archive.name
    data = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(data).hexdigest() == archive.sha256:
        return data
    with urllib.request.urlopen(archive.url, timeout=TIMEOUT) as response:
        data = response.read()
    actual = hashlib.sha256(data).hexdigest()
    if actual != archive.sha256:
        raise ValueError(f"{archive.url} has the SHA-256 {actual}, not {archive.sha256}")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(data)
    partial.replace(path)
    return data


def extract(archive: Archive) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file that is taken from an archive, in the order of the names there."""
    for member, data in sorted(_members(archive.name, download(archive))):
        for source, target in archive.members.items():
            if member == source or (source.endswith("/") and f"/{member}".startswith(f"/{source.lstrip('/')}")):
                yield target.lstrip("/") + member.removeprefix(source), data


def _members(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from ((item.filename, archive.read(item)) for item in archive.infolist() if not item.is_dir())
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for item in archive:
            file = archive.extractfile(item) if item.isfile() else None
            if file is not None:
                yield item.name, file.read()
