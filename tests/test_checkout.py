"""A checkout travels and installs lightly."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MEBIBYTE = 2**20


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None,
    reason="only git knows what it holds",
)
def test_what_a_checkout_holds_weighs_at_most_56_mebibytes():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    sizes = {file: file.stat().st_size for file in files if file.is_file()}
    weight = sum(sizes.values())
    largest = sorted(sizes, key=lambda file: -sizes[file])[:5]
    assert weight <= 56 * MEBIBYTE, [str(file.relative_to(ROOT)) for file in largest]
