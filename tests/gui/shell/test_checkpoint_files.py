"""The model in use is exported where the person says, and they are told of every file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.gui.session import Session
from studio.gui.shell import checkpoint_files
from studio.gui.shell.checkpoint_files import CheckpointFiles
from studio.gui.widgets import file_dialogs
from tests.gui.windows import until


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session()
    yield session
    assert session.shut_down(), "every thread ends in time"


def test_the_files_of_an_export_are_told(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, Path]] = []

    def export(checkpoint: Path, path: Path, *rest: Any) -> list[dict[str, str]]:
        asked.append((checkpoint, path))
        return [{"file": "mine.onnx"}, {"file": "mine-step.onnx"}]

    monkeypatch.setattr(checkpoint_files, "export_apart", export)
    monkeypatch.setattr(file_dialogs, "ask_save_onnx", lambda *_: Path("mine.onnx"))
    window, said = QWidget(), list[str]()
    qtbot.addWidget(window)
    files = CheckpointFiles(session, window)
    files.message.connect(said.append)
    files.ask_to_export()
    assert said == ["There is no model to export yet."]
    session.checkpoint = Path("mine.safetensors")
    files.ask_to_export()
    until(qtbot, lambda: len(said) == 2)
    assert asked == [(Path("mine.safetensors"), Path("mine.onnx"))]
    assert said[1] == "Exported as mine.onnx and mine-step.onnx, compared with the model."
