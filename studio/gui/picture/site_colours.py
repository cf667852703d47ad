"""The colour of every site of the pictures on the stage, how these colours are painted, and what
a site says of itself in words."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from studio.engine.editing.painting import Painting, Site
from studio.engine.editing.patches import in_part, in_pixels
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights.words import code_in_words, value_in_words
from studio.gui.widgets.marks import tinted

_VEIL = 0.55  # how much of a colour that is laid over a part is seen
_TINT_OF_GUESS = 5  # tenths
_TINT_OF_GREY, _TINT_OF_COLOUR = 3, 1  # tenths: what is painted in colour has to keep it


def site_colours(
    shape: tuple[int, int, int],
    levels: int,
    snapshot: Snapshot | None,
    painting: Painting | None,
    over: NDArray[np.uint32] | None = None,
) -> NDArray[np.uint32]:
    """0xAARRGGBB of every picture and pixel, (count, H, W) as `shape` has them, 0 where it is
    unknown. over: what lies over the pictures, of the same shape, 0 where nothing does."""
    space = shape[1:]
    if snapshot is not None and snapshot.captions:  # what is painted is in the first of them
        values = snapshot.values.reshape(*snapshot.values.shape[:2], -1)
        return _plain(values, levels).reshape(-1, *space)
    colours = np.zeros(shape, np.uint32)
    if snapshot is not None:
        values, settled = snapshot.pictures, snapshot.settled
        if snapshot.decoded is not None or settled is not None:
            everywhere = _plain(values.reshape(*values.shape[:2], -1), levels).reshape(shape)
        if settled is not None:
            settled = in_pixels(settled, snapshot.patch)
            colours = np.where(settled, everywhere, tinted(everywhere, _TINT_OF_GUESS, "guess"))
        elif snapshot.decoded is not None:  # as far as it is drawn, and decoded
            drawn = snapshot.pixels_of(snapshot.order[: snapshot.position])
            drawn = drawn & in_pixels(snapshot.decoded.there, snapshot.patch)
            colours = np.where(drawn, everywhere, 0).astype(np.uint32)
        else:
            drawn = snapshot.pixels_of(snapshot.order[: snapshot.position])
            colours[:, drawn] = _plain(values[:, :, drawn], levels)
    if painting is not None and not painting.empty:
        tint = _TINT_OF_GREY if len(painting.values) == 1 else _TINT_OF_COLOUR
        held = held_in(snapshot, painting)
        given = _plain(painting.values[None, :, held], levels)
        colours[:, held] = tinted(given, tint)
    if over is not None and over.shape == colours.shape:
        colours = np.where(over > 0, over, colours)
    return colours


def held_in(snapshot: Snapshot | None, painting: Painting) -> NDArray[np.bool_]:
    """What of a painting is seen, (H, W): all of it, but for parts of patches that the model has
    drawn since, because it takes account of whole ones only."""
    if snapshot is None or snapshot.decoded is None or snapshot.space != painting.space:
        return painting.known
    drawn = snapshot.pixels_of(snapshot.order[: snapshot.position])
    return painting.known & ~(in_part(painting.known, snapshot.patch) & drawn)


def levels_at(
    snapshot: Snapshot | None, painting: Painting | None, picture: int, site: Site
) -> tuple[int, ...] | None:
    """The levels, one a channel, that a picture has at a pixel; None where nothing is there."""
    row, column = site
    captions = snapshot is not None and bool(snapshot.captions)
    if painting is not None and held_in(snapshot, painting)[site] and not captions:
        return tuple(painting.values[:, row, column].tolist())
    if snapshot is not None and picture < snapshot.count and _is_there(snapshot, site):
        return tuple(snapshot.pictures[picture, :, row, column].tolist())
    return None


def code_at(snapshot: Snapshot | None, picture: int, pixel: Site) -> int | None:
    """The code that stands for the patch in which a pixel lies; None where nothing is drawn, or
    where the values are the pixels themselves."""
    if snapshot is None or snapshot.decoded is None:
        return None
    site = snapshot.site_at(*pixel)
    known = snapshot.known is not None and bool(snapshot.known[site])
    if not known and not _is_there(snapshot, pixel):
        return None
    return int(snapshot.values[(picture, 0, *site)])


def colours_of_patch(
    snapshot: Snapshot, levels: int, picture: int, site: Site
) -> NDArray[np.uint32]:
    """What the patch of a code looks like in its picture, 0xAARRGGBB (rows, columns); 0 where it is
    unknown. levels: of the pictures."""
    rows, columns = snapshot.patch
    top, left = site[0] * rows, site[1] * columns
    part = snapshot.pictures[picture : picture + 1, :, top : top + rows, left : left + columns]
    if snapshot.decoded is not None and not snapshot.decoded.there[(picture, *site)]:
        return np.zeros((rows, columns), np.uint32)
    return _plain(part.reshape(*part.shape[:2], -1), levels).reshape(rows, columns)


def site_in_words(
    snapshot: Snapshot | None, painting: Painting | None, levels: int, picture: int, site: Site
) -> str:
    """Which pixel it is, what is there, and how sure the model was of it; of patches that codes
    stand for, which code it is."""
    parts = [f"row {site[0]}, column {site[1]}"]
    if snapshot is not None and snapshot.decoded is not None:
        row, column = snapshot.site_at(*site)
        parts = [f"patch in row {row}, column {column}"]
    if snapshot is not None and snapshot.count > 1 and not snapshot.captions:
        parts.insert(0, f"picture {picture + 1}")
    if (code := code_at(snapshot, picture, site)) is not None:
        parts.append(code_in_words(code))
    found = levels_at(snapshot, painting, picture, site)
    if found is not None and code is None:
        parts.append(value_in_words(found, levels))
    if painting is not None and painting.known[site]:
        heeded = snapshot is None or not in_part(painting.known, snapshot.patch)[site]
        parts.append("given" if heeded else "given, but not heeded: paint the whole patch")
    elif snapshot is not None and found is not None and not _is_settled(snapshot, picture, site):
        parts.append("not settled yet")
    elif snapshot is not None and found is not None and _changed(snapshot, picture, site):
        parts.append("set by hand")
    elif snapshot is not None and picture == snapshot.shown and found is not None:
        nats = float(snapshot.entropies[snapshot.rank_of(*snapshot.site_at(*site))])
        if not math.isnan(nats):
            parts.append(f"uncertainty {nats / math.log(2):.2f} bits")
    elif snapshot is not None and picture == snapshot.shown and snapshot.expected is not None:
        parts += _expected_in_words(snapshot.expected[:, *site], levels)
    return " · ".join(parts)


def _is_there(snapshot: Snapshot, pixel: Site) -> bool:
    """Whether anything is drawn there, be it a guess."""
    rank = snapshot.rank_of(*snapshot.site_at(*pixel))
    return snapshot.settled is not None or rank < snapshot.position


def _is_settled(snapshot: Snapshot, picture: int, pixel: Site) -> bool:
    settled = snapshot.settled
    return settled is None or bool(settled[(picture, *snapshot.site_at(*pixel))])


def _changed(snapshot: Snapshot, picture: int, pixel: Site) -> bool:
    row, column = snapshot.site_at(*pixel)
    at = row * snapshot.values.shape[3] + column
    return any(change.site == at and change.picture == picture for change in snapshot.changes)


def _expected_in_words(shares: NDArray[np.float32], levels: int) -> list[str]:
    """What the model expects at a site, as shares of the highest level, (C,)."""
    if np.isnan(shares).any():
        return []
    if len(shares) == 1 and levels == 2:
        return [f"white with {100 * float(shares[0]):.0f} %"]
    expected = ", ".join(f"{share:.0f}" for share in shares * (levels - 1))
    return [f"expected level{'s' if len(shares) > 1 else ''} {expected}"]


def _plain(values: NDArray[np.uint8], levels: int) -> NDArray[np.uint32]:
    """Levels (B, C, sites) as opaque colours (B, sites)."""
    grey = np.arange(256, dtype=np.uint32) * 255 // max(1, levels - 1)
    if values.shape[1] == 1:
        return (0xFF000000 | grey * 0x010101).astype(np.uint32)[values[:, 0]]
    red, green, blue = (grey[values[:, channel]] for channel in range(3))
    return (0xFF000000 | (red << 16) | (green << 8) | blue).astype(np.uint32)


def draw_sites(
    painter: QPainter,
    rect: QRect,
    inner: QRect,
    colours: NDArray[np.uint32],
    zoom: int,
    unknown: QBrush,
) -> None:
    """Paint the sites of a picture, (H, W), that touch a part of its rectangle, at so many pixels a
    site; `unknown` is seen where a site has no colour."""
    height, width = colours.shape
    top, bottom, left, right = (
        edge // zoom for edge in (inner.top(), inner.bottom(), inner.left(), inner.right())
    )
    source = QRect(left, top, right - left + 1, bottom - top + 1)
    target = QRect(
        rect.left() + left * zoom,
        rect.top() + top * zoom,
        source.width() * zoom,
        source.height() * zoom,
    )
    solid = bool(colours[top : bottom + 1, left : right + 1].all())
    if not solid:
        painter.setBrushOrigin(rect.topLeft())
        painter.fillRect(target, unknown)
    kind = QImage.Format.Format_RGB32 if solid else QImage.Format.Format_ARGB32_Premultiplied
    painter.drawImage(target, QImage(colours.data, width, height, 4 * width, kind), source)


def draw_region(painter: QPainter, rect: QRect, region: NDArray[np.bool_], colour: QColor) -> None:
    """Lay a colour over a part (H, W) of the picture in a rectangle, so that what is under it is
    still seen."""
    height, width = region.shape
    red, green, blue, veiled = (
        round(part * _VEIL) for part in (colour.red(), colour.green(), colour.blue(), 255)
    )
    veil = veiled << 24 | red << 16 | green << 8 | blue  # premultiplied
    colours = np.where(region, np.uint32(veil), np.uint32(0))
    form = QImage.Format.Format_ARGB32_Premultiplied
    painter.drawImage(rect, QImage(colours.data, width, height, 4 * width, form))
