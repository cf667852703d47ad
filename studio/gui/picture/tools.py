"""The tools of the stage: brush, eraser, fill, pipette, lasso and change,
and what is done to the whole painting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from studio.engine.editing.lasso import Lasso
from studio.engine.editing.painting import Ink, Painting, Site
from studio.engine.editing.patches import ONE_PIXEL, patch_of
from studio.engine.editing.site_words import of_sites
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.branching import Branching
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.inks import ColourInk, GreyInk
from studio.gui.picture.stage import Stage
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.number_boxes import WholeBox
from studio.gui.widgets.translation import tr
from studio.gui.widgets.wrapping_bar import WrappingBar

LARGEST_BRUSH = 9
_PATCHES = 4  # that a brush can be wide
_OF_ONE_PIXEL = ("fill", "pipette", "change")
_CHANGE = "Change a pixel"


class Tools(WrappingBar):
    """Turns what the mouse does on the stage into strokes of the session's painting.

    Signals: picture_wanted(), a picture from a file; stroked(), a stroke has changed the painting.
    tool: brush, eraser, fill, pipette, lasso or change.
    ink: what the brush paints, of the kind that the model has.
    """

    picture_wanted = Signal()
    stroked = Signal()

    def __init__(
        self,
        drawing: Drawing,
        stage: Stage,
        branching: Branching,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        session = drawing.session
        self._session, self._stage, self._drawing = session, stage, drawing
        self._branching = branching
        self._last: Site | None = None
        self._patch = ONE_PIXEL  # pixels that a site of the model stands for
        self._lasso: Lasso | None = None  # while it is drawn
        self.tool = "brush"
        self._group = QActionGroup(self)
        self.brush = self._tool("brush", "Brush", "Paint pixels for the model to keep", "B")
        self.eraser = self._tool(
            "eraser",
            "Eraser",
            "Erase: pixels become unknown again (or paint with the right mouse button)",
            "E",
        )
        self.fill = self._tool("fill", "Fill", "Fill a region of the same colour", "F")
        self.pipette = self._tool("pipette", "Pipette", "Pick up the ink of a pixel", "I")
        tip = "Redraw a part: circle it or paint over it; all else is given, and it is drawn anew"
        self.lasso = self._tool("lasso", "Redraw a part", tip, "R")
        tip = "Change what is drawn: the model goes on from it, with the same noise"
        self.change = self._tool("change", _CHANGE, tip, "H")
        self.brush.setChecked(True)
        self.addSeparator()
        self._add_inks()
        self._add_size()
        self.addSeparator()
        tip = "Undo the last stroke and bring back what the model had drawn"
        self.undo = action(self, "Undo", session.undo, "Ctrl+Z", "undo", tip)
        self.redo = action(self, "Redo", session.redo, "Ctrl+Shift+Z", "redo")
        tip = "New: clear what is painted and drawn"
        self.clear_all = action(self, "Clear", drawing.clear, "Ctrl+Backspace", "clear", tip)
        self.addSeparator()
        tip = (
            "Fill the background round your strokes, from the top down, so that the"
            " model knows those pixels too"
        )
        self.background = action(self, "Background", self._fill_background, "G", "background", tip)
        tip = "Keep the top half of the chosen picture and let the model draw the rest again"
        self.keep = action(self, "Keep top half", drawing.keep_top, "K", "up", tip)
        tip = "Complete a picture from a file"
        self.picture = action(
            self, "Open a picture…", self.picture_wanted.emit, None, "picture", tip
        )
        self._named = [self.widgetForAction(named) for named in (self.background, self.keep)]
        self._fit(1, 2)
        stage.pressed.connect(self._press)
        stage.dragged.connect(self._drag)
        stage.released.connect(self._release)
        session.painting_changed.connect(self._refresh)
        session.model_changed.connect(self._refresh)
        drawing.reading.connect(self._show_keep)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_names(event.size().width() >= self._roomy)

    def _show_names(self, wanted: bool) -> None:
        """Whether the buttons of which an icon says little say it in words: where there is room."""
        style = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if wanted
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in self._named:
            if isinstance(button, QToolButton) and button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)

    def _tool(self, name: str, text: str, tip: str, key: str) -> QAction:
        made = action(self, text, lambda: self._take(name), key, name, tip)
        made.setCheckable(True)
        self._group.addAction(made)
        return made

    def _take(self, tool: str) -> None:
        """Have another tool in hand."""
        self.tool, self._stage.paints = tool, tool not in ("pipette", "lasso", "change")
        self._show_outline()

    def _fill_background(self) -> None:
        self._session.edit(lambda painting: painting.fill_background(self.ink.ground))

    def _add_inks(self) -> None:
        self.grey_ink, self.colour_ink = GreyInk(), ColourInk()
        self._places = {ink: self.addWidget(ink) for ink in (self.grey_ink, self.colour_ink)}
        self.ink: GreyInk | ColourInk = self.grey_ink
        self.colour_ink.picked.connect(self._back_to_painting)
        action(self._stage, "Swap ink", self._swap_ink, "X")

    def _swap_ink(self) -> None:
        self.ink.swap()

    def take_brush(self) -> None:
        """The brush in hand, with what one paints with first."""
        self.brush.trigger()
        self.ink.reset()

    def _back_to_painting(self) -> None:
        """Who chooses a colour wants to paint with it."""
        if self.tool in ("eraser", "pipette", "lasso"):
            self.brush.trigger()

    def _add_size(self) -> None:
        self.addWidget(QLabel(" Size "))
        self.size_box = WholeBox(minimum=1, maximum=LARGEST_BRUSH, value=2)
        self.size_box.setAccessibleName("Brush size")
        self.size_box.setToolTip("Width of the brush in pixels ([ and ])")
        self.size_box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.size_box.valueChanged.connect(self._show_outline)
        self._show_outline()
        self.addWidget(self.size_box)
        action(self._stage, "Smaller brush", self.size_box.stepDown, "[")
        action(self._stage, "Larger brush", self.size_box.stepUp, "]")

    def _show_outline(self) -> None:
        """Round the pixels that the tool in hand takes: the size is that of brushes."""
        self._stage.set_brush(1 if self.tool in _OF_ONE_PIXEL else self.size_box.value())

    def _refresh(self) -> None:
        painting = self._session.painting
        self.setEnabled(painting is not None)
        if painting is None:
            return
        if (kind := (len(painting.values), painting.levels)) != self._kind:
            self._fit(*kind)
        self._fit_brush()
        offer(self.undo, painting.can_undo, "Nothing to undo")
        offer(self.redo, painting.can_redo, "Nothing to redo")
        self._offer_clear()
        why_not = "This model gives back what you paint: it draws nothing anew"
        for tool in (self.lasso, self.change):
            offer(tool, self._session.generates, why_not)
        if not self._session.generates:
            if self.tool in ("lasso", "change"):
                self.brush.trigger()
            offer(
                self.background,
                False,
                "Not needed here: whatever is not painted is black",
            )
        else:
            offer(
                self.background,
                not painting.empty,
                "Paint something first",
            )

    def _fit(self, channels: int, levels: int) -> None:
        """The ink and the tools for pictures of this kind."""
        self._kind = channels, levels
        self.ink = self.colour_ink if channels == 3 else self.grey_ink
        self.ink.fit(levels)
        for ink, place in self._places.items():
            place.setVisible(ink is self.ink)
        varied = channels > 1 or levels > 2
        self.pipette.setVisible(varied)
        if self.tool == "pipette" and not varied:
            self.brush.trigger()
        self._show_names(True)
        self._roomy = self.sizeHint().width()
        self._show_names(self.width() >= self._roomy)

    def _fit_brush(self) -> None:
        """Where patches are drawn, brushes are wide enough to paint whole ones."""
        model = self._session.model
        patch = ONE_PIXEL if model is None else patch_of(model)
        if patch != self._patch:
            self._patch = patch
            self.change.setText(tr(of_sites(_CHANGE, patch != ONE_PIXEL)))
            self.size_box.setMaximum(max(LARGEST_BRUSH, _PATCHES * max(patch)))
            self.size_box.setValue(2 * max(patch))

    def _offer_clear(self) -> None:
        painting, latest = self._session.painting, self._drawing.latest
        drawn = latest is not None and latest.position > 0 and self._session.generates
        painted = painting is not None and not painting.empty
        offer(self.clear_all, drawn or painted, "Nothing is painted or drawn")

    def _show_keep(self, snapshot: Snapshot) -> None:
        self._offer_clear()
        if not self._session.generates:
            offer(
                self.keep, False, "This model gives back what you paint: there is nothing to keep"
            )
        else:
            offer(self.keep, snapshot.position > 0, "Nothing is drawn yet")

    # ---- strokes ---------------------------------------------------------------------------------

    @property
    def _level(self) -> Ink:
        return None if self._stage.erasing or self.tool == "eraser" else self.ink.value

    def _press(self, row: int, column: int) -> None:
        if self.tool == "pipette" and not self._stage.erasing:
            if (value := self._stage.value_at(row, column)) is not None:
                self.ink.take(value)
                self.brush.trigger()
            return
        if self.tool == "change" and not self._stage.erasing:
            self.change_pixel(self._stage.picture, (row, column))
            return
        if self.tool == "lasso" and not self._stage.erasing:
            self._lasso = Lasso(self._stage.space, self.size_box.value())
            self._draw_lasso(row, column)
            return
        level = self._level

        def begin(painting: Painting) -> None:
            painting.begin()
            if self.tool == "fill":
                painting.fill((row, column), level)
            else:
                painting.line((row, column), (row, column), level, self.size_box.value())

        self._last = (row, column)
        self._stroke(begin)

    def change_pixel(self, picture: int, place: Site) -> None:
        """Set a pixel that is drawn to the ink in hand."""
        self._branching.change_pixel(picture, place, self.ink.value)

    def _stroke(self, change: Callable[[Painting], object]) -> None:
        before = self._session.painting and self._session.painting.revision
        self._session.edit(change)
        if self._session.painting and self._session.painting.revision != before:
            self.stroked.emit()

    def _draw_lasso(self, row: int, column: int) -> None:
        if self._lasso is not None:
            self._lasso.go_to((row, column))
            self._stage.show_region(self._stage.picture, self._lasso.mask)

    def _drag(self, row: int, column: int) -> None:
        self._draw_lasso(row, column)
        last, level = self._last, self._level
        if last is None or self.tool == "fill" or last == (row, column):
            return
        self._last = (row, column)
        self._stroke(
            lambda painting: painting.line(last, (row, column), level, self.size_box.value())
        )

    def _release(self) -> None:
        if self._lasso is not None:
            part, self._lasso = self._lasso.mask, None
            self._stage.show_region(0, None)
            self._drawing.redraw(part, self._stage.picture)
        if self._last is not None and self._session.painting is not None:
            self._session.painting.end()
            self._last = None
            self._refresh()
