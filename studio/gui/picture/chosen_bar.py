"""What can be done with the chosen picture: a line of buttons beside the legend, and a menu on the
picture itself, which knows the pixel that was clicked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from studio.engine.editing.painting import Site
from studio.engine.editing.site_words import of_sites
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.choice import Choice
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.stage import Stage
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.translation import tr

_CHOOSE = "Click a picture to enlarge, keep or save it"
_ALONE = "This picture"


class ChosenBar(QWidget):
    """As high whether something is chosen or not, so that nothing moves when a picture is; without
    words where there is no room for them.

    save_wanted(picture): the person wants that one as a file.
    change_wanted(picture, site): they want to change one of its pixels.
    """

    save_wanted = Signal(int)
    change_wanted = Signal(int, object)

    def __init__(self, drawing: Drawing, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing, self._stage = drawing, stage
        self.title = QLabel()
        self.enlarge = self._action("Enlarge", "enlarge", self._toggle_size, "")
        tip = "Keep this picture as given; then erase what the model should draw again"
        self.keep = self._action("Keep", "keep", drawing.keep_whole, tip)
        tip = "Draw all pictures again with another seed; only what you painted stays"
        self.again = self._action("Draw again", "dice", drawing.draw_anew, tip)
        tip = "Save this picture alone as a file"
        self.save = self._action("Save…", "save", self._save, tip)
        self._buttons = {
            one: self._button(one) for one in (self.enlarge, self.keep, self.again, self.save)
        }
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addStretch(1)
        row.addWidget(self.title)
        for button in self._buttons.values():
            row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(row.sizeHint().height())
        self._full = 0  # pixels that it needs for all its words
        stage.chosen.connect(self.show_choice)
        stage.menu_wanted.connect(self._open_menu)
        drawing.reading.connect(self.show_snapshot)
        self.show_choice(stage.choice)

    def _action(self, text: str, icon: str, do: Callable[[], object], tip: str) -> QAction:
        return action(self, text, do, None, icon, tip or text)

    def _button(self, does: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(does)
        button.setAutoRaise(True)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
        button.setAccessibleName(does.text().rstrip("…"))
        return button

    # ---- what is shown ---------------------------------------------------------------------------

    def show_choice(self, choice: Choice) -> None:
        """Which picture is chosen, if any."""
        snapshot = self._drawing.latest
        count = 1 if snapshot is None else snapshot.count
        chosen = choice.picture is not None
        if choice.picture is None:
            self.title.setText(tr(_CHOOSE) if choice.finished else "")
        else:
            one_of = tr("Picture {number} of {count}" if count > 1 else _ALONE)
            self.title.setText(one_of.format(number=choice.picture + 1, count=count))
        self.enlarge.setText(tr("Show all" if choice.large else "Enlarge"))
        self.enlarge.setToolTip(
            tr(
                "Show all pictures again (Escape)"
                if choice.large
                else "Show this picture alone (Enter, or a double click on it)"
            )
        )
        self.enlarge.setVisible(count > 1)
        for does, button in self._buttons.items():
            button.setVisible(chosen and does.isVisible())
        self._show_words(True)
        self._full = self._row.sizeHint().width()
        self.updateGeometry()
        self._show_words(self.width() >= self._full)
        if snapshot is not None:
            self.show_snapshot(snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What can be done at this moment."""
        if self._stage.choice.picture is not None:
            for one in (self.keep, self.again):
                offer(one, snapshot.position > 0, "Nothing is drawn yet")

    def sizeHint(self) -> QSize:
        return QSize(self._full, self.height())

    def minimumSizeHint(self) -> QSize:
        shown = sum(not button.isHidden() for button in self._buttons.values())
        return QSize(shown * self.height(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words(event.size().width() >= self._full)

    def _show_words(self, wanted: bool) -> None:
        styles = Qt.ToolButtonStyle
        style = styles.ToolButtonTextBesideIcon if wanted else styles.ToolButtonIconOnly
        for button in self._buttons.values():
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)
        self.title.setVisible(wanted)

    # ---- what is done ----------------------------------------------------------------------------

    def _toggle_size(self) -> None:
        self._stage.enlarge(not self._stage.choice.large)

    def _save(self) -> None:
        if self._stage.choice.picture is not None:
            self.save_wanted.emit(self._stage.choice.picture)

    def _change(self, site: Site) -> None:
        if self._stage.choice.picture is not None:
            self.change_wanted.emit(self._stage.choice.picture, site)

    def _open_menu(self, row: int, column: int, where: QPoint) -> None:
        """The same, and what can be done from one pixel on."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.enlarge)
        menu.addSeparator()
        latest = self._drawing.latest
        coded = latest is not None and latest.coded
        for text, do in (
            ("Show how this pixel was drawn", lambda: self._drawing.look_at(row, column)),
            (
                "Keep the earlier pixels and draw again from here",
                lambda: self._drawing.draw_again(row, column),
            ),
            ("Change this pixel", lambda: self._change((row, column))),
        ):
            menu.addAction(tr(of_sites(text, coded)), do)
        menu.addSeparator()
        menu.addAction(self.keep)
        menu.addSeparator()
        menu.addAction(self.save)
        menu.popup(where)
