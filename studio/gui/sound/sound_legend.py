"""The legend of the views of a sound: what its colours say, by where it comes from and by how loud
it is; and what is under the pointer."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from studio.engine.media.mel import FLOOR
from studio.gui.sound.spectrogram_view import MAP
from studio.gui.sound.timeline import Timeline
from studio.gui.sound.waveform_view import COUNTS_MAP
from studio.gui.widgets import tips
from studio.gui.widgets.controls import Readout
from studio.gui.widgets.legend import Entry, LegendLine, Scale, Swatch
from studio.gui.widgets.translation import tr

_COUNTS_TIP = "How much the samples before the playhead count for the one that comes there"


class SoundLegend(LegendLine):
    """One line; it explains no more than its `Timeline` has.
    `readout` shows what is under the pointer."""

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(12, parent)
        self._timeline = timeline
        self.unknown = Entry(
            Swatch("unknown"),
            QLabel("not generated yet"),
            tip="Nothing is here yet",
            short="none yet",
        )
        self.kept = Entry(
            Swatch("given"),
            QLabel("given"),
            tip="The model continues from here and leaves the beginning as it is",
            short="given",
        )
        self.filled = Entry(
            Swatch("filled"),
            QLabel("filled"),
            tip="The model made this so that it fits before and after",
            short="filled",
        )
        colours = Scale()
        colours.show_map(MAP)
        quietest, tip = (
            f"{FLOOR:.0f} dB".replace("-", "−"),
            "Loudness of each frequency, in dB below the loudest possible tone",
        )
        self.scale = Entry(QLabel(quietest), colours, QLabel("0 dB"), tip=tip)
        counts = Scale()
        counts.show_map(COUNTS_MAP)
        self.counts = Entry(QLabel("counts little"), counts, QLabel("much"), tip=_COUNTS_TIP)
        self.counts.hide()
        self.readout = Readout("000.000 s, 00000 Hz, −00 dB", "What is under the pointer")
        # it must not make the window wider
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.line.addWidget(self.readout)
        self.line.addStretch(1)
        self.add(self.unknown, self.kept, self.filled, self.counts, self.scale)
        # however much it explains: nothing else is to move
        self.setFixedHeight(self.sizeHint().height())
        timeline.begun.connect(self._show)
        timeline.grown.connect(self._show)
        self._show()

    def show_counts(self, sentence: str | None, there: bool) -> None:
        """What the band of what counts comes to; None where there is no question about it. there:
        whether there is a band, whose colours are explained."""
        self.counts.setVisible(there)
        self.counts.setToolTip(tips.plain(sentence or tr(_COUNTS_TIP)))
        self._show()

    def _show(self) -> None:
        filled = bool(self._timeline.filled)
        # there is no room for all, and of a recording that was filled less is unknown
        explained = filled or not self.counts.isHidden()
        self.unknown.setVisible(bool(self._timeline.length) and not explained)
        self.kept.setVisible(bool(self._timeline.beginning))
        self.filled.setVisible(filled)
        self.fit()
