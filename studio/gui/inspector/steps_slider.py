"""In how many passes a picture is drawn, for models that predict all unknown pixels at once: fewer
are faster, and cost some quality, which the card of a shipped model tells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.widgets.controls import Readout, Slider, described

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

STOPS = (400, 200, 100, 50, 20)  # passes, besides one for each pixel
_TIP = (
    "In how many passes a picture is drawn. On the left, one for each pixel. Fewer are faster, but"
    " the pixels of one pass take no account of each other"
)
_COST = "How many passes, and how many more bits for each pixel a test picture then takes"


class StepsSlider(QWidget):
    """Signal: chosen(steps), 0 for one a pixel, when the person moves it."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = described(Slider(), "Steps", _TIP)
        self.slider.setPageStep(1)
        self.cost = Readout("400 steps, +0.0000 bits/dim", _COST)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.slider)
        column.addWidget(self.cost)
        self._stops, self._costs, self._sites = [0], dict[int, float](), 1
        self.slider.valueChanged.connect(lambda index: self.chosen.emit(self._stops[index]))

    def show_model(self, model: AutoregressiveModel) -> None:
        """Offer what makes a difference to it."""
        self._sites = len(model.order)
        self._stops = [0, *(stop for stop in STOPS if stop < self._sites)]
        self._costs = _costs((model.card or {}).get("metrics"))
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(self._stops) - 1)

    def show_options(self, options: SamplingOptions) -> None:
        """Show how many are chosen; the slider stands at the stop that is nearest."""
        steps = self._sites if options.steps == 0 else min(options.steps, self._sites)

        def ratio(stop: int) -> float:
            return abs(math.log(steps / (stop or self._sites)))

        with QSignalBlocker(self.slider):
            self.slider.setValue(self._stops.index(min(self._stops, key=ratio)))
        self.cost.setText(f"{steps} step{'s' if steps > 1 else ''}{self._more(steps)}")

    def _more(self, steps: int) -> str:
        """What so many cost besides, where that was measured."""
        all_passes = self._costs.get(self._sites, self._costs.get(0))
        if all_passes is None or steps not in self._costs or steps == self._sites:
            return ""
        return f", {self._costs[steps] - all_passes:+.4f} bits/dim".replace("-", "−")


def _costs(metrics: Any) -> dict[int, float]:
    """bits/dim by the number of steps, 0 for one a pixel, as a card has them; nothing where it has
    none."""
    found = metrics.get("steps_bits") if isinstance(metrics, dict) else None
    return {
        int(steps): float(bits)
        for steps, bits in (found.items() if isinstance(found, dict) else ())
        if str(steps).isdecimal() and isinstance(bits, int | float)
    }
