"""The staging strip: eight ways to complete what is given, drawn beside the stage, to choose from.

They differ in their seeds, which follow one another, so that the one that is chosen is drawn on the
stage as it is here. A model that predicts all unknown pixels at once draws them in few steps,
unless the person has chosen how many; so does the stage then, when one is chosen. What is drawn on
the stage comes first: the strip waits meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.engine.generation.sampling_options import QUICK_STEPS, SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.side_player import SidePlayer
from studio.gui.picture.site_colours import site_colours
from studio.gui.picture.thumbnail import FRAME, Thumbnail
from studio.gui.widgets.controls import action, icon_button, offer

COUNT = 8
KEY = "picture/staging"
_SEEDS = 1_000_000
_PAUSE_MILLISECONDS = 700  # a little later than the stage begins by itself
_LARGEST, _SMALLEST = 84, 28  # pixels of a picture's longer side
_GIVEN = "Everything is given: erase (E) or redraw (R) a part to see completions"
_ACCEPTED = "This completion is now given; Ctrl+Z takes it back."


class Staging(QWidget):
    """Hidden until it is asked for, and nothing is drawn while it is. Signals: message(sentence)
    that is good to know; failed(sentence).

    toggle: shows and hides it, which is remembered.
    """

    message = Signal(str)
    failed = Signal(str)

    def __init__(self, drawing: Drawing, page: QWidget) -> None:
        super().__init__(page)
        self.setAccessibleName("Completions")
        self._drawing, self._session = drawing, drawing.session
        self._player = SidePlayer(self._session, self)
        self._base = 0  # the seed of the first,
        self._next_base: int | None = None  # of the next eight; None for that of the stage
        self._values: list[NDArray[np.uint8] | None] = [None] * COUNT  # (C, H, W) where finished
        self._drawn: int | None = None  # which one is being drawn
        self._gave_up = False  # drawing failed, and would again
        self._options = SamplingOptions()  # but for seed and count
        tip = "Show eight completions of what is given, to choose from"
        self.toggle = action(page, "Completions", None, "C", "completions", tip)
        self.toggle.setCheckable(True)
        self.toggle.setChecked(QSettings().value(KEY, False, type=bool) is True)
        self.toggle.toggled.connect(self._remember)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._soon.timeout.connect(self._begin)
        self._build()
        session = self._session
        session.painting_changed.connect(self._renew)
        session.options_changed.connect(self._options_changed)
        session.model_changed.connect(self._model_changed)
        drawing.reading.connect(self._give_way)
        self._player.snapshot.connect(self._show)
        self._player.failed.connect(self._give_up)
        self._show_wanted()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(4)
        self.thumbnails = [Thumbnail() for _ in range(COUNT)]
        self._group = QButtonGroup(self)
        self.title = QLabel("Completions")
        self.title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        row.addWidget(self.title)
        row.addStretch(1)
        for number, thumbnail in enumerate(self.thumbnails):
            self._group.addButton(thumbnail, number)
            row.addWidget(thumbnail)
        self._group.idClicked.connect(self.take)
        self.words = QLabel(_GIVEN)
        self.words.setWordWrap(True)
        row.addWidget(self.words, 8)
        row.addStretch(1)
        tip = "Accept the completion with the frame: all its pixels are given then"
        self.accept = icon_button("accept", "Accept", tip)
        self.accept.clicked.connect(self._accept)
        self.others = icon_button("dice", "Others", "Draw eight others")
        self.others.clicked.connect(self._draw_others)
        self.close_button = icon_button("close", "Hide the completions", "Hide (C)")
        self.close_button.clicked.connect(lambda: self.toggle.setChecked(False))
        column = QVBoxLayout()
        column.setSpacing(0)
        for button in (self.accept, self.others, self.close_button):
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(26, 26)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            column.addWidget(button)
        row.addLayout(column)
        self._fit()

    # ---- whether it is there ---------------------------------------------------------------------

    def _show_wanted(self) -> None:
        self.setVisible(self.toggle.isChecked() and self._session.generates)

    def _remember(self, on: bool) -> None:
        QSettings().setValue(KEY, on)
        self._show_wanted()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        self._forget()

    def minimumSizeHint(self) -> QSize:
        """Its pictures become smaller with it."""
        return QSize(COUNT * (_SMALLEST + 2 * FRAME + 4) + 54, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 24 - 26 - 4 * (COUNT + 3)
        titled = room - self.title.sizeHint().width()
        self.title.setVisible(titled >= COUNT * (2 * _SMALLEST + 2 * FRAME))
        room = (titled if self.title.isVisibleTo(self) else room) // COUNT - 2 * FRAME
        for thumbnail in self.thumbnails:
            thumbnail.set_side(max(_SMALLEST, min(_LARGEST, room)))

    # ---- what is drawn ---------------------------------------------------------------------------

    @property
    def seeds(self) -> list[int]:
        """Of the eight."""
        return [(self._base + number) % _SEEDS for number in range(COUNT)]

    def _model_changed(self) -> None:
        self._show_wanted()
        self._renew()

    def _options_changed(self) -> None:
        """Another seed on the stage leaves the eight as they are."""
        if self._wanted() == self._options:
            self._mark()
        else:
            self._renew()

    def _wanted(self) -> SamplingOptions:
        options = replace(self._session.options, seed=0, count=1)
        if not options.steps and getattr(self._session.model, "predicts_all", False):
            options = replace(options, steps=QUICK_STEPS)
        return options

    def _renew(self) -> None:
        """Other evidence, or other options: what is there is of the past."""
        if self.isVisible():  # else it is done when it is shown
            self._forget()
            self._gave_up, self._next_base, self._options = False, None, self._wanted()
            self._soon.start()

    def _forget(self) -> None:
        self._player.stop()
        self._drawn, self._values = None, [None] * COUNT
        painting = self._session.painting
        given = painting is not None and bool(painting.known.all())
        self.words.setVisible(given)
        for number, thumbnail in enumerate(self.thumbnails):
            thumbnail.setVisible(not given)
            self._show_snapshot(number, None)
        self._mark()

    def _begin(self) -> None:
        painting = self._session.painting
        if painting is None or painting.known.all() or self._drawing.playing:
            return  # what is played is heard of when it ends
        seed = self._session.options.seed
        self._base = seed if self._next_base is None else self._next_base
        self._drawn = 0
        self._player.draw(replace(self._options, seed=self.seeds[0]), self._drawing.given)

    def _give_way(self, snapshot: Snapshot) -> None:
        if not self.isVisible() or self._gave_up:
            return
        if snapshot.playing:
            self._player.hold()
        elif self._drawn is not None:
            self._player.go_on()
        elif self._values[0] is None and not self._soon.isActive():
            self._begin()

    def _give_up(self, sentence: str) -> None:
        self._forget()
        self._gave_up = True
        self.failed.emit(sentence)

    def _show(self, snapshot: Snapshot) -> None:
        number = self._drawn
        if number is None:
            return
        self._show_snapshot(number, snapshot)
        if snapshot.position < snapshot.length:
            return
        if snapshot.waiting:
            return  # it is drawn, and still to be decoded
        self._values[number] = snapshot.pictures[0]
        self._show_state(number)
        self._mark()
        self._drawn = number + 1 if number + 1 < COUNT else None
        if self._drawn is None:
            self._player.stop()
        else:
            self._player.draw_next(replace(self._options, seed=self.seeds[self._drawn]))

    # ---- what is shown ---------------------------------------------------------------------------

    def _show_snapshot(self, number: int, snapshot: Snapshot | None) -> None:
        painting = self._session.painting
        if painting is not None:
            shape = (1, *painting.space)
            colours = site_colours(shape, painting.levels, snapshot, painting)
            self.thumbnails[number].show_colours(colours[0])
        self._show_state(number)

    def _show_state(self, number: int) -> None:
        thumbnail, done = self.thumbnails[number], self._values[number] is not None
        seed = self.seeds[number]
        thumbnail.setAccessibleName(f"Completion {number + 1}, seed {seed}")
        thumbnail.setEnabled(done)
        steps = f", in {self._options.steps} steps" if self._options.steps else ""
        thumbnail.setToolTip(
            f"Bring this completion onto the stage (seed {seed}{steps})"
            if done
            else f"Being drawn{steps}"
        )

    def _mark(self) -> None:
        """Which of them is on the stage."""
        seed = self._session.options.seed
        on_stage = self.seeds.index(seed) if seed in self.seeds else None
        self._group.setExclusive(False)
        for number, thumbnail in enumerate(self.thumbnails):
            thumbnail.setChecked(number == on_stage)
        self._group.setExclusive(True)
        there = on_stage is not None and self._values[on_stage] is not None
        offer(self.accept, there, "Choose a completion first: click one that is finished")

    # ---- what is done ----------------------------------------------------------------------------

    def take(self, number: int) -> None:
        """Bring one onto the stage: it is drawn there with its seed, alone, in as many steps."""
        self._session.change(seed=self.seeds[number], count=1, steps=self._options.steps)
        self._mark()
        self._drawing.finish()

    def _accept(self) -> None:
        number = self._group.checkedId()
        values = self._values[number] if number >= 0 else None
        if values is not None:
            self._session.edit(lambda painting: painting.replace(values))
            self.message.emit(_ACCEPTED)

    def _draw_others(self) -> None:
        self._renew()
        self._next_base = (self._base + COUNT) % _SEEDS
