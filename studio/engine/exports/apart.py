"""An export in a process of its own: tracing a network holds Python for so long that a window
beside it would stand still."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason
from studio.engine.runtime.jobs import CancelToken

_GLANCE = 0.1  # seconds between looks at the token


def export_apart(
    checkpoint: Path, path: Path, files: Sequence[str] = (), token: CancelToken | None = None
) -> list[dict[str, Any]]:
    """`studio export` of a checkpoint to `path`; what it says of each file that it wrote.

    files: of models of the person's own, whose code is run.
    token: asked now and then; nothing is written any more once it is cancelled.
    StudioError, one sentence, where it could not be done.
    """
    own = ["--models", *files] if files else []
    command = [sys.executable, "-m", "studio", *own, "export", str(checkpoint)]
    command += ["--onnx", str(path), "--json"]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
    except OSError as error:
        raise StudioError(f"The export cannot be started: {reason(error)}.") from error
    with process:
        while True:
            try:
                out, err = process.communicate(timeout=_GLANCE)
                break
            except subprocess.TimeoutExpired:
                if token is not None and token.cancelled:
                    process.kill()
        if token is not None:
            token.raise_if_cancelled()
    if process.returncode != 0:
        said = err.strip().splitlines()
        raise StudioError(said[-1] if said else "The export ended before it was done.")
    found: list[dict[str, Any]] = json.loads(out)["files"]
    return found
