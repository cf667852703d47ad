"""What the window writes of checkpoints: the model in use, with its card, or as ONNX files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.engine.exports.apart import export_apart
from studio.engine.runtime.jobs import CancelToken
from studio.gui.session import Session
from studio.gui.widgets import file_dialogs


class CheckpointFiles(QObject):
    """Signals: message(sentence) that is good to know; saved(path)."""

    message = Signal(str)
    saved = Signal(object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window

    def ask_to_save(self) -> None:
        """Write the model in use, with its card, where the person says."""
        model = self._session.model
        if model is None:
            self.message.emit("There is no model to save yet.")
            return
        path = file_dialogs.ask_save_checkpoint(self._window, self._session.title)
        if path is None:
            return

        def write() -> None:
            from studio.engine import checkpoints

            checkpoints.save(model, path, model.card)

        self._session.work(
            f"Saving {path.name}…", lambda job: write(), lambda _: self.saved.emit(path)
        )

    def ask_to_export(self) -> None:
        """Write the model in use as ONNX files where the person says."""
        checkpoint = self._session.checkpoint
        if checkpoint is None:
            self.message.emit("There is no model to export yet.")
            return
        path = file_dialogs.ask_save_onnx(self._window, self._session.title)
        if path is None:
            return

        def told(files: list[dict[str, Any]]) -> None:
            names = " and ".join(Path(each["file"]).name for each in files)
            self.message.emit(f"Exported as {names}, compared with the model.")

        self._session.work(
            f"Exporting {path.name}…",
            lambda job: _export(checkpoint, path, job.token),
            told,
        )


def _export(checkpoint: Path, path: Path, token: CancelToken) -> list[dict[str, Any]]:
    from models.registry import loaded_files

    return export_apart(checkpoint, path, loaded_files(), token)
