"""How a picture that is opened becomes one for the model: with a margin, cropped, stretched,
inverted; what the model would be given is seen at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.media.fits import FITS, Fitting
from studio.engine.media.image_grid import image_grid
from studio.gui.widgets.controls import described, without_icons

if TYPE_CHECKING:
    from studio.engine.editing.evidence import Evidence

_SIDE = 240  # pixels of the preview


class FitDialog(QDialog):
    """what: the picture, and what the model draws, in a sentence.
    evidence: what the model is given of the picture, of `levels` values.
    take: gets the choice when it is made.
    """

    def __init__(
        self,
        parent: QWidget,
        what: str,
        suggestion: Fitting,
        evidence: Callable[[Fitting], Evidence],
        levels: int,
        take: Callable[[Fitting], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Fit the picture")
        self._evidence, self._levels, self._take = evidence, levels, take
        self.preview = described(
            QLabel(alignment=Qt.AlignmentFlag.AlignCenter),
            "Preview",
            "What the model is given; it draws the hatched part",
        )
        self.preview.setFixedSize(_SIDE, _SIDE)
        self.fits = QButtonGroup(self)
        choices = QVBoxLayout()
        for number, (name, meaning) in enumerate(FITS.items()):
            button = described(QRadioButton(name.capitalize()), name.capitalize(), meaning)
            button.setText(f"{name.capitalize()}: {meaning}")
            button.setChecked(name == suggestion.fit)
            self.fits.addButton(button, number)
            choices.addWidget(button)
        self.invert = described(
            QCheckBox("Invert: dark becomes light"), "Invert", "For dark ink on a light ground"
        )
        self.invert.setChecked(suggestion.invert)
        choices.addSpacing(8)
        choices.addWidget(self.invert)
        choices.addStretch(1)
        self.fits.idToggled.connect(lambda _id, on: self._show() if on else None)
        self.invert.toggled.connect(self._show)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        use = buttons.addButton("Use the picture", QDialogButtonBox.ButtonRole.AcceptRole)
        use.setToolTip("Use this picture; the file stays as it is")
        without_icons(buttons)
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setToolTip("Keep the canvas as it is (Escape)")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(self.preview)
        both.addLayout(choices)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(QLabel(what, textFormat=Qt.TextFormat.PlainText))
        column.addLayout(both)
        column.addWidget(buttons)
        use.setDefault(True)  # after it has come into the dialog, else Cancel is
        self._show()

    @property
    def fitting(self) -> Fitting:
        """What is chosen now."""
        return Fitting(list(FITS)[self.fits.checkedId()], self.invert.isChecked())

    def accept(self) -> None:
        self._take(self.fitting)
        super().accept()

    def _show(self) -> None:
        given = self._evidence(self.fitting)
        largest = max(given.known.shape)
        grid = image_grid(given.values[None], self._levels, max(1, _SIDE // largest), given.known)
        height, width, _ = grid.shape
        image = QImage(grid.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        pixmap = QPixmap.fromImage(image)
        if max(height, width) > _SIDE:
            pixmap = pixmap.scaled(
                self.preview.size(),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        self.preview.setPixmap(pixmap)
