"""A second process with another order of hashes, which must write the same files: ``python -m tests.fuzz.twin``.

It reads texts, one JSON value a line, and answers with the digests of what is written for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

from .corpus import ROOT, working_folder
from .example_plugin import add_example_plugin
from .oracles import PropertyError, digests

HASH_SEEDS = ("0", "4321")
"""The hash seeds of a worker and of its twin."""


class Twin:
    """The second process, started when it is first needed."""

    def __init__(self, folder: Path, *, backends: bool) -> None:
        self.folder = folder
        self.backends = backends
        self._process: subprocess.Popen[str] | None = None

    def compare(self, text: str) -> None:
        """Raises PropertyError if the other process writes anything else for a text."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.fuzz.twin", *(["--backends"] if self.backends else [])]
            env = {**os.environ, "PYTHONHASHSEED": HASH_SEEDS[1]}
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, encoding="ascii", cwd=ROOT
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        mine = digests(text, self.folder, backends=self.backends)
        answer = self._process.stdout.readline()
        if not answer:
            self.close()
            self._process = None  # the next text gets another one
            raise PropertyError("the second process died")
        other = json.loads(answer)
        differing = [name for name in mine if mine[name] != other.get(name)]
        if differing or mine.keys() != other.keys():
            raise PropertyError(f"another PYTHONHASHSEED changes: {', '.join(differing) or sorted(other)}")

    def close(self) -> None:
        """End the second process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                assert stream is not None
                stream.close()


def main() -> None:
    """Answer texts until standard input ends."""
    warnings.simplefilter("ignore")
    add_example_plugin()
    backends = "--backends" in sys.argv
    with working_folder() as folder:
        for line in sys.stdin:
            answer = digests(json.loads(line), folder, backends=backends)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
