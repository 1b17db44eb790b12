"""Public names: what ``dir()`` lists, and where errors belong."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
from pathlib import Path

import pytest

import netspec
from netspec.backend import BackendError, UnsupportedError
from netspec.diagnostics import Error, LocatedError, pack
from netspec.files import FileError, FileReadError, FileWriteError
from netspec.ops.argument import ArgumentError
from netspec.shapes.shape_error import ShapeError
from netspec.weights.renaming import RenameError


def test_dir_lists_the_public_names() -> None:
    listed = {name for name in dir(netspec) if not name.startswith("_")}
    assert listed == {name for name in netspec.__all__ if not name.startswith("_")}
    for name in netspec.__all__:
        assert getattr(netspec, name) is not None
    with pytest.raises(AttributeError, match="module 'netspec' has no attribute 'lode'"):
        getattr(netspec, "lode")  # noqa: B009 - a name that does not exist


PACKAGES = [m.name for m in pkgutil.iter_modules(netspec.__path__) if m.ispkg]


@pytest.mark.parametrize("package", PACKAGES)
def test_names_of_packages_exist(package: str) -> None:
    module = importlib.import_module(f"netspec.{package}")
    for name in getattr(module, "__all__", ()):
        assert hasattr(module, name), name


def test_every_package_that_the_page_calls_public_says_which_names_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8").partition("## Packages")[2]
    public = re.findall(r"`(netspec\.\w+)`", page)
    assert len(public) == 13
    for name in public:
        assert importlib.import_module(name).__all__, name


def errors(base: type[Error] = Error) -> list[type[Error]]:
    return [base, *(e for sub in base.__subclasses__() for e in errors(sub))]


def test_every_exception_of_the_library_is_an_error_or_private() -> None:
    """What a module raises for a user derives from Error; the few others never leave the package that raises them."""
    internal = {
        "netspec.language.reading.evaluation.FailedInputError",
        "netspec.language.elaboration.budget.LimitError",
        "netspec.language.elaboration.budget.SearchEndError",
        "netspec.ir.graph.UnknownNameError",  # a KeyError: a programming error
        "netspec.blocks.unify.DifferentError",
        "netspec.weights.inert_pickle.ForbiddenError",  # made a FileReadError by torch_archive, as is the next
        "netspec.weights.inert_pickle.PickleError",
    }
    actual: set[str] = set()
    for info in pkgutil.walk_packages(netspec.__path__, "netspec."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ == info.name:
                assert name.endswith("Error") or name == "ImportRefused", f"{info.name}.{name}"
                if not issubclass(value, Error) and not name.startswith("_"):
                    actual.add(f"{info.name}.{name}")
    assert actual <= internal


CASES = [
    Error("NS712", "the message", "the help", notes=["a note"], file="net.yaml"),
    LocatedError("NS301", "no such layer", pack(0, 3, 4), label="here"),
    BackendError("NS704", "backend 'x' needs Y"),
    FileReadError("model.pt", "no such file or directory"),
    FileWriteError("model.py", "it is a folder", "another name"),
    ArgumentError([("kernel", "kernel must be positive"), ("", "'conv2d' needs 'kernel'")]),
    ShapeError("NS512", "sizes differ", at=[(0, 1)], help="pad"),
    RenameError("two names"),
]


@pytest.mark.parametrize("error", CASES, ids=lambda e: type(e).__name__)
def test_errors_survive_pickling(error: Error) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.diagnostics == error.diagnostics


def test_texts_of_errors() -> None:
    assert str(CASES[0]) == "error[NS712]: the message\n --> net.yaml\n  = a note\n  = help: the help"
    assert str(CASES[3]) == "error[NS706]: cannot read 'model.pt': no such file or directory"
    assert [d.code for d in CASES[5].diagnostics] == ["NS221", "NS220"]
    assert issubclass(FileReadError, FileError)
    assert issubclass(UnsupportedError, BackendError)


def test_one_text_for_library_and_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.cli.main import main

    monkeypatch.setenv("NO_COLOR", "1")
    for spec, file, parameters in (
        ("vgg16", "net.xyz", {}),
        ("vgg61", "net.py", {}),
        ("resnet", "net.py", {"x": "1"}),
        ("vgg16", "/nowhere/net.py", {}),
    ):
        settings = [f"--set={name}={value}" for name, value in parameters.items()]
        assert main(["export", spec, "-o", file, *settings]) == 1
        with pytest.raises(netspec.Error) as caught:
            netspec.export(spec, file, params=parameters)
        assert capsys.readouterr().err == f"{caught.value}\n"
