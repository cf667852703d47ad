"""Sound that is heard after every epoch takes no time."""

from __future__ import annotations

import pytest

from studio.engine.training import epoch_samples


@pytest.fixture
def short_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch_samples, "SECONDS", 0.02)
    monkeypatch.setattr("studio.engine.scoring.sound_scoring._REMADE", 0.02)
