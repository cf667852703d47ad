"""The distribution of the next site: a bar for every level; for colour a lane each for red, green
and blue.

How the bars are drawn stands in `level_bars`, the strip on which the noise falls in `noise_strip`,
the amplitudes of sound in `amplitude_axis`, what is said of it in `next_words`, and how a bar of a
picture is taken for the next pixel in `level_picking`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.generation.next_site import NextSite
from studio.gui.inspector import amplitude_axis, level_bars, next_words, noise_strip
from studio.gui.inspector.amplitude_axis import signed
from studio.gui.inspector.level_bars import FEW
from studio.gui.inspector.level_picking import LevelPicking
from studio.gui.inspector.next_words import COLOURS, channel_name, level_name
from studio.gui.picture.code_map import code_colours
from studio.gui.widgets import theme, tips
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_HEIGHT, _BARS = 116, 26  # pixels: of one distribution, and of the bars of each of several
_LOW = 76  # of one, where there is little room
_HINT = ". Click a bar to take that value by hand: the model goes on from it"
_HOLD = ". Shift+click holds a level, and the channels after it are shown after that"


class Distribution(LevelPicking):
    """Shows the probabilities (C, K) of the levels of the next site, of the picture that is shown.

    Two to eight shades have bars as high as they are probable, with their share below. In a lane
    the most probable level, which is named above it, is as high as the lane: of 256 levels even a
    likely one may have a few percent only.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tips.beside(self)
        self._site = ""
        self._lanes = 1
        self._low = False
        self.show_kind(None)

    def show_kind(self, amplitudes: NDArray[np.float32] | None, coded: bool = False) -> None:
        """Whether the levels are those of pictures, or of sound with these amplitudes (K,), or
        codes."""
        self.amplitudes, self._coded = amplitudes, coded
        if coded:
            site = "code"
            what = "code is to come next, in the chosen picture or else the first"
        elif amplitudes is None:
            site, what = (
                "pixel",
                "value of the next pixel is, in the chosen picture or else the first",
            )
        else:
            site = "sample"
            what = (
                "amplitude of the next sample is, in the take that is heard: levels are finer where"
                " it is quiet"
            )
        self.setAccessibleName(f"Distribution of the next {site}")
        self._tip = f"How probable each {what}"
        self.upcoming = None
        self.set_taking(False)
        self.update()

    def set_taking(self, taking: bool) -> None:
        """Whether a bar can be taken for the next site."""
        super().set_taking(taking)
        self._say()

    def _say(self) -> None:
        """What is shown, in words."""
        tip = self._tip
        if self._taking:
            tip += _HINT + (_HOLD if self._lanes > 1 else "")
        if self.upcoming is not None:
            words = next_words.at_length(self.upcoming, self.amplitudes is not None)
            self.setAccessibleDescription(words)
            tip = f"{tip}\n{words}".strip()
        self.setToolTip(tip)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        if self._lanes == 1:
            return QSize(220, _LOW if self._low else _HEIGHT)
        return QSize(220, self._lanes * (line + _BARS + 3) + 2 * line + 6)

    def be_low(self, low: bool) -> None:
        """Whether there is little room for it."""
        self._low = low
        self.updateGeometry()

    def show_levels(
        self,
        probabilities: NDArray[np.float32] | None,
        site: str,
        upcoming: NextSite | None = None,
    ) -> None:
        """The probabilities (C, K) of the next site, which that is, and the reasons, where they are
        known; None at the end."""
        self._site = site
        if probabilities is not None and len(probabilities) != self._lanes:
            self._lanes = len(probabilities)
            self.updateGeometry()
        self._follow(probabilities, upcoming)
        self._say()
        self.update()

    # ---- painting it -----------------------------------------------------------------------------

    def places(self) -> list[QRectF]:
        """Of the bars of each channel."""
        line = self.fontMetrics().height()
        place = QRectF(0, line + 4, self.width(), self.height() - 2 * line - 6)
        if self.probabilities is None:
            return []
        strip = 0 if self.upcoming is None else noise_strip.HEIGHT + 1
        channels, levels = self.probabilities.shape
        if channels == 1 and levels <= FEW:
            return [place.adjusted(0, 0, 0, -strip)]
        lane, below = place.height() / channels, 3 if channels == len(COLOURS) else 0
        below += strip
        return [
            QRectF(0, place.top() + channel * lane + line, place.width(), lane - line - below)
            for channel in range(channels)
        ]

    def _draw_marked(self, painter: QPainter) -> None:
        """What comes, what is held and what is pointed at, round their bars."""
        site, colour = self.upcoming, theme.colour("changed")
        for channel, level in enumerate(site.value or () if site is not None else ()):
            assert site is not None
            if site.supposed and site.supposed[channel] is not None:
                continue
            shares = self._shares(channel)[0]
            by_noise = site.chosen_by(channel) is not None
            level_bars.outline(
                painter,
                self.places()[channel],
                level,
                len(shares),
                float(shares[level]),
                theme.colour("cursor") if by_noise else colour,
            )
        marked = [] if self._marked is None else [self._marked]
        for place in [*self._held.items(), *marked]:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 2))
            bar = self.bar(*place).adjusted(1, 1, -1, -1)
            if bar.width() < 3:
                bar.setWidth(3)
            painter.drawRect(bar)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        line = self.fontMetrics().height()
        painter.setPen(theme.colour("muted"))
        if self.probabilities is None:
            if self.isEnabled():  # it is not before there is a model
                painter.drawText(
                    self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Everything is generated")
                )
            return
        painter.drawText(0, line - 3, self._site)
        places = self.places()
        channels, levels = self.probabilities.shape
        if channels == 1:
            above = QRectF(0, line - 3 - self.fontMetrics().ascent(), self.width(), line)
            self._draw_why(painter, above, self.fontMetrics().horizontalAdvance(self._site), 0)
        if channels == 1 and levels <= FEW:
            self._draw_channel(painter, places[0], 0, theme.colour("accent"))
            self._draw_shares(painter)
            self._draw_marked(painter)
            return
        for channel, bars in enumerate(places):
            self._draw_lane(painter, bars, channel, channel_name(channel, channels))
        self._draw_marked(painter)
        painter.setPen(self.palette().windowText().color())
        below = QRectF(0, self.height() - line - 2, self.width(), line + 2)
        if self.amplitudes is not None:
            amplitude_axis.draw(painter, below, self.amplitudes)
            return
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, str(levels - 1))

    def _draw_shares(self, painter: QPainter) -> None:
        """Under a few levels, the probability of each; of two also what it was before temperature,
        top-k and top-p, where there is room."""
        assert self.probabilities is not None
        painter.setPen(self.palette().windowText().color())
        sampled, line = self.probabilities[0], self.fontMetrics().height()
        levels = len(sampled)
        site = self.upcoming
        said = None if site is None or site.said is site.sampled else site.said[0].tolist()
        width = self.width() / levels
        for level, p in enumerate(sampled.tolist()):
            name = level_name(level, levels)
            text = f"{name}  {100 * p:.1f} %"
            if said is not None:
                longer = f"{name}  {100 * said[level]:.0f} → {100 * p:.1f} %"
                text = longer if self.fontMetrics().horizontalAdvance(longer) + 6 < width else text
            box = QRectF(level * width, self.height() - line - 2, width, line + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_lane(self, painter: QPainter, bars: QRectF, channel: int, name: str) -> None:
        """Many levels, as high as they are probable beside the most probable one; what is said of
        one, above them."""
        assert self.probabilities is not None
        probabilities = self.probabilities[channel]
        best = int(probabilities.argmax())
        level = (
            str(best)
            if self.amplitudes is None
            else f"{signed(self.amplitudes[best])} (level {best})"
        )
        said = f"{name} most likely {level}, {100 * float(probabilities[best]):.1f} %".strip()
        if self.upcoming is not None and (after := next_words.after(self.upcoming, channel)):
            said += f" {after}"
        if self._marked is not None and self._marked[0] == channel:
            marked = self._marked[1]
            said = f"{name} take {marked}, {100 * float(probabilities[marked]):.1f} %".strip()
        line = self.fontMetrics().height()
        above = QRectF(bars.left(), bars.top() - line, bars.width(), line)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(above, said[:1].upper() + said[1:])
        if name:
            self._draw_why(painter, above, self.fontMetrics().horizontalAdvance(said), channel)
        self._draw_channel(painter, bars, channel, theme.colour(name or "accent"))

    def _draw_why(self, painter: QPainter, line: QRectF, taken: int, channel: int) -> None:
        """Why the level comes that will, at the end of a line of which so many pixels are taken."""
        site = self.upcoming
        if site is None or site.value is None:
            return
        level = site.value[channel]
        name = level_name(level, site.sampled.shape[1])
        if self.amplitudes is not None:
            name = signed(self.amplitudes[level])
        words = next_words.short(site, channel, name)
        for text in (words, words.removeprefix("noise ")):
            if self.fontMetrics().horizontalAdvance(text) + 8 <= line.width() - taken:
                painter.setPen(theme.colour("muted"))
                painter.drawText(line, Qt.AlignmentFlag.AlignRight, text)
                return

    def _shares(self, channel: int) -> tuple[NDArray[np.float32], float]:
        """How high the bars of what is sampled from are, (K,) in shares of their place, and what of
        a probability makes the whole height."""
        assert self.probabilities is not None
        channels, levels = self.probabilities.shape
        sampled = self.probabilities[channel]
        if channels == 1 and levels <= FEW:
            return sampled, 1.0
        highest = float(sampled.max())
        if self.upcoming is not None:
            highest = max(highest, float(self.upcoming.said[channel].max()))
        return sampled / max(highest, 1e-9), max(highest, 1e-9)

    def _draw_channel(self, painter: QPainter, bars: QRectF, channel: int, colour: QColor) -> None:
        """The bars of a channel with all that is laid over them, and the noise below."""
        (shares, highest), site = self._shares(channel), self.upcoming
        parts = None if site is None else site.components
        level_bars.draw_ground(painter, bars, len(shares), self.palette())
        level_bars.draw_bars(painter, bars, shares, colour, self.palette(), parts is not None)
        if site is None:
            return
        if site.said is not site.sampled:
            said = site.said[channel] / highest
            level_bars.draw_said(painter, bars, said, shares, self.palette())
        if parts is not None:
            weights = parts.weights[channel]
            adds = weights[:, None] * parts.masses[channel] / highest
            level_bars.draw_components(painter, bars, weights, adds, colour)
        strip = QRectF(bars.left(), bars.bottom() + 1, bars.width(), noise_strip.HEIGHT)
        shades = self._shades(channel, *site.sampled.shape)
        noise = site.chosen_by(channel)
        noise_strip.draw_strip(painter, strip, site.sampled[channel], shades, noise, self.palette())

    def _shades(self, channel: int, channels: int, levels: int) -> NDArray[np.uint8]:
        """What the levels look like, red, green and blue (K, 3); those of sound take turns."""
        if self._coded:
            colours = code_colours(np.arange(levels, dtype=np.uint8), levels)
            return np.stack([colours >> shift & 0xFF for shift in (16, 8, 0)], 1).astype(np.uint8)
        if self.amplitudes is not None:
            turns = _rgb(self.palette().mid().color()), _rgb(self.palette().base().color())
            return np.resize(np.array(turns, np.uint8), (levels, 3))
        name = channel_name(channel, channels)
        full = _rgb(theme.colour(name) if name else QColor("white"))
        return np.rint(np.linspace(0, 1, levels)[:, None] * full).astype(np.uint8)


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
