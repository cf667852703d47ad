"""Has the session's model asked what it expects of pixels while an overlay shows it, and the legend
say how that was found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from studio.engine.generation.expecting import Answer
from studio.gui.expectations import PIXELS, Expectations
from studio.gui.picture.stage import Stage
from studio.gui.widgets.legend import Legend
from studio.gui.widgets.overlays import overlays

_TIP = "How light the model expects each pixel to be that is not there yet, at temperature 1."


class ExpectedPixels(QObject):
    """Wants them as long as a stage is seen with such an overlay on it."""

    def __init__(self, expectations: Expectations, stage: Stage, legend: Legend) -> None:
        super().__init__(stage)
        self._expectations, self._stage, self._legend = expectations, stage, legend
        stage.installEventFilter(self)
        stage.overlay_changed.connect(lambda name: self._look())
        expectations.answered.connect(self._explain)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._look(event.type() == QEvent.Type.Show)
        return False

    def _look(self, seen: bool | None = None) -> None:
        overlay = overlays().get(self._stage.overlay)
        seen = self._stage.isVisible() if seen is None else seen
        self._expectations.want(PIXELS, seen and overlay is not None and overlay.of_unknown)

    def _explain(self, answer: Answer) -> None:
        if answer.expectation is not None:
            self._legend.explain(f"{_TIP}\n{answer.expectation.how}")
