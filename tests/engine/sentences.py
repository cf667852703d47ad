"""What the person reads where something cannot be done."""

from __future__ import annotations

import pytest

from studio.engine.runtime.errors import StudioError


def sentence(error: pytest.ExceptionInfo[StudioError]) -> str:
    """The message, which is one sentence of one line."""
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text
