"""What can be done with the chosen picture: a line of buttons beside the legend, and a menu on the
picture itself, which knows the pixel that was clicked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.choice import Choice
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.stage import Stage
from studio.gui.widgets.controls import action, offer


class ChosenBar(QWidget):
    """As high whether something is chosen or not, so that nothing moves when a picture is.

    save_wanted(picture): the person wants that one as a file.
    """

    save_wanted = Signal(int)

    def __init__(self, drawing: Drawing, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing, self._stage = drawing, stage
        self.title = QLabel()
        self.enlarge = self._action("Enlarge", "enlarge", self._toggle_size, "")
        self.keep = self._action(
            "Keep",
            "keep",
            drawing.keep_whole,
            "Make this picture what is given: then erase what the model is to draw anew",
        )
        self.again = self._action(
            "Draw again",
            "dice",
            self._draw_again,
            "Keep the first half of this picture (or what is drawn so far), and draw the rest with"
            " other noise; the menu on a pixel draws again from there",
        )
        self.save = self._action("Save…", "save", self._save, "Save this picture alone as a file")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.title)
        row.addSpacing(6)
        for one in (self.enlarge, self.keep, self.again, self.save):
            button = QToolButton()
            button.setDefaultAction(one)
            button.setAutoRaise(True)
            button.setIconSize(QSize(16, 16))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
            button.setAccessibleName(one.text().rstrip("…"))
            one.visibleChanged.connect(
                lambda button=button, one=one: button.setVisible(one.isVisible())
            )
            row.addWidget(button)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        stage.chosen.connect(self.show_choice)
        stage.menu_wanted.connect(self._open_menu)
        drawing.reading.connect(self.show_snapshot)
        self.show_choice(stage.choice)

    def _action(self, text: str, icon: str, do: Callable[[], object], tip: str) -> QAction:
        return action(self, text, do, None, icon, tip or text)

    def show_choice(self, choice: Choice) -> None:
        """Which picture is chosen, if any."""
        self.setVisible(choice.picture is not None)
        if choice.picture is None:
            return
        snapshot = self._drawing.latest
        count = 1 if snapshot is None else snapshot.count
        self.title.setText(
            f"<b>Picture {choice.picture + 1} of {count}</b>" if count > 1 else "<b>Chosen</b>"
        )
        self.enlarge.setText("Show all" if choice.large else "Enlarge")
        self.enlarge.setToolTip(
            "Show all pictures again (Escape)"
            if choice.large
            else "Show this picture alone (Enter, or a double click on it)"
        )
        self.enlarge.setVisible(count > 1)  # one alone is as large as there is room for
        if snapshot is not None:
            self.show_snapshot(snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What can be done at this moment."""
        if self.isVisible():
            for one in (self.keep, self.again):
                offer(one, snapshot.position > 0, "Nothing is drawn yet that could be kept")

    def _toggle_size(self) -> None:
        self._stage.enlarge(not self._stage.choice.large)

    def _draw_again(self) -> None:
        """From where it stands; of a finished picture, from its middle."""
        snapshot = self._drawing.latest
        if snapshot is not None:
            at = snapshot.position if snapshot.next_site else snapshot.length // 2
            row, column = divmod(int(snapshot.order[at]), snapshot.values.shape[3])
            self._drawing.draw_again(row, column)

    def _save(self) -> None:
        if self._stage.choice.picture is not None:
            self.save_wanted.emit(self._stage.choice.picture)

    def _open_menu(self, row: int, column: int, where: QPoint) -> None:
        """The same, and what can be done from one pixel on."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.enlarge)
        menu.addSeparator()
        menu.addAction("Show how this pixel was drawn", lambda: self._drawing.look_at(row, column))
        menu.addAction("Draw again from this pixel", lambda: self._drawing.draw_again(row, column))
        menu.addSeparator()
        menu.addAction(self.keep)
        menu.addSeparator()
        menu.addAction(self.save)
        menu.popup(where)
