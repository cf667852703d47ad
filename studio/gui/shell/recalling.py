"""Scenes come into the window and leave it: from files that carry one, as text by the clipboard,
and as a picture of what is seen now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import write_atomically
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.carried import carried_in, carry, save_scene
from studio.engine.scenes.document import as_text, from_text, is_scene
from studio.engine.scenes.plan import Plan, plan_in
from studio.engine.scenes.scene import Scene
from studio.gui.session import Session
from studio.gui.shell.opening import Opening
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.message_bar import MessageBar
from studio.gui.widgets.recent_files import SCENES

_NOTHING = "There is no scene yet: choose a model first."
_NO_TEXT = "There is no scene to paste: copy the text of one first (Edit > Copy scene)."


class Recalling(QObject):
    """show_stage: lets the page of the model in use be seen. compare: shows a sheet's scenes."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        messages: MessageBar,
        show_stage: Callable[[], object],
        compare: Callable[[Plan], object],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._messages = window, session, messages
        self._show_stage, self._compare = show_stage, compare
        self._told = ""
        session.scenes.told.connect(self._tell)

    # ---- into the window -------------------------------------------------------------------------

    def open_file(self, path: Path, instead: Opening) -> None:
        """Show the scene that a file carries, and offer what else it can be; where it carries none,
        do that."""
        name = f"“{shortened(path.name, 60)}”"

        def take(scene: Scene | None) -> None:
            if scene is not None:
                SCENES.remember(path)
                self._show(scene, f"Opened the scene of {name}.", instead)
            elif instead.do is not None:
                instead.do()
            else:
                self._messages.show_message(f"There is no scene in {name}.", "error")

        self._session.work(f"Reading {path.name}…", lambda job: carried_in(path), take)

    def open_text(self, text: str) -> None:
        """Show the scene of a document."""
        self._session.work(
            "Reading the scene…",
            lambda job: from_text(text),
            lambda scene: self._show(scene, "Opened the scene.", Opening("")),
        )

    def ask_to_open(self) -> None:
        if (path := file_dialogs.ask_open_scene(self._window)) is not None:
            self.open_file(path, Opening(""))

    def paste(self) -> None:
        text = QGuiApplication.clipboard().text()
        if is_scene(text):
            self.open_text(text)
        else:
            self._messages.show_message(_NO_TEXT, "info")

    def _show(self, scene: Scene, done: str, instead: Opening) -> None:
        self._told = ""
        try:
            plan = None if scene.sound is not None else plan_in(scene)
        except StudioError as error:
            self._messages.show_message(str(error), "error")
            return
        if plan is not None:
            self._compare(plan)
            self._messages.show_message(done, "ok")
            return

        def tell() -> None:
            if scene.view.get("page") in (None, "start"):
                self._show_stage()
            action = (instead.otherwise, instead.do) if instead.do and instead.otherwise else None
            self._messages.show_message(
                self._told or done, "info" if self._told or action else "ok", action
            )

        self._session.scenes.show(scene, tell)

    def _tell(self, sentence: str) -> None:
        self._told = sentence  # which the window says at once

    # ---- out of it -------------------------------------------------------------------------------

    def _now(self) -> Scene | None:
        scene = self._session.scenes.now()
        if scene is None:
            self._messages.show_message(_NOTHING, "info")
        return scene

    def copy(self) -> None:
        """The scene of what is shown now, as text."""

        def put(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self._messages.show_message("The scene is copied as text.", "ok")

        if (scene := self._now()) is not None:
            self._session.work("Copying the scene…", lambda job: as_text(scene, indent=1), put)

    def ask_to_save(self) -> None:
        """The scene of what is shown now, as a file of its own."""
        if (scene := self._now()) is None:
            return
        if (path := file_dialogs.ask_save_scene(self._window, self._name(scene))) is not None:
            self._write(path, lambda: save_scene(scene, path))

    def ask_to_save_screenshot(self, seen: QWidget) -> None:
        """A picture of a part of the window as it is seen, which carries the scene."""
        if (scene := self._now()) is None:
            return
        image = seen.grab().toImage()
        name = f"{self._name(scene)}-screenshot"
        if (path := file_dialogs.ask_save_screenshot(self._window, name)) is not None:

            def write(part: Path) -> None:
                part.write_bytes(_png(image))
                carry(part, scene)

            self._write(path, lambda: write_atomically(path, write))

    def _write(self, path: Path, do: Callable[[], object]) -> None:
        self._session.work(
            f"Saving {path.name}…",
            lambda job: do(),
            lambda _: self._saved(path),
        )

    def _saved(self, path: Path) -> None:
        SCENES.remember(path)
        self._messages.show_message(f"Saved as {path}.", "ok")

    def _name(self, scene: Scene) -> str:
        return scene.title or f"{self._session.title}-{scene.options.seed}"


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
