"""Install a wheel or a source distribution in a new environment, without extras, and use it there.

python .ci/light.py dist/*.whl            files that need no extra are written, and the backends are listed
python .ci/light.py dist/*.whl --tests    and the tests that need no framework run in this checkout
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = str(ROOT / "constraints.txt")
FILES = [
    "export gpt2 -o gpt2.py",
    "draw resnet -o resnet.dot",
    "draw resnet -o resnet.html",
    "draw siamese --style volumes -o siamese.svg",
    "draw lenet5 --style volumes -o lenet5.tex",
]
TESTS = [
    "tests/backend/test_light_install.py",
    "tests/language",
    "tests/report",
    "tests/shapes",
    "tests/text",
    "tests/cli/test_encoding.py",
    "tests/test_invalid.py",
    "tests/test_limits.py",
    "tests/test_project.py",
    "tests/test_schema.py",
]


def main() -> None:
    """Run the commands one after the other; the first that fails ends the script with its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("distribution", type=Path)
    parser.add_argument("--tests", action="store_true", help="run tests, too")
    args = parser.parse_args()

    # The interpreter may hold open files that Windows does not remove.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        venv.create(folder, with_pip=True)
        scripts = Path(folder, "Scripts" if os.name == "nt" else "bin")
        python, netspec = str(scripts / "python"), str(scripts / "netspec")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", CONSTRAINTS]
        run([*pip, str(args.distribution.resolve())], folder)
        run([netspec, "check", "vgg16"], folder)
        for words in FILES:
            run([netspec, *words.split()], folder)
        run([netspec, "backends"], folder)
        if args.tests:
            run([*pip, "hypothesis", "jsonschema", "pytest", "pytest-xdist"], folder)
            run([python, "-X", "utf8", "-m", "pytest", "-q", "-n", "2", *TESTS], str(ROOT))


def run(command: list[str], folder: str) -> None:
    """Run a command in a folder."""
    print("$", *(Path(command[0]).stem, *command[1:]), flush=True)
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode:
        sys.exit(done.returncode)


main()
