"""The pictures while they are drawn, at integer zoom.

Unknown pixels are hatched, what the person gave is tinted and has an edge, what the model drew is
plain; evidence that the model had not seen when it drew earlier sites, or does not heed because
only a part of a patch is painted, is dotted. A site is a pixel, or the patch of pixels that a code
stands for: the mark of the next one, insights and outlines are as large as it is. Only what has
changed since the last frame is painted again, and nothing at all is worked out while they are
hidden: the model has the processor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.editing.painting import Painting, Site
from studio.engine.editing.patches import ONE_PIXEL, in_part, in_pixels, whole
from studio.engine.generation.changes import Change
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights import Answer, insights
from studio.engine.insights.asking import Reply
from studio.engine.insights.question import question_of
from studio.engine.runtime.errors import StudioError
from studio.gui.picture.choice import Choice
from studio.gui.picture.insight_layer import InsightLayer
from studio.gui.picture.site_colours import draw_region, draw_sites, site_colours
from studio.gui.picture.stage_layout import Layout
from studio.gui.widgets import motion, theme
from studio.gui.widgets.marks import evidence_marks, glow, hatch_pattern
from studio.gui.widgets.painted import painted

_MOST_WITH_BRUSH = 4  # pictures: of more, only the one under the pointer shows its outline
_ROUND_HINT = (-14, -10, 14, 10)  # pixels by which its ground is larger than its words
_FRAME = 2  # pixels, round the chosen picture
_ROOMY = 10  # pixels of a site, from which on its edge may be thicker

Place = tuple[int, Site]  # a picture, and one of its pixels


class StageView(QWidget):
    """Shows a `Snapshot`, a `Painting` and a `Choice`.

    hint: what there is to do, in words, where nothing is painted or drawn yet.
    over: colours that lie over the pictures, 0xAARRGGBB (count, H, W), 0 where none does; None for
    nothing. Seen with the next snapshot.
    overlay: the name of the insight that is shown, one of `insights()`, or "none".
    choices: what is chosen in the insights, by name; see `Question.chosen`.

    Signal: hint_changed(), when another hint is seen, or none any more.
    """

    hint_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.overlay = "none"
        self.choices: dict[str, int] = {}
        self._reply: Reply | None = None
        self._layer: InsightLayer | None = None
        self.hint = ""
        self.over: NDArray[np.uint32] | None = None
        self.choice = Choice()
        self._levels = 2
        self._snapshot: Snapshot | None = None
        self._painting: Painting | None = None
        self._layout = Layout.of(self.size(), 1, (28, 28))
        # What is on the screen: 0xAARRGGBB of every picture and site, 0 where it is unknown;
        # evidence; the next site.
        self._colours = np.zeros((1, 28, 28), np.uint32)
        self._known = np.zeros((28, 28), bool)
        self._unseen: NDArray[np.bool_] | None = None
        self._patch = ONE_PIXEL  # pixels that a site stands for
        self._marked: Place | None = None  # a site of a picture, outlined
        self._cursor: Site | None = None
        self._captions: tuple[str, ...] = ()
        self._hinted = ""  # what is said now of what there is to do
        self._hover: Place | None = None
        self._brush = 1
        self._marks: QPixmap | None = None
        self._marks_due = True
        self._glow: tuple[QPixmap, int] | None = None
        self._hatch: QBrush | None = None
        self._region: tuple[int, NDArray[np.bool_]] | None = None  # of a picture, marked by hand
        self._changes: tuple[Change, ...] = ()
        motion.follow(self, self._follow_look)

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def space(self) -> tuple[int, int]:
        """(height, width) of a picture, in pixels of its own."""
        return self._layout.space

    @property
    def partly_given(self) -> bool:
        """Whether something is given of which the model takes no account, because the rest of its
        patch is not."""
        return bool(in_part(self._known, self._patch).any())

    @property
    def count(self) -> int:
        """How many pictures are seen."""
        return len(self._layout.rects)

    def show_painting(self, painting: Painting | None) -> None:
        """Another painting, or another state of it."""
        self._painting = painting
        if painting is not None and (
            painting.space != self.space or painting.levels != self._levels
        ):
            self._levels, self._snapshot = painting.levels, None
            self._lay_out(1, painting.space)
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Another moment of the generation."""
        self._snapshot = snapshot
        self._refresh()

    def mark_site(self, picture: int, site: Site | None) -> None:
        """Outline a site of a picture; None for none."""
        marked = None if site is None else (picture, site)
        if marked != self._marked:
            self._marked = marked
            self.update()

    def show_reply(self, reply: Reply | None) -> None:
        """What the model answered to the insight that is shown; None for nothing yet."""
        self._reply = reply
        self._refresh()

    @property
    def coded(self) -> bool:
        """Whether a model of codes draws the pictures."""
        return self._snapshot is not None and self._snapshot.coded

    @property
    def layer(self) -> InsightLayer | None:
        """What lies over the pictures."""
        return self._layer

    def _found_layer(self) -> InsightLayer | None:
        insight, snapshot, reply = insights().get(self.overlay), self._snapshot, self._reply
        if insight is None or snapshot is None or snapshot.captions:
            return None
        if not insight.needs_model:
            question = question_of(snapshot, self._levels, chosen=self.choices)
            try:
                answer = insight.answer(None, question)
            except StudioError as error:  # of a person's own, with every picture: never a dialog
                answer = Answer(sentence=str(error))
            if snapshot.hurried:  # lines that are other ones in the next picture are not read,
                answer = replace(answer, path=None, marked=None)  # and cost a whole repaint
            return InsightLayer(insight, answer, snapshot.shown)
        if reply is None or reply.insight is not insight or reply.refused:
            return None
        return InsightLayer(insight, reply.answer, reply.question.picture)

    def set_brush(self, size: int) -> None:
        """How large the outline under the pointer is, in sites."""
        self._brush = size
        self.update()

    def show_region(self, picture: int, region: NDArray[np.bool_] | None) -> None:
        """Mark a part (H, W) of a picture; None for nothing."""
        self._region = None if region is None else (picture, region)
        self.update()

    def _refresh(self) -> None:
        """Work out every site's colour, and have those painted that differ."""
        self._take_patch(self._snapshot)
        if not self.isVisible():
            return  # showEvent catches up
        snapshot, large = self._snapshot, self.choice.large
        captions = () if snapshot is None else snapshot.captions
        count = 1 if snapshot is None else snapshot.count
        seen = 1 if large else count
        if seen != self.count or captions != self._captions:
            self._captions = captions
            self._lay_out(seen, self.space)
        shape = (count, *self.space)
        colours = site_colours(shape, self._levels, snapshot, self._painting, self.over)
        before_layer, self._layer = self._layer, self._found_layer()
        if self._layer is not None:
            colours = self._layer.laid_over(colours, self._painting)
        if _outlines(before_layer) or _outlines(self._layer):
            self.update()
        colours = colours[self._first : self._first + seen]
        known = (
            np.zeros(self.space, bool)
            if self._painting is None or captions
            else self._painting.known
        )
        unseen = self._not_heeded(snapshot, known)
        if not _alike(unseen, self._unseen) or not np.array_equal(known, self._known):
            self._known, self._unseen = known.copy(), unseen
            self._marks_due = True
            self.update()
        hinted = self.hint if _is_empty(snapshot, self._painting) else ""
        if hinted != self._hinted:
            self._hinted = hinted
            self.update()
            self.hint_changed.emit()
        before, self._colours = self._colours, colours
        cursor_before, self._cursor = self._cursor, next_site(snapshot)
        changes = () if snapshot is None else snapshot.changes
        if changes != self._changes:
            self._changes = changes
            self.update()
        region = self._layout.strips((colours != before).any(0))
        if self._cursor != cursor_before:
            for site in {cursor_before, self._cursor} - {None}:
                assert site is not None
                (top, left), (bottom, right) = self._pixels_of(site)
                mask = np.zeros(self.space, bool)
                mask[top : bottom + 1, left : right + 1] = True
                region += self._layout.strips(mask, self._glowing()[1])
        self.update(region)

    def _take_patch(self, snapshot: Snapshot | None) -> None:
        patch = ONE_PIXEL if snapshot is None else snapshot.patch
        if patch != self._patch:
            self._patch, self._cursor, self._marked = patch, None, None
            self._prepare()
            self.update()

    def _not_heeded(
        self, snapshot: Snapshot | None, known: NDArray[np.bool_]
    ) -> NDArray[np.bool_] | None:
        """What is given and not taken account of, or not by what comes earlier, (H, W); None for
        nothing."""
        unseen = None if snapshot is None else snapshot.unseen
        if self._patch == ONE_PIXEL:
            return unseen
        found = in_part(known, self._patch)
        if unseen is not None:
            found |= in_pixels(unseen, self._patch) & known
        return found if found.any() else None

    # ---- where it is -----------------------------------------------------------------------------

    def _pixels_of(self, site: Site) -> tuple[Site, Site]:
        """The first and the last pixel of a site."""
        rows, columns = self._patch
        row, column = site[0] * rows, site[1] * columns
        return (row, column), (row + rows - 1, column + columns - 1)

    def site_rect(self, index: int, site: Site) -> QRect:
        """Where a site of one of the pictures in the layout is."""
        return self._layout.sites(index, *self._pixels_of(site))

    @property
    def _first(self) -> int:
        """The first picture that is seen."""
        return (self.choice.picture or 0) if self.choice.large else 0

    def picture_rect(self, picture: int) -> QRect:
        """Where a picture is, of those that are seen."""
        return self._layout.rects[picture - self._first]

    @property
    def looked_at(self) -> list[QRect]:
        """What messages should not cover: the pictures, and the hint while there is one."""
        return [*self.picture_rects, *([self.hint_rect()] if self._hinted else [])]

    @property
    def picture_rects(self) -> list[QRect]:
        """Where the pictures are that are seen."""
        return [*self._layout.rects]

    def site_at(self, point: QPoint) -> Place | None:
        """(picture, (row, column)) under a point; None beside the pictures."""
        found = self._layout.site_at(point)
        return None if found is None else (found[0] + self._first, found[1])

    def _lay_out(self, count: int, space: tuple[int, int]) -> None:
        self._layout = Layout.of(self.size(), count, space, self._header if self._captions else 0)
        if self._colours.shape != (count, *space):
            self._colours, self._cursor = np.zeros((count, *space), np.uint32), None
        if self._known.shape != space:
            self._known, self._unseen = np.zeros(space, bool), None
        self._prepare()
        self.update()

    @property
    def _header(self) -> int:
        """Pixels over a picture for its caption."""
        return self.fontMetrics().height() + 8

    def _prepare(self) -> None:
        """What every frame shows again is drawn once, when the next one comes."""
        self._marks_due, self._glow, self._hatch = True, None, None

    def _marking(self) -> QPixmap | None:
        """The marks of the evidence."""
        if self._marks_due:
            self._marks = evidence_marks(self._known, self._unseen, self._layout.zoom)
            self._marks_due = False
        return self._marks

    def _glowing(self) -> tuple[QPixmap, int]:
        """The mark of the next site, and how far it reaches beyond it."""
        if self._glow is None:
            self._glow = glow(self._layout.zoom, motion.reduced(), self._patch)
        return self._glow

    def _hatching(self) -> QBrush:
        """What unknown sites are filled with."""
        if self._hatch is None:
            self._hatch = QBrush(hatch_pattern(self._layout.zoom))
        return self._hatch

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out(self.count, self.space)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the window turns light or dark
            self._follow_look()

    def _follow_look(self) -> None:
        self._prepare()
        self._refresh()
        self.update()

    # ---- painting it -----------------------------------------------------------------------------

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        region, layout = event.region(), self._layout
        painter.fillRect(event.rect(), self.palette().window())
        marks, hatch, (glowing, reach) = self._marking(), self._hatching(), self._glowing()
        cursor = None
        if self._cursor is not None:
            (row, column), _ = self._pixels_of(self._cursor)
            cursor = QPoint(column, row) * layout.zoom - QPoint(reach, reach)
        for index, rect in enumerate(layout.rects):
            shown = region.intersected(rect).boundingRect()
            if not shown.isEmpty():
                inner = shown.translated(-rect.topLeft())
                draw_sites(painter, rect, inner, self._colours[index], layout.zoom, hatch)
                if marks is not None:
                    painter.drawPixmap(shown, marks, inner)
            if cursor is not None:
                painter.drawPixmap(rect.topLeft() + cursor, glowing)
        for caption, rect in zip(self._captions, layout.rects, strict=False):
            above = QRect(rect.left(), rect.top() - self._header, rect.width(), self._header)
            painter.setPen(self.palette().windowText().color())
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, caption)
        self._draw_layer(painter)
        self._draw_changes(painter)
        self._draw_region(painter)
        self._draw_marked(painter)
        self._draw_frames(painter)
        if self._hinted:
            self._draw_hint(painter)
        if self._hover is not None and self._painting is not None:
            self._draw_brush(painter, *self._hover)

    def _draw_layer(self, painter: QPainter) -> None:
        layer = self._layer
        if layer is not None and 0 <= layer.picture - self._first < self.count:
            rect, (rows, columns) = self.picture_rect(layer.picture), self._patch
            layer.draw(painter, rect, QSize(columns, rows) * self._layout.zoom)

    def _draw_changes(self, painter: QPainter) -> None:
        """An edge round every pixel that was set by hand, as far as it is drawn."""
        snapshot = self._snapshot
        if snapshot is None or not snapshot.changes or self._captions:
            return
        there = np.zeros(snapshot.length, bool)
        there[snapshot.order[: snapshot.position]] = True
        there &= ~whole(self._known, self._patch).ravel()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("changed"), 2 if self._layout.zoom >= _ROOMY else 1))
        for change in snapshot.changes:
            index = change.picture - self._first
            if 0 <= index < self.count and there[change.site]:
                site = divmod(change.site, self.space[1] // self._patch[1])
                painter.drawRect(self.site_rect(index, site).adjusted(0, 0, -1, -1))

    def _draw_region(self, painter: QPainter) -> None:
        if self._region is None:
            return
        picture, region = self._region
        if region.shape == self.space and 0 <= picture - self._first < self.count:
            draw_region(painter, self.picture_rect(picture), region, theme.colour("accent"))

    def _draw_marked(self, painter: QPainter) -> None:
        """A site that is pointed at elsewhere, or the patch under the pointer."""
        marked = self._marked
        if marked is None and self._hover is not None and self._patch != ONE_PIXEL:
            picture, (row, column) = self._hover
            marked = picture, (row // self._patch[0], column // self._patch[1])
        if marked is None or not 0 <= marked[0] - self._first < self.count:
            return
        rect = self.site_rect(marked[0] - self._first, marked[1]).adjusted(0, 0, -1, -1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for name, thick in (("card", 3), ("accent", 1)):  # seen on any colour
            painter.setPen(QPen(theme.colour(name), thick))
            painter.drawRect(rect)

    def _draw_frames(self, painter: QPainter) -> None:
        """Round the chosen picture, and round one that a click would choose."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        chosen, under = self.choice.picture, None if self._hover is None else self._hover[0]
        for picture, wanted, thick in (
            (chosen, not self.choice.large, _FRAME),
            (under, under is not None and self.choice.protects(under), 1),
        ):
            if picture is not None and wanted and 0 <= picture - self._first < self.count:
                pen = QPen(theme.colour("accent"), thick)
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen)
                painter.drawRect(self.picture_rect(picture).adjusted(-1, -1, thick - 1, thick - 1))

    def _draw_hint(self, painter: QPainter) -> None:
        text, flags = self.hint_rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        ground = QColor(theme.colour("card"))
        ground.setAlphaF(0.92)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("line"))
        painter.setBrush(ground)
        painter.drawRoundedRect(text.adjusted(*_ROUND_HINT), 8, 8)
        painter.setPen(self.palette().text().color())
        painter.drawText(text, flags, self.hint)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def hint_rect(self) -> QRect:
        """Where the words of the hint are: at the lower edge, or at the upper one where they would
        lie on the middle of a picture, which is where one paints."""
        left, top, right, bottom = _ROUND_HINT
        room = self.rect().adjusted(4 - left, 4 - top, -4 - right, -4 - bottom)
        metrics = self.fontMetrics()
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        below = metrics.boundingRect(room, flags, self.hint)
        below.moveBottom(room.bottom())
        above = below.translated(0, room.top() - below.top())
        middles = [rect.center() for rect in self._layout.rects]
        return min(below, above, key=lambda place: sum(map(place.contains, middles)))

    def _draw_brush(self, painter: QPainter, picture: int, site: Site) -> None:
        low = -((self._brush - 1) // 2)
        first = (site[0] + low, site[1] + low)
        last = (first[0] + self._brush - 1, first[1] + self._brush - 1)
        painter.setPen(QPen(theme.colour("accent"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index in self._with_brush(picture):
            painter.drawRect(self._layout.sites(index, first, last).adjusted(0, 0, -1, -1))

    def _with_brush(self, picture: int) -> list[int]:
        """The places in the layout that show the outline of the brush."""
        if self.choice.protects(picture):
            return []
        here = picture - self._first
        many = self.count > _MOST_WITH_BRUSH
        return [here] * (0 <= here < self.count) if many else list(range(self.count))


def _alike(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


def _outlines(layer: InsightLayer | None) -> bool:
    """Whether it has more than colours."""
    if layer is None:
        return False
    answer = layer.answer
    return any(part is not None for part in (answer.marked, answer.path, answer.site))


def next_site(snapshot: Snapshot | None) -> Site | None:
    """Where the pictures go on; several that are drawn all at once go on in different places."""
    if snapshot is None or (snapshot.settled is not None and snapshot.count > 1):
        return None
    return snapshot.next_site


def _is_empty(snapshot: Snapshot | None, painting: Painting | None) -> bool:
    """Whether nothing is painted, drawn or being drawn."""
    unpainted = painting is not None and painting.empty
    return (
        unpainted
        and snapshot is not None
        and not (snapshot.position or snapshot.playing or snapshot.captions)
    )
