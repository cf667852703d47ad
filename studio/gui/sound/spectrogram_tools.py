"""The tools of the painted spectrogram: brush, eraser,
smoothing, and what is done to a selected region."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from studio.engine.editing.spectrogram_painting import (
    Cell,
    Frames,
    Region,
    Span,
    SpectrogramPainting,
)
from studio.gui.sound.brush_controls import BrushControls
from studio.gui.sound.spectrogram_canvas import SpectrogramCanvas
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.wrapping_bar import WrappingBar

Tool = Literal["draw", "erase", "smooth", "select"]
Edit = Callable[[SpectrogramPainting], Span | None]
Stroke = Callable[[Cell], object]  # what comes of the pointer being dragged to a cell
Reshape = Callable[[SpectrogramPainting, Region], tuple[Region, Span | None]]


class SpectrogramTools(WrappingBar):
    """Turns what the mouse and the keys do on the canvas into edits of its painting.

    edited(span): those frames are others; once for a whole stroke, when it ends.
    second: frames in a second, which is how much silence is put in where nothing is selected.
    """

    edited = Signal(object)

    def __init__(self, canvas: SpectrogramCanvas, parent: QWidget | None = None) -> None:
        super().__init__("Spectrogram tools", parent)
        self.tool: Tool = "draw"
        self.second = 100
        self._canvas = canvas
        self._stroke: Stroke | None = None
        self._last = (0, 0)  # where the brush was
        self._clipboard: tuple[Frames, int] | None = None  # what was copied, and its lowest mel
        self._group = QActionGroup(self)
        self.brush = self._tool("draw", "brush", "Brush", "Paint at the chosen level", "B")
        self.eraser = self._tool(
            "erase",
            "eraser",
            "Eraser",
            "Erase to silence (or paint with the right mouse button)",
            "E",
        )
        self.smooth = self._tool("smooth", "smooth", "Smooth", "Blur what is under the brush", "M")
        tip = (
            "Drag to select a region; drag it to move it, with Ctrl a copy of it, or its right edge"
            " to stretch time"
        )
        self.select = self._tool("select", "select", "Select", tip, "S")
        self.addSeparator()
        self.brush_controls = BrushControls(self)
        size_box = self.brush_controls.size_box
        size_box.valueChanged.connect(self._show_brush)
        action(canvas, "Smaller brush", size_box.stepDown, "[")
        action(canvas, "Larger brush", size_box.stepUp, "]")
        self.addSeparator()
        self.undo = self._edit("undo", "Undo", "Ctrl+Z", SpectrogramPainting.undo)
        self.redo = self._edit("redo", "Redo", "Ctrl+Shift+Z", SpectrogramPainting.redo)
        self.clear_all = self._edit(
            "clear", "Clear", "Ctrl+Backspace", SpectrogramPainting.clear, "Make all silent"
        )
        self.addSeparator()
        self._add_region()
        canvas.pressed.connect(self._press)
        canvas.dragged.connect(self._drag)
        canvas.released.connect(self.finish)
        canvas.nudged.connect(self._nudge)
        canvas.lengthened.connect(self._lengthen)
        canvas.selected.connect(self.refresh)
        self.brush.trigger()
        self.refresh()

    # ---- what there is ---------------------------------------------------------------------------

    def _tool(self, tool: Tool, name: str, text: str, tip: str, key: str) -> QAction:
        def choose() -> None:
            self.finish()
            self.tool = tool
            self._show_brush()

        made = action(self, text, choose, key, name, tip)
        made.setCheckable(True)
        self._group.addAction(made)
        return made

    def _edit(self, name: str, text: str, key: str, do: Edit, tip: str = "") -> QAction:
        return action(self, text, lambda: self.edit(do), key, name, tip)

    def _add_region(self) -> None:
        tip = (
            "Insert silence before the selection, as long as the selection; without"
            " one, a second at the end"
        )
        self.insert = action(self, "Insert silence", self._insert, "Ins", "insert-time", tip)
        tip = "Cut the selection out; what follows moves up"
        self.cut = action(self, "Cut time out", self._cut, "Ctrl+Del", "cut-time", tip)
        canvas = self._canvas
        self.copy = action(canvas, "Copy", self._copy, "Ctrl+C", tip="Copy the selection")
        tip = "Paste at the pointer, or at the playhead"
        self.paste = action(canvas, "Paste", self._paste, "Ctrl+V", tip=tip)
        self.silence = action(
            canvas, "Make silent", self._silence, "Del", tip="Make the selection silent"
        )
        self.select_all = action(canvas, "Select all", self._select_all, "Ctrl+A")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions([self.copy, self.paste, self.silence, self.select_all])
        menu.addSeparator()
        menu.addActions([self.insert, self.cut])
        button = QToolButton()
        button.setText("Selection")
        button.setAccessibleName("Selection")
        button.setToolTip("Commands for the selection")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(button)

    @property
    def edits(self) -> list[QAction]:
        """What a menu offers."""
        at_once = [self.undo, self.redo, self.clear_all]
        return [*at_once, self.copy, self.paste, self.silence, self.insert, self.cut]

    def refresh(self) -> None:
        """Offer what can be done now."""
        painting = self._canvas.painting
        self.setEnabled(painting is not None)
        self.select_all.setEnabled(painting is not None)
        for each in (self.copy, self.silence, self.cut):
            offer(each, self._canvas.region is not None, "Select something first")
        offer(
            self.paste,
            painting is not None and self._clipboard is not None,
            "Nothing was copied yet",
        )
        if painting is None:
            return
        offer(self.undo, painting.can_undo, "Nothing to undo")
        offer(self.redo, painting.can_redo, "Nothing to redo")
        offer(self.clear_all, not painting.empty, "Nothing is painted")

    def _show_brush(self) -> None:
        self._canvas.set_brush(0 if self.tool == "select" else self.brush_controls.size_box.value())

    # ---- strokes ---------------------------------------------------------------------------------

    def _press(self, frame: int, mel: int) -> None:
        canvas, cell = self._canvas, (frame, mel)
        assert canvas.painting is not None
        if self.tool != "select":
            self._begin(self._paint)
            self._last = cell
            self._paint(cell)
        elif canvas.erasing:
            return
        elif canvas.region is None or canvas.held == "nothing":
            canvas.select(None)
            self._stroke = partial(self._choose, canvas.painting, cell)
        elif canvas.held == "end":
            region = canvas.region
            self._begin(
                lambda now: self._reshape(region, lambda p, r: p.stretch(r, now[0] + 1 - r.start))
            )
        else:
            region, copying = canvas.region, canvas.copying
            self._begin(
                lambda now: self._reshape(
                    region, lambda p, r: p.shift(r, now[0] - frame, now[1] - mel, copying)
                )
            )

    def _begin(self, stroke: Stroke) -> None:
        if self._canvas.painting is not None:
            self._canvas.painting.begin()
            self._stroke = stroke
            self.refresh()

    def _drag(self, frame: int, mel: int) -> None:
        if self._stroke is not None:
            self._stroke((frame, mel))

    def finish(self) -> None:
        """End the stroke that may be open."""
        self._stroke = None
        if self._canvas.painting is not None:
            self._tell(self._canvas.painting.end())

    def _paint(self, cell: Cell) -> None:
        last, self._last = self._last, cell
        painting = self._canvas.painting
        if painting is None:
            return
        assert self.tool != "select"
        brush = self.brush_controls.brush("erase" if self._canvas.erasing else self.tool)
        if (span := painting.line(last, cell, brush)) is not None:
            self._canvas.refresh(span)

    def _choose(self, painting: SpectrogramPainting, anchor: Cell, cell: Cell) -> None:
        self._canvas.select(painting.within(_between(anchor, cell)))

    def _reshape(self, region: Region, do: Reshape) -> Span | None:
        """Make a region another, which is then selected."""
        assert self._canvas.painting is not None
        now, span = do(self._canvas.painting, region)
        if span is not None:
            self._canvas.refresh(span)
        self._canvas.select(now)
        return span

    # ---- at once ---------------------------------------------------------------------------------

    def edit(self, do: Edit) -> None:
        """Do something to the painting, after the stroke that may be open."""
        self.finish()
        painting = self._canvas.painting
        if painting is not None and (span := do(painting)) is not None:
            self._canvas.refresh(span)
            self._tell(span)

    def _tell(self, span: Span | None) -> None:
        self.refresh()
        if span is not None:
            self.edited.emit(span)

    def _nudge(self, frames: int, mels: int) -> None:
        self._reshape_selected(lambda painting, region: painting.shift(region, frames, mels))

    def _lengthen(self, frames: int) -> None:
        self._reshape_selected(
            lambda painting, region: painting.stretch(region, region.length + frames)
        )

    def _reshape_selected(self, do: Reshape) -> None:
        self.finish()
        if self._canvas.region is not None:
            self._tell(self._reshape(self._canvas.region, do))

    def _copy(self) -> None:
        if (region := self._canvas.region) is not None and self._canvas.painting is not None:
            self._clipboard = self._canvas.painting.copied(region), region.low
            self.refresh()

    def _paste(self) -> None:
        canvas, copied = self._canvas, self._clipboard
        if copied is None or canvas.painting is None:
            return
        frames, low = copied
        at = canvas.playhead_frame if canvas.hover is None else canvas.hover[0]
        self.edit(lambda painting: painting.lay(frames, (at, low)))
        self.select.trigger()
        canvas.select(
            canvas.painting.within(Region(at, at + len(frames), low, low + frames.shape[1]))
        )

    def _silence(self) -> None:
        if (region := self._canvas.region) is not None:
            self.edit(lambda painting: painting.erase(region))

    def _select_all(self) -> None:
        if (painting := self._canvas.painting) is not None:
            self.select.trigger()
            self._canvas.select(Region(0, painting.length, 0, painting.mels))

    def _insert(self) -> None:
        region = self._canvas.region
        if region is None:
            self.edit(lambda painting: painting.insert(painting.length, self.second))
        else:
            self.edit(lambda painting: painting.insert(region.start, region.length))

    def _cut(self) -> None:
        if (region := self._canvas.region) is not None:
            self._canvas.select(None)
            self.edit(lambda painting: painting.cut(region.start, region.stop))


def _between(a: Cell, b: Cell) -> Region:
    """From one cell to another, both included."""
    (start, stop), (low, high) = (sorted(ends) for ends in zip(a, b, strict=True))
    return Region(start, stop + 1, low, high + 1)
