"""Functions compiled by numba for this processor, now, and kept in the person's cache folder."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numba
import platformdirs


def compiled(
    function: Callable[..., Any], signature: Any, *besides: ModuleType
) -> Callable[..., Any]:
    """For all arguments of these types, now; from the cache folder, if it has been compiled for
    this processor before. Other threads go on while it runs.

    besides: modules of which it compiles something too: numba notices when the function's own file
    has changed, and not when another has.
    """
    compiler: Any = functools.partial(numba.njit, [signature], nogil=True, error_model="numpy")
    settings: Any = numba.config
    read = b"".join(Path(module.__file__ or "").read_bytes() for module in besides)
    folder = (
        platformdirs.user_cache_path("autoregressive-studio", appauthor=False)
        / "compiled"
        / hashlib.sha256(read).hexdigest()[:16]
    )
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
