"""The transport under the stage: play, step, finish, restart; the scrubber over every recorded
step; the speed."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QVBoxLayout,
    QWidget,
)

from studio.engine.editing.site_words import of_sites
from studio.engine.generation.decoders import GRAPH, PARALLEL, SEQUENTIAL
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.gui.widgets import theme
from studio.gui.widgets.controls import Readout, Slider, chip, icon_button, offer, slider
from studio.gui.widgets.flow_layout import FlowLayout, together
from studio.gui.widgets.painted import painted
from studio.gui.widgets.play_button import PlayButton
from studio.gui.widgets.translation import tr

# sites a second at both ends of the slider; its very end is "as fast as it goes"
_SLOWEST, _FASTEST = 1.0, 10_000.0
_STEPS = 100
_ONE_BY_ONE = "Draw one pixel after the other, each in the light of those before"
_TOGETHER = (
    "Draw all pixels at once, again and again until nothing changes: the same picture, in fewer"
    " passes of the network. It starts from where the picture is now"
)
_CAPTURED = (
    "Draw one pixel after the other, a row of them captured and run as one: the same picture,"
    " sooner"
)
_DECODERS = {  # (text, tip)
    SEQUENTIAL: ("Pixel by pixel", _ONE_BY_ONE),
    PARALLEL: ("All at once", _TOGETHER),
    GRAPH: ("Captured", _CAPTURED),
}
_ALL_THERE = "Every pixel is drawn: Restart (Home) begins again"
_SCRUBBER = "Go to any pixel drawn so far; a tick is a pixel set by hand, a notch the end of a pass"
_SPEED = "Speed, in pixels a second; at the right end, as fast as possible"
_MEASURED = "Measured speed, in pixels of each picture a second"
_STEPS_BY_PIXEL = "One pixel back (,)", "One pixel forward (.)", "Pixels drawn / all pixels"
_STEPS_BY_PASS = (
    "One pass back (,)",
    "One pass forward (.)",
    "Passes so far; how many there are is known when one changes nothing",
)
_NOTCH, _CLOSEST = 4, 4  # pixels: of a mark where a pass ends, and from one to the next on average
_AT_ONCE = "This model gives back the whole picture at once: there is nothing to play"


class Transport(QWidget):
    """Signals of what the person wants: toggled(), stepped(count), finished(), restarted(),
    sought(position), speed_chosen(sites a second, or None for unlimited), decoder_chosen(one of
    `DECODERS`)."""

    toggled = Signal()
    stepped = Signal(int)
    finished = Signal()
    restarted = Signal()
    sought = Signal(int)
    speed_chosen = Signal(object)
    decoder_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._coded = False  # whether codes are drawn one after the other, and not pixels
        self.restart = icon_button("restart", "Restart", "Back to the beginning (Home)")
        self.back = icon_button("step-back", "Step back", _STEPS_BY_PIXEL[0])
        self.play = PlayButton("Play or pause (Space)")
        self.forward = icon_button("step", "Step", _STEPS_BY_PIXEL[1])
        self.finish = icon_button("finish", "Finish", "Run to the end at full speed (End)")
        self.switch = icon_button("complete", "", "")
        self.restart.clicked.connect(self.restarted)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.play.clicked.connect(self.toggled)
        self.forward.clicked.connect(lambda: self.stepped.emit(1))
        self.finish.clicked.connect(self.finished)

        self.scrubber = Scrubber()
        self.scrubber.setAccessibleName("Position")
        self.scrubber.setToolTip(_SCRUBBER)
        self.scrubber.valueChanged.connect(self.sought)
        self.position = Readout("0000 / 0000 pixels", _STEPS_BY_PIXEL[2])

        self.speed = slider("Speed", _SPEED, _STEPS, _STEPS, 130)
        self.speed.valueChanged.connect(self._choose_speed)
        self.wanted = QLabel("unlimited")
        self.wanted.setMinimumWidth(self.fontMetrics().horizontalAdvance("10,000 pixels/s"))
        self.measured = Readout("now 10,000 pixels/s", _MEASURED)

        self.decoders = QButtonGroup(self)
        self.decoder = {name: chip(tr(text), tr(tip)) for name, (text, tip) in _DECODERS.items()}
        for name, button in self.decoder.items():
            self.decoders.addButton(button)
            button.setObjectName(name)
            if name == GRAPH:
                button.hide()  # until it is wanted
            button.clicked.connect(partial(self.decoder_chosen.emit, name))

        buttons = FlowLayout(spacing=16)
        for widget in (
            together(self.restart, self.back, self.play, self.forward, self.finish, self.switch),
            together(*self.decoder.values(), spacing=2),
            together(QLabel("Speed"), self.speed, self.wanted),
        ):
            buttons.addWidget(widget)
        line = QHBoxLayout()
        line.addWidget(self.scrubber, 1)
        line.addWidget(self.position)
        line.addWidget(self.measured)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addLayout(buttons)
        self.show_snapshot(None)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Where the generation stands; None while there is no model."""
        self.setEnabled(snapshot is not None)
        playing = snapshot is not None and snapshot.playing
        if playing != self._playing:
            self._playing = playing
            self.play.show_playing(playing)
        if snapshot is None:
            return
        self.scrubber.show_position(
            snapshot.start, snapshot.position, snapshot.recorded, snapshot.length
        )
        self.scrubber.show_ticks(snapshot)
        whole = bool(snapshot.captions)
        self.position.setText("" if whole else _how_far(snapshot))
        if snapshot.coded != self._coded:
            self._coded = snapshot.coded
            self._call_sites()
        self._step_by(_STEPS_BY_PASS if snapshot.options.parallel else _STEPS_BY_PIXEL)
        speed = snapshot.sites_per_second
        now = f"now {_rounded(speed)} {snapshot.sites}/s"
        self.measured.setText(now if playing and speed > 0 else "")
        at_end = snapshot.position == snapshot.length
        for control in (self.restart, self.play, self.scrubber, self.speed):
            offer(control, not whole, _AT_ONCE)
        for control in (self.forward, self.finish):
            offer(control, not at_end, _AT_ONCE if whole else of_sites(_ALL_THERE, self._coded))
        nothing = "Nothing is drawn yet"
        offer(self.back, snapshot.position > snapshot.start, _AT_ONCE if whole else nothing)

    def show_decoder(self, options: SamplingOptions, refusal: str, captured: bool = False) -> None:
        """Which one is chosen, and in one sentence why all at once cannot be; "" where it can.
        captured: whether steps can be."""
        self.decoder[GRAPH].setVisible(captured)
        self.decoder[options.decode].setChecked(True)
        for button in self.decoder.values():
            offer(button, not refusal, refusal)

    def _call_sites(self) -> None:
        """What is drawn one after the other, by its name, wherever it is named."""
        self._tell_speed()
        for name, button in self.decoder.items():
            text, tip = _DECODERS[name]
            button.setText(self._said(text))
            self._tell(button, tip)
        for control, tip in (
            (self.scrubber, _SCRUBBER),
            (self.speed, _SPEED),
            (self.measured, _MEASURED),
        ):
            self._tell(control, tip)

    def _step_by(self, tips: tuple[str, str, str]) -> None:
        """What a step is now."""
        for control, tip in zip((self.back, self.forward, self.position), tips, strict=True):
            self._tell(control, tip)

    def _tell(self, control: QWidget, tip: str) -> None:
        """Its tip from now on; where it is not offered, once it is again."""
        before = control.property("tip") or control.toolTip()
        if before != (said := self._said(tip)):
            control.setProperty("tip", said)
            if control.toolTip() == before:
                control.setToolTip(said)

    def _said(self, text: str) -> str:
        return tr(of_sites(text, self._coded))

    def set_switch(self, switch: QAction) -> None:
        """What turns on and off that it plays by itself."""
        self.switch.setDefaultAction(switch)
        self.switch.setAccessibleName(switch.text())

    def choose_speed(self, speed: float | None) -> None:
        """Set the slider to so many sites a second, as near as it goes;
        None: as many as possible."""
        if speed is None:
            self.speed.setValue(_STEPS)
        else:
            share = math.log(max(speed, _SLOWEST) / _SLOWEST) / math.log(_FASTEST / _SLOWEST)
            self.speed.setValue(min(_STEPS - 1, round(share * (_STEPS - 1))))

    def _choose_speed(self, value: int) -> None:
        if value == _STEPS:
            self.wanted.setText(tr("unlimited"))
            self.speed_chosen.emit(None)
            return
        self._tell_speed()
        self.speed_chosen.emit(_speed_at(value))

    def _tell_speed(self) -> None:
        """The speed that is wanted, in words."""
        if (value := self.speed.value()) < _STEPS:
            speed = _speed_at(value)
            one, several = (of_sites(word, self._coded) for word in ("pixel", "pixels"))
            self.wanted.setText(f"{speed:,.0f} {several}/s" if speed >= 2 else f"{speed:g} {one}/s")


def _speed_at(value: int) -> float:
    """Of a place of the slider, but for its very end."""
    speed = _SLOWEST * (_FASTEST / _SLOWEST) ** (value / (_STEPS - 1))
    return float(round(speed)) if speed >= 2 else round(speed, 1)


class Scrubber(Slider):
    """A slider over all sites, on which the recorded part is marked; it cannot be pulled beyond it.
    It jumps to where its groove is clicked, and can be pulled on from there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start = self._recorded = 0
        self._ticks: list[int] = []  # positions
        self._notches: tuple[int, ...] = ()  # also
        self.setPageStep(28)

    def show_position(self, start: int, position: int, recorded: int, length: int) -> None:
        with QSignalBlocker(self):
            self.setRange(0, length)
            if not self.isSliderDown():
                self.setValue(position)
        if (start, recorded) != (self._start, self._recorded):
            self._start, self._recorded = start, recorded
            self.update()

    def show_ticks(self, snapshot: Snapshot) -> None:
        """Where pixels were set by hand, in pictures that are seen; and below, where passes end."""
        sites = sorted({c.site for c in snapshot.changes if c.picture < snapshot.count})
        ticks = np.flatnonzero(np.isin(snapshot.order, sites)).tolist() if sites else []
        if ticks != self._ticks:
            self._ticks = ticks
            self.update()

        if snapshot.pass_ends != self._notches:
            self._notches = snapshot.pass_ends
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        groove, handle = self._part("Groove"), self._part("Handle")
        point = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(point):
            along = point.x() - groove.left() - handle.width() // 2
            span = groove.width() - handle.width()
            # the limits are held there: beyond what is recorded it goes as far as there is some
            self.setValue(QStyle.sliderValueFromPosition(0, self.maximum(), along, span))
            if not self._part("Handle").contains(point):
                event.accept()
                return
        super().mousePressEvent(event)  # the handle is under the pointer now

    def _part(self, name: str) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl[f"SC_Slider{name}"]
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        if change == QSlider.SliderChange.SliderValueChange and not self.signalsBlocked():
            held = min(max(self.value(), self._start), self._recorded)
            if held != self.value():
                self.setValue(held)
        super().sliderChange(change)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.maximum() > 0:
            self._mark_recorded(event)

    @painted
    def _mark_recorded(self, painter: QPainter, event: QPaintEvent) -> None:
        groove = self._part("Groove")
        colour = QColor(theme.colour("accent"))
        colour.setAlpha(110)
        width = groove.width() * self._recorded // self.maximum()
        painter.fillRect(groove.left(), groove.bottom() - 1, width, 3, colour)
        handle = self._part("Handle").width()
        span = groove.width() - handle

        def middle(position: int) -> int:
            along = QStyle.sliderPositionFromValue(0, self.maximum(), position, span)
            return groove.left() + handle // 2 + along

        for tick in self._ticks:
            painter.fillRect(middle(tick) - 1, 0, 2, self.height() // 3, theme.colour("changed"))
        if len(self._notches) * _CLOSEST < span:
            for notch in self._notches:
                top = self.height() - _NOTCH
                painter.fillRect(middle(notch), top, 1, _NOTCH, theme.colour("muted"))


def _how_far(snapshot: Snapshot) -> str:
    """Pixels that are there; of pictures that are drawn all at once, passes."""
    if snapshot.passes is None:
        text, of = f"{{position}} / {{length}} {snapshot.sites}", snapshot.length
    elif snapshot.passes_in_all is None:
        text, of = "pass {number}", 0
    else:
        text, of = "pass {number} of {of}", snapshot.passes_in_all
    return tr(text).format(
        position=snapshot.position, length=snapshot.length, number=snapshot.passes, of=of
    )


def _rounded(speed: float) -> str:
    if speed >= 100:
        digits = 10 ** (len(str(int(speed))) - 2)
        return f"{round(speed / digits) * digits:,}"
    return f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"
