"""Functions compiled by numba for this processor and kept in the person's cache folder.

A process of its own compiles them: it takes seconds in which Python waits for the compiler, so that
a window beside it would stand still, and tens of megabytes that are never given back.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numba
import platformdirs

from studio.engine.runtime.processes import step_back

_PATIENCE = 120.0  # seconds until the other process is given up
_HERE = "AUTOREGRESSIVE_STUDIO_COMPILES"  # in the environment of the process that compiles


def compiled(
    function: Callable[..., Any], signature: Any, *besides: ModuleType
) -> Callable[..., Any]:
    """For all arguments of these types; from the cache folder, if it has been compiled for this
    processor before. Where it has not, this waits for some seconds.

    function: of a module that calls this while it is imported, and is found by its name.
    besides: modules of which it compiles something too.
    """
    compiler: Any = functools.partial(numba.njit, [signature], nogil=True, error_model="numpy")
    settings: Any = numba.config
    module = sys.modules[function.__module__]
    folder = _folder(module, *besides)
    if not (_HERE in os.environ or _is_kept(function, folder)):
        _compile_apart(module.__name__)
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(folder)
    try:
        found = compiler(cache=True)(function)
    # the disk is full, the folder cannot be written, what it holds is damaged:
    # all that is lost is time
    except Exception:
        found = compiler()(function)
    finally:
        settings.CACHE_DIR = before
    return cast("Callable[..., Any]", found)


def _folder(*modules: ModuleType) -> Path:
    """One for each version of these modules, and of numba."""
    read = b"".join(Path(module.__file__ or "").read_bytes() for module in modules)
    read += numba.__version__.encode()
    return (
        platformdirs.user_cache_path("autoregressive-studio", appauthor=False)
        / "compiled"
        / hashlib.sha256(read).hexdigest()[:16]
    )


def _is_kept(function: Callable[..., Any], folder: Path) -> bool:
    """Whether it was compiled there; for another processor numba does it again, in this process."""
    return any(folder.rglob(f"*.{function.__qualname__}-*.nbc"))


def _compile_apart(module: str) -> None:
    """Where that cannot be done, nothing is kept, and this process has to."""
    with contextlib.suppress(OSError):
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"import {module}"],  # nothing of the folder it is in
            env={**os.environ, _HERE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        step_back(process, awaited=True)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
