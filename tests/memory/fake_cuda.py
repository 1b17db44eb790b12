"""Fake tensors on CUDA without a GPU: a build of PyTorch for the CPU alone lacks a guard for that device.

One line of C++ registers a guard that does nothing. It is compiled into a temporary folder, with ``g++``.
"""

# torch is typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import torch

GUARD = """
#include <c10/core/impl/DeviceGuardImplInterface.h>
using Guard = c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::CUDA>;
C10_REGISTER_GUARD_IMPL(CUDA, Guard)
"""


@cache
def allow_fake_cuda() -> None:
    """Lets fake tensors be on CUDA. Raises CalledProcessError or FileNotFoundError where nothing can be compiled."""
    if torch.version.cuda is not None:
        return
    home = Path(torch.__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "guard.so")
        source = Path(folder, "guard.cpp")
        source.write_text(GUARD, encoding="utf-8")
        abi = f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}"
        command = [
            "g++",
            "-shared",
            "-fPIC",
            "-std=c++20",
            abi,
            f"-I{home / 'include'}",
            str(source),
            "-o",
            str(library),
        ]
        subprocess.run([*command, f"-L{home / 'lib'}", "-lc10"], check=True, capture_output=True)
        ctypes.CDLL(str(home / "lib" / "libc10.so"), mode=ctypes.RTLD_GLOBAL)
        ctypes.CDLL(str(library))
