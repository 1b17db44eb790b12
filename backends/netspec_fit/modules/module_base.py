"""``nn.Module`` and its containers."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from ..simulated.checkpoints import CheckpointedBlock
from ..simulated.run import Storage, current
from ..simulated.tensors import Tensor
from ..simulated.types import SIZE, is_floating


class Module:
    """A module: tensors and submodules by name, and ``forward``. Memory in a call is attributed to the module."""

    def __init__(self, *_: Any, **__: Any) -> None:
        held = self.__dict__
        held["_parameters"], held["_buffers"], held["_modules"] = {}, {}, {}
        held["_non_persistent_buffers_set"] = set()
        held["training"] = True
        held["_checkpointed"] = False
        held["_place"] = ""

    def _tables(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Returns its parameters, buffers and submodules."""
        d = self.__dict__
        return d["_parameters"], d["_buffers"], d["_modules"]

    def __setattr__(self, name: str, value: Any) -> None:
        parameters, buffers, modules = self._tables()
        for held in (parameters, buffers, modules):
            if name in held and not (held is not parameters and isinstance(value, Tensor) and value.is_parameter):
                held[name] = value
                return
        if isinstance(value, Module):
            modules[name] = value
        elif isinstance(value, Tensor) and value.is_parameter:
            parameters[name] = value
        else:
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        for held in ("_parameters", "_buffers", "_modules"):
            table = self.__dict__.get(held, {})
            if name in table:
                return table[name]
        raise AttributeError(name)

    forward: Callable[..., Any]

    def configure(self, place: str, checkpointed: bool) -> None:
        """Sets its name in reports, and whether it is checkpointed."""
        self.__dict__["_place"] = place
        self.__dict__["_checkpointed"] = checkpointed

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls ``forward`` and attributes memory to this module meanwhile."""
        run = current()
        before, run.meter.place = run.meter.place, self.__dict__["_place"] or run.meter.place
        if self.__dict__["_checkpointed"] and run.grad and run.region is None:
            result = CheckpointedBlock(self.forward, args).run(args)
        else:
            result = self.forward(*args, **kwargs)
        run.meter.place = before  # after an exception, it remains where that was raised
        return result

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is not a parameter."""
        self._tables()[1][name] = tensor

    def register_parameter(self, name: str, param: Tensor | None) -> None:
        """Adds a parameter."""
        self._tables()[0][name] = param

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a submodule."""
        self._tables()[2][name] = module

    def children(self) -> list[Module]:
        """Its own submodules."""
        return [m for m in self._tables()[2].values() if m is not None]

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Itself and all submodules, each once, by their dotted names."""
        seen: set[int] = set()
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:
            path, module = waiting.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield path, module
                children = module.__dict__["_modules"]
                if children:
                    stem = f"{path}." if path else ""
                    waiting += [(stem + name, child) for name, child in reversed(children.items()) if child is not None]

    def modules(self) -> Iterator[Module]:
        """Itself and all submodules."""
        return (module for _, module in self.named_modules())

    def _named(self, kind: int, recurse: bool) -> list[tuple[str, Tensor]]:
        out: dict[int, tuple[str, Tensor]] = {}
        for prefix, module in self.named_modules() if recurse else [("", self)]:
            for name, tensor in module._tables()[kind].items():
                if tensor is not None:
                    out.setdefault(id(tensor), (f"{prefix}.{name}" if prefix else name, tensor))
        return list(out.values())

    def named_parameters(self, recurse: bool = True) -> list[tuple[str, Tensor]]:
        """Its parameters, each once."""
        return self._named(0, recurse)

    def named_buffers(self, recurse: bool = True) -> list[tuple[str, Tensor]]:
        """Its buffers, each once."""
        return self._named(1, recurse)

    def parameters(self, recurse: bool = True) -> list[Tensor]:
        """Its parameters, each once."""
        return [tensor for _, tensor in self._named(0, recurse)]

    def buffers(self, recurse: bool = True) -> list[Tensor]:
        """Its buffers, each once."""
        return [tensor for _, tensor in self._named(1, recurse)]

    def get_submodule(self, target: str) -> Module:
        """A submodule by its dotted name."""
        module = self
        for part in target.split(".") if target else ():
            module = module._tables()[2][part]
        return module

    def get_parameter(self, target: str) -> Tensor:
        """A parameter by its dotted name."""
        path, _, name = target.rpartition(".")
        tensor: Tensor = self.get_submodule(path)._tables()[0][name]
        return tensor

    def get_buffer(self, target: str) -> Tensor:
        """A buffer by its dotted name."""
        path, _, name = target.rpartition(".")
        buffer: Tensor = self.get_submodule(path)._tables()[1][name]
        return buffer

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Freezes or unfreezes all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def to(self, dtype: str) -> Module:
        """Casts all floating-point tensors to a type."""
        run = current()
        for tensors, kind in ((self.parameters(), "weights"), (self.buffers(), "buffers")):
            for tensor in tensors:
                if is_floating(tensor.dtype) and tensor.dtype != dtype:
                    with run.creating("weights" if kind == "weights" else "buffers"):
                        tensor.dtype, tensor.storage = dtype, Storage(tensor.numel * SIZE[dtype])
        return self

    def train(self, mode: bool = True) -> Module:
        """Sets all modules to training or inference."""
        for module in self.modules():
            module.__dict__["training"] = mode
        return self


def parameter(data: Tensor, requires_grad: bool = True) -> Tensor:
    """``nn.Parameter``."""
    out = data.alias()
    out.is_parameter, out.requires_grad = True, requires_grad
    return out


def weight(*shape: int) -> Tensor:
    """Creates a parameter of that shape, in the type of the layer under construction."""
    return parameter(Tensor(shape, current().default_dtype))


def optional(exists: bool, *shape: int) -> Tensor | None:
    """Creates a parameter of that shape, or returns None."""
    return weight(*shape) if exists else None


class WeightedLayer(Module):
    """A layer with weights; its constructor, also in subclasses, accepts ``dtype`` and ``device``."""

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = _with_dtype(cls.__init__)  # type: ignore[method-assign]  # it takes two arguments more


def _with_dtype(init: Callable[..., None]) -> Callable[..., None]:
    """Wraps a constructor to accept the type of weights."""

    def run(self: Module, *args: Any, dtype: str | None = None, device: object = None, **kwargs: Any) -> None:
        run = current()
        before = run.default_dtype
        run.default_dtype = dtype or before
        try:
            init(self, *args, **kwargs)
        finally:
            run.default_dtype = before

    return run


class Sequential(Module):
    """``nn.Sequential``: consecutive modules."""

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named: Any = dict(_numbered(modules))
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            (named,) = modules
        for name, module in named.items():
            self.add_module(name, module)

    def forward(self, x: Any) -> Any:
        """Runs all modules."""
        for module in self._tables()[2].values():
            x = module(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return iter(self._tables()[2].values())

    def __len__(self) -> int:
        return len(self._tables()[2])

    def __getitem__(self, index: int) -> Module:
        modules: list[Module] = list(self._tables()[2].values())
        return modules[index]

    def append(self, module: Module) -> Sequential:
        """Adds a module at the end."""
        self.add_module(str(len(self)), module)
        return self


def _numbered(modules: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return ((str(i), module) for i, module in enumerate(modules))


class ModuleList(Sequential):
    """``nn.ModuleList``."""

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        super().__init__(*modules)


class ModuleDict(Module):
    """``nn.ModuleDict``."""

    def __init__(self, modules: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        for name, module in (modules or {}).items():
            self.add_module(name, module)

    def __getitem__(self, name: str) -> Module:
        module: Module = self._tables()[2][name]
        return module

    def __setitem__(self, name: str, module: Module) -> None:
        self.add_module(name, module)

    def __contains__(self, name: str) -> bool:
        return name in self._tables()[2]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables()[2])

    def keys(self) -> KeysView[str]:
        """Names of its modules."""
        return self._tables()[2].keys()

    def values(self) -> ValuesView[Module]:
        """Its modules."""
        return self._tables()[2].values()

    def items(self) -> ItemsView[str, Module]:
        """Names and modules."""
        return self._tables()[2].items()
