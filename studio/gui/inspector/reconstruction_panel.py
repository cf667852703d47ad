"""What the inspector has for a model that reconstructs instead of the settings of a drawing: noise,
and why it cannot draw."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.widgets.controls import Readout, icon_button, slider
from studio.gui.widgets.icons import icon

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from studio.engine.generation.live import Moment
    from studio.gui.session import Session

_MOST_NOISE = 50  # percent: of more, nothing of a digit is left


class ReconstructionPanel(QWidget):
    """Changes the noise of a session's options, and brings
    pictures of the test set to its painting."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pictures: tuple[Path | None, NDArray[np.uint8]] | None = (
            None  # of the checkpoint that was asked last
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._reconstruction_group())
        column.addWidget(self._why_group())
        session.options_changed.connect(self._show_options)
        session.reading.connect(self._show_reading)
        session.model_changed.connect(self._show_model)
        self._show_options()

    def _reconstruction_group(self) -> QGroupBox:
        session, group = self._session, QGroupBox("Reconstruction")
        form = QFormLayout(group)
        form.setHorizontalSpacing(12)
        tip = "Share of the pixels replaced by random values, for the model to clean"
        self.corruption = slider("Noise", tip, _MOST_NOISE, 0, 110)
        self.corruption.valueChanged.connect(
            lambda percent: session.change(corruption=percent / 100)
        )
        self.share = QLabel()
        self.share.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
        self.dice = icon_button("dice", "Other noise", "Other noise (D)")
        self.dice.setShortcut("D")
        self.dice.clicked.connect(session.roll)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.corruption)
        line.addWidget(self.share)
        line.addStretch(1)
        line.addWidget(self.dice)
        form.addRow("Noise", line)
        self.digit = QPushButton(icon("picture"), "Open a test digit")
        self.digit.setAccessibleName("Open a test digit")
        self.digit.setToolTip("Shows the model a test picture, one it was not trained on")
        self.digit.clicked.connect(self.open_test_picture)
        form.addRow(self.digit)
        tip = "Share of the pixels that come back as you painted them, before noise was added"
        self.right = Readout("100.0 % of the pixels right", tip)
        form.addRow(self.right)
        return group

    def _why_group(self) -> QGroupBox:
        group = QGroupBox("Why it cannot generate")
        self.why = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.why.setWordWrap(True)
        QVBoxLayout(group).addWidget(self.why)
        return group

    def open_test_picture(self) -> None:
        """Put one of the test images, a random one but not the present one,
        in the place of the painting."""
        session, model, checkpoint = self._session, self._session.model, self._session.checkpoint

        def read() -> NDArray[np.uint8]:
            from studio.engine.generation.reconstruction import held_out_pictures

            assert model is not None
            return held_out_pictures(model)

        def take(pictures: NDArray[np.uint8]) -> None:
            self._pictures = checkpoint, pictures
            if session.model is model and session.painting is not None:
                others = pictures[(pictures != session.painting.values).any((1, 2, 3))]
                if len(others):
                    session.edit(lambda painting: painting.replace(random.choice(others)))

        if self._pictures is not None and self._pictures[0] == checkpoint:
            take(self._pictures[1])
        else:
            session.work("Opening a test digit…", lambda job: read(), take)

    def _show_options(self) -> None:
        percent = round(100 * self._session.options.corruption)
        with QSignalBlocker(self.corruption):
            self.corruption.setValue(percent)
        self.share.setText(f"{percent} %")

    def _show_model(self) -> None:
        self._pictures = None  # of another model
        model = self._session.model
        self.why.setText(getattr(model, "explanation", "") or getattr(model, "why", ""))

    def _show_reading(self, moment: Moment) -> None:
        """How much of the picture came back."""
        right = getattr(moment, "right", None)
        self.right.setText(
            "" if right is None else f"{right:.1%} of the pixels right".replace("%", " %")
        )
