"""A training that runs, in the status bar: it is seen there whatever is closed, and a click shows
its dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from studio.engine.runtime.texts import shortened
from studio.gui.training.times import time_left
from studio.gui.widgets import icons

if TYPE_CHECKING:
    from studio.engine.training.callbacks import Progress
    from studio.engine.training.training_job import TrainingJob

_LONGEST_NAME = 32


class TrainingStatus(QToolButton):
    """Hidden while nothing is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoRaise(True)
        self.setIcon(icons.icon("train"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip("Show the training")
        self.hide()

    def show_training(self, training: TrainingJob | None, progress: Progress | None) -> None:
        """Its name, how far it is, and how long it takes; None for no training."""
        self.setVisible(training is not None)
        if training is None:
            return
        parts = [shortened(training.run.name, _LONGEST_NAME)]
        if progress is None:
            parts.append("getting ready")
        else:
            parts.append(f"epoch {progress.in_epochs}")
            parts.append(f"{progress.share:.0%}")
            if progress.seconds_left is not None and progress.share < 1:
                parts.append(time_left(progress.seconds_left))
        text = " · ".join(parts)
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(f"Training {text}")
