"""How strongly a picture is pushed towards its class."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.widgets.controls import Readout, Slider, described, offer
from studio.gui.widgets.translation import tr

STRONGEST = 5.0  # that the slider goes to
_STEPS = 10  # of the slider, for 1
_TIP = (
    "Pushes the picture away from what the model would draw without a class: more typical of the"
    " class, and less varied. It takes twice the time. Figures are always without it"
)
_NO_CLASS = "Choose a class first: guidance pushes the picture towards it"


class GuidanceSlider(QWidget):
    """Signal: chosen(strength), 0 for off, when the person moves it."""

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = described(Slider(), "Class guidance", _TIP)
        self.slider.setRange(0, round(STRONGEST * _STEPS))
        self.slider.setPageStep(_STEPS)
        self.strength = Readout("choose a class", _TIP)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(QLabel("Guidance"))
        line.addWidget(self.slider, 1)
        line.addWidget(self.strength)
        self.slider.valueChanged.connect(lambda value: self.chosen.emit(value / _STEPS))

    def show_options(self, options: SamplingOptions) -> None:
        """Show how strong it is; nothing can be set where no class is chosen."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(options.guidance * _STEPS))
        chosen = options.condition is not None
        offer(self.slider, chosen, _NO_CLASS)
        strength = f"{options.guidance:.1f}" if options.guidance else "off"
        self.strength.setText(strength if chosen else tr("choose a class"))
