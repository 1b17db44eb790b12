"""What PyTorch itself says of a network's memory, on fake tensors: what autograd keeps, and MemTracker's peaks."""

# torch is typed in part, and MemTracker's parts are its own:
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import types
import weakref
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed._tools.mem_tracker import MemTracker, _MemRefType

from netspec_fit.settings import OPTIMIZERS, Settings
from netspec_fit.simulation import Network

from .engine import backward
from .fake_cuda import allow_fake_cuda
from .kernels import Attend


def module_class(text: str) -> type[nn.Module]:
    """The class of a network's source, which is executed."""
    module = types.ModuleType("network")
    exec(compile(text, "network", "exec"), module.__dict__)
    classes = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, nn.Module)]
    return [c for c in classes if c.__module__ == "network"][-1]


def fake_module(model: nn.Module, settings: Settings) -> nn.Module:
    """A network on ``meta`` with fake tensors instead. Needs a FakeTensorMode."""
    dtype = getattr(torch, settings.dtype) if settings.dtype else None
    twins: dict[int, Tensor] = {}
    kept: list[Tensor] = []
    for module in model.modules():
        tables: Any = (module._parameters, module._buffers)
        for held in tables:
            for key, old in held.items():
                if old is None:
                    continue
                if id(old) not in twins:
                    kept.append(old)  # else its id may be given anew
                    kind = dtype if dtype is not None and old.is_floating_point() else old.dtype
                    new = torch.empty(old.shape, dtype=kind, device=settings.device)
                    twins[id(old)] = nn.Parameter(new, old.requires_grad) if isinstance(old, nn.Parameter) else new
                held[key] = twins[id(old)]
        if isinstance(module, nn.RNNBase):
            module._flat_weights = [getattr(module, name, None) for name in module._flat_weights_names]
    return model.train(settings.training)


def fake_inputs(network: Network, settings: Settings) -> list[Tensor]:
    """Inputs with a batch axis. Needs a FakeTensorMode."""
    out: list[Tensor] = []
    for shape, name in network.inputs:
        dtype = getattr(torch, name)
        if settings.dtype and dtype.is_floating_point:
            dtype = getattr(torch, settings.dtype)
        out.append(torch.zeros(settings.batch, *shape, dtype=dtype, device=settings.device))
    return out


def tensors_in(value: Any) -> list[Tensor]:
    """All tensors of a network's result."""
    if isinstance(value, Tensor):
        return [value]
    values: Iterable[Any] = value.values() if isinstance(value, Mapping) else value or ()
    return [t for inner in values for t in tensors_in(inner)]


class _Handle:
    """What stands for a saved tensor in a node; it goes when the node goes."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class Saved:
    """What is still kept when the forward pass is over: nodes of results that nobody uses have gone by then."""

    def __init__(self) -> None:
        self._handles: weakref.WeakSet[_Handle] = weakref.WeakSet()

    def hooks(self) -> AbstractContextManager[Any]:
        """The hooks that see every saved tensor."""
        return torch.autograd.graph.saved_tensors_hooks(self._pack, lambda handle: handle.tensor)

    def _pack(self, tensor: Tensor) -> _Handle:
        handle = _Handle(tensor)
        self._handles.add(handle)
        return handle

    @property
    def bytes(self) -> int:
        """Bytes of all storages, each once."""
        storages = (handle.tensor.untyped_storage() for handle in self._handles)
        return sum({s._cdata: s.nbytes() for s in storages}.values())


@contextmanager
def autocast(settings: Settings) -> Generator[None]:
    """Autocast by its flags: ``torch.autocast("cuda")`` turns itself off where there is no GPU."""
    if settings.amp is None:
        yield
        return
    device = settings.device
    before = torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)
    torch.set_autocast_enabled(device, True)
    torch.set_autocast_dtype(device, getattr(torch, settings.amp))
    torch.autocast_increment_nesting()
    torch.set_autocast_cache_enabled(True)
    try:
        yield
    finally:
        if torch.autocast_decrement_nesting() == 0:
            torch.clear_autocast_cache()
        torch.set_autocast_enabled(device, before[0])
        torch.set_autocast_dtype(device, before[1])


class _Tracker(MemTracker):
    """MemTracker, which registers hooks on frozen parameters too, which raises."""

    def _track_module_params_and_buffers(self, module: nn.Module, install_grad_hooks: bool = True) -> tuple[int, int]:
        sizes = [
            sum(info.mem_consumed for t in tensors for info in self._update_and_maybe_create_winfos(t, kind))
            for tensors, kind in ((module.parameters(), _MemRefType.PARAM), (module.buffers(), _MemRefType.BUFFER))
        ]
        for parameter in module.parameters():
            if parameter.grad is not None:
                self._update_and_maybe_create_winfos(parameter.grad, _MemRefType.GRAD)
        return sizes[0], sizes[1]


@contextmanager
def prepared(network: Network, settings: Settings) -> Generator[tuple[nn.Module, list[Tensor]]]:
    """A network of fake tensors and its inputs, within FakeTensorMode."""
    if settings.device == "cuda":
        allow_fake_cuda()
    with torch.device("meta"):
        built = module_class(network.text)()
    with FakeTensorMode(), ExitStack() as stack:
        model = fake_module(built, settings)
        inputs = fake_inputs(network, settings)
        if settings.device == "cuda":
            stack.enter_context(Attend(settings.kernel(settings.dtype or network.dtype)))
        yield model, inputs


def saved_bytes(network: Network, settings: Settings, *, inputs_need_gradients: bool = False) -> int:
    """Bytes that autograd keeps when the forward pass is over, as ``saved_tensors_hooks`` sees them."""
    saved = Saved()
    with prepared(network, settings) as (model, inputs):
        for x in inputs:
            x.requires_grad_(inputs_need_gradients and x.is_floating_point())
        with saved.hooks(), autocast(settings):
            result = model(*inputs)
        total = saved.bytes
        del result
    return total


def peak_bytes(network: Network, settings: Settings) -> int:
    """MemTracker's peak: of a forward pass under ``no_grad``, or from the second of two steps on."""
    with prepared(network, settings) as (model, inputs):
        optimizer = _optimizer(model, settings)
        tracker = _Tracker()
        if settings.device == "cuda":  # its module hooks hold nodes, which only PyTorch's own engine empties
            tracker._mod_tracker.__enter__ = lambda *_: None  # type: ignore[method-assign]  # a method replaced on purpose
            tracker._mod_tracker.__exit__ = lambda *_: None  # type: ignore[method-assign]  # a method replaced on purpose
        tracker.track_external(model, *inputs)
        with tracker:
            if optimizer is None:
                with torch.no_grad(), autocast(settings):
                    model(*inputs)
            else:
                for _ in range(2):
                    tracker.reset_mod_stats()
                    _step(model, inputs, optimizer, settings)
        snapshot = tracker.get_tracker_snapshot("peak")
    return max((int(sizes["Total"]) for device, sizes in snapshot.items() if device.type == settings.device), default=0)


def _step(model: nn.Module, inputs: list[Tensor], optimizer: torch.optim.Optimizer, settings: Settings) -> None:
    with autocast(settings):
        result = model(*inputs)
        loss = sum(t.sum() for t in tensors_in(result) if t.requires_grad)
    del result
    root = [loss]
    del loss
    if settings.device == "cuda":
        backward(root)
    else:
        root.pop().backward()  # type: ignore[union-attr]  # never None
    optimizer.step()
    optimizer.zero_grad()


def _optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer | None:
    """The optimiser, which goes over lists of tensors, as on CUDA."""
    name = settings.optimizer
    if name is None:
        return None
    assert name in OPTIMIZERS
    parameters = list(model.parameters())
    if name in ("sgd", "momentum"):
        return torch.optim.SGD(parameters, lr=0.1, momentum=0.9 if name == "momentum" else 0, foreach=True)
    classes = {
        "adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
    }  # fmt: skip
    return classes[name](parameters, foreach=True)
