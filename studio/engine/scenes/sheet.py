"""A grid of scenes as one labelled sheet, or as a film of all being drawn together.

Words stand in the font that comes with Pillow: the sheet looks the same on every machine. It knows
Latin letters; others are told apart by their place.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.engine.editing.patches import in_pixels
from studio.engine.generation.exporting import (
    FRAMES_A_SECOND,
    Frame,
    check_target,
    frame_at,
    pace,
    save_pictures,
)
from studio.engine.generation.snapshot import Snapshot
from studio.engine.media.image_grid import grid, image_grid
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.difference import colours_of, difference, share_that_differs
from studio.engine.scenes.document import as_text
from studio.engine.scenes.grid import CellMoment, Decode, figures
from studio.engine.scenes.plan import Plan

SUFFIXES = (".png", ".gif", ".mp4")
_PAPER, _INK, _FAINT, _PALE = (255, 255, 255), (27, 30, 35), (100, 107, 118), (242, 243, 245)
_MARGIN, _GAP, _LINE, _BETWEEN = 20, 18, 20, 5  # pixels
_SIDES = (320, 130)  # of the pictures of a cell, about: where there are few, at least
_WIDEST = 1500  # of all columns together, about
_TITLE, _TEXT = 16, 14  # sizes of type
_HEADING = 220  # the widest heading of a row
_LONGEST_FILM = 4.0  # seconds, where nobody says how fast
_SPELT = str.maketrans({"×": "x", "–": "-", "−": "-", "’": "'"})


@dataclass(frozen=True)
class _Words:
    title: ImageFont.FreeTypeFont
    text: ImageFont.FreeTypeFont


class Sheet:
    """plan: what the scenes are called. cells: what each has come to.
    scale: magnification of a pixel; None for what is well seen.
    differences: whether it is shown under each where it differs from the first.
    """

    def __init__(
        self,
        plan: Plan,
        cells: Sequence[CellMoment],
        scale: int | None = None,
        differences: bool = False,
    ) -> None:
        self._plan, self._cells = plan, list(cells)
        self._fonts = _Words(_font(_TITLE), _font(_TEXT))
        self._side = max(_SIDES[1], min(_SIDES[0], _WIDEST // plan.columns))
        self._scales = [scale or self._usual_scale(cell) for cell in cells]
        self._differences = self._compared() if differences else None
        self._lay_out()

    # ---- what can be asked -----------------------------------------------------------------------

    @cached_property
    def finished(self) -> NDArray[np.uint8]:
        """All that the cells have come to, (height, width, 3)."""
        return self._drawn([None] * len(self._cells))

    def frames(self, sites: int | None = None, race: bool = False) -> Iterator[NDArray[np.uint8]]:
        """How it came about, without the end: so many sites of each from one frame to the next.

        sites: None for as many as make a film of some seconds.
        race: in the time that each took instead; as many frames as there would be else.
        """
        shown = [cell.snapshot for cell in self._cells if cell.snapshot is not None]
        begin = min((one.start for one in shown if one.start < one.position), default=0)
        end = max((one.position for one in shown), default=0)
        sites = sites or max(1, round((end - begin) / (_LONGEST_FILM * FRAMES_A_SECOND)))
        slowest = max((cell.seconds for cell in self._cells), default=0.0)
        for position in range(begin, end, sites):
            seconds = slowest * (position - begin) / max(1, end - begin)
            yield self._drawn(
                [_position(cell, seconds) if race else position for cell in self._cells]
            )

    # ---- where everything is ---------------------------------------------------------------------

    def _usual_scale(self, cell: CellMoment) -> int:
        if cell.snapshot is None:
            return 1
        count, _, height, width = cell.snapshot.pictures.shape
        columns, rows = grid(count)
        return max(1, self._side // max(columns * width, rows * height))

    def _lay_out(self) -> None:
        plan = self._plan
        pictures = [self._picture(index, None) for index in range(len(self._cells))]
        shapes = [picture.shape for picture in pictures if picture is not None]
        self._high = max((shape[0] for shape in shapes), default=self._side)
        wide = max((shape[1] for shape in shapes), default=self._side)
        said = [self._said(index, None) for index in range(len(self._cells))]
        self._wide = max(wide, math.ceil(max(self._fonts.text.getlength(one) for one in said)))
        self._titles = () if plan.across else plan.titles
        above = _LINE if self._titles else 0
        below = _LINE
        if self._differences is not None:
            below += self._high + _BETWEEN + _LINE
        self._cell_high = above + self._high + _BETWEEN + below
        widest = max((self._fonts.title.getlength(_plain(text)) for text in plan.down), default=0)
        self._left = _MARGIN + (math.ceil(min(_HEADING, widest)) + _GAP if plan.down else 0)
        self._top = _MARGIN + (_LINE + _BETWEEN if plan.across else 0)
        self._size = (
            self._left + plan.columns * (self._wide + _GAP) - _GAP + _MARGIN,
            self._top + plan.rows * (self._cell_high + _GAP) - _GAP + _MARGIN,
        )

    # ---- drawing ---------------------------------------------------------------------------------

    def _drawn(self, positions: Sequence[int | None]) -> NDArray[np.uint8]:
        """The sheet when each cell was at a position; None for all that there is of it."""
        image = Image.new("RGB", self._size, _PAPER)
        pen, plan = ImageDraw.Draw(image), self._plan
        for index, text in enumerate(plan.across):
            middle = self._left + index * (self._wide + _GAP) + self._wide // 2
            self._write(pen, text, (middle, _MARGIN), self._fonts.title, _INK, self._wide, "ma")
        for index, text in enumerate(plan.down):
            middle = self._top + index * (self._cell_high + _GAP) + self._high // 2
            place = _MARGIN, middle - _TITLE // 2
            self._write(pen, text, place, self._fonts.title, _INK, _HEADING, "la")
        for index in range(len(self._cells)):
            row, column = divmod(index, plan.columns)
            corner = (
                self._left + column * (self._wide + _GAP),
                self._top + row * (self._cell_high + _GAP),
            )
            self._draw_cell(image, pen, index, corner, positions[index])
        return np.asarray(image)

    def _draw_cell(
        self,
        image: Image.Image,
        pen: ImageDraw.ImageDraw,
        index: int,
        corner: tuple[int, int],
        position: int | None,
    ) -> None:
        left, top = corner
        middle, fonts = left + self._wide // 2, self._fonts
        if self._titles:
            text = self._titles[index]
            self._write(pen, text, (middle, top), fonts.title, _INK, self._wide, "ma")
            top += _LINE
        picture = self._picture(index, position)
        if picture is None:
            self._write_sentence(pen, self._cells[index].sentence, (left, top))
        else:
            self._paste(image, picture, (left, top))
        top += self._high + _BETWEEN
        said = self._said(index, position)
        self._write(pen, said, (middle, top), fonts.text, _FAINT, self._wide, "ma")
        found = None if self._differences is None else self._differences[index]
        if found is not None and position is None:
            top += _LINE
            picture, said = found
            self._paste(image, picture, (left, top))
            top += self._high + _BETWEEN
            self._write(pen, said, (middle, top), fonts.text, _FAINT, self._wide, "ma")

    def _paste(
        self, image: Image.Image, picture: NDArray[np.uint8], corner: tuple[int, int]
    ) -> None:
        """In the middle of its place."""
        height, width = picture.shape[:2]
        place = corner[0] + (self._wide - width) // 2, corner[1] + (self._high - height) // 2
        image.paste(Image.fromarray(picture), place)

    def _write(
        self,
        pen: ImageDraw.ImageDraw,
        text: str,
        place: tuple[int, int],
        font: ImageFont.FreeTypeFont,
        colour: tuple[int, int, int],
        widest: int,
        anchor: str,
    ) -> None:
        pen.text(place, _fitted(_plain(text), font, widest), colour, font, anchor=anchor)

    def _write_sentence(
        self, pen: ImageDraw.ImageDraw, sentence: str, corner: tuple[int, int]
    ) -> None:
        left, top = corner
        pen.rectangle((left, top, left + self._wide - 1, top + self._high - 1), _PALE)
        lines = _wrapped(_plain(sentence), self._fonts.text, self._wide - 16)
        lines = lines[: max(1, (self._high - 16) // _LINE)]
        begin = top + (self._high - len(lines) * _LINE) // 2
        for number, line in enumerate(lines):
            place = left + self._wide // 2, begin + number * _LINE
            pen.text(place, line, _INK, self._fonts.text, anchor="ma")

    def _picture(self, index: int, position: int | None) -> NDArray[np.uint8] | None:
        cell = self._cells[index]
        snapshot = cell.snapshot
        if snapshot is None:
            return None
        shown = snapshot.position if position is None else min(position, snapshot.position)
        frame = _frame_of(snapshot, max(shown, snapshot.start), cell.decode)
        return image_grid(
            frame.values,
            cell.levels,
            self._scales[index],
            frame.known,
            frame.cursor,
            patch=frame.patch,
        )

    def _said(self, index: int, position: int | None) -> str:
        cell = self._cells[index]
        if position is None or cell.snapshot is None or position >= cell.snapshot.position:
            return figures(cell.bits, cell.sites_per_second, cell.seconds, cell.coded)[0]
        bits = _read(cell, "position", position, "bits")
        seconds = _read(cell, "position", position, "seconds")
        sites = position - (cell.snapshot.position - cell.sites)
        speed = sites / max(seconds, 1e-9)
        return figures(bits if sites > 0 else None, speed, seconds, cell.coded)[0]

    def _compared(self) -> list[tuple[NDArray[np.uint8], str] | None]:
        """Of each cell the picture of its difference from the first, and how much it differs."""
        first, found = self._cells[0], list[tuple[NDArray[np.uint8], str] | None]()
        for index, cell in enumerate(self._cells):
            apart = None
            if index and first.snapshot is not None and cell.snapshot is not None:
                levels = first.levels, cell.levels
                apart = difference(first.snapshot, cell.snapshot, levels)
            if apart is None:
                found.append(None)
                continue
            colours = colours_of(apart).transpose(0, 3, 1, 2)
            picture = image_grid(
                np.ascontiguousarray(colours), 256, self._scales[index], ~np.isnan(apart[0])
            )
            found.append(
                (picture, f"{100 * share_that_differs(apart):.1f} % differ from the first")
            )
        return found


def check_sheet(path: Path) -> None:
    """StudioError where a sheet, or a film of one, cannot be written to this path."""
    if path.suffix.lower() not in SUFFIXES:
        raise StudioError(f'"{path}" is no place for a sheet: choose .png, .gif or .mp4.')
    check_target(path)


def save_sheet(
    sheet: Sheet,
    path: Path,
    plan: Plan,
    speed: float | None = None,
    race: bool = False,
) -> None:
    """Write it as the ending of the path says, with the scenes of its plan in it; a film shows
    `speed` sites a second, None for as many as fit into some seconds. StudioError as for
    `check_sheet`."""
    check_sheet(path)
    sites, rate = (None, FRAMES_A_SECOND) if speed is None else pace(speed)
    frames, scene = sheet.frames(sites, race), as_text(plan.as_scene)
    save_pictures(sheet.finished, path, frames, rate=rate, scene=scene)


def _frame_of(snapshot: Snapshot, position: int, decode: Decode | None) -> Frame:
    """As much of what a snapshot shows as was there at an earlier position; of codes, the pictures
    that they stood for then."""
    frame = frame_at(snapshot.values, snapshot.order, position, snapshot.known)
    if decode is None:
        return frame
    known, cursor, (rows, columns) = in_pixels(frame.known, snapshot.patch), None, snapshot.patch
    if frame.cursor is not None:
        cursor = frame.cursor[0] * rows, frame.cursor[1] * columns
    pictures = snapshot.pictures
    if position < snapshot.position:
        pictures = decode(np.where(frame.known, frame.values, 0).astype(np.uint8), frame.known)
    return Frame(pictures, known, cursor, patch=snapshot.patch)


def _position(cell: CellMoment, seconds: float) -> int:
    """Where a cell was after so many seconds of its own work."""
    return int(_read(cell, "seconds", seconds, "position"))


def _read(cell: CellMoment, by: str, value: float, wanted: str) -> float:
    """One figure of a drawing where another had a value, between two marks in proportion."""
    marks = list(cell.marks)
    if not marks:
        return 0.0
    known = [getattr(mark, by) for mark in marks]
    return float(np.interp(value, known, [getattr(mark, wanted) for mark in marks]))


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _plain(text: str) -> str:
    """In the letters that the font has."""
    folded = unicodedata.normalize("NFKD", text.translate(_SPELT))
    kept = (mark for mark in folded if not unicodedata.combining(mark))
    return "".join(mark if mark.isascii() or mark in "·…“”" else "?" for mark in kept)


def _fitted(text: str, font: ImageFont.FreeTypeFont, widest: int) -> str:
    while text and font.getlength(text) > widest:
        text = text.rstrip("…")[:-1] + "…"
        if text == "…":
            break
    return text


def _wrapped(text: str, font: ImageFont.FreeTypeFont, widest: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > widest and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
