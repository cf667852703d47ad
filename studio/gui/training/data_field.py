"""The line for the data that are learnt from: named, or chosen as a file or a folder."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from studio.gui.widgets.controls import ChoiceBox, described
from studio.gui.widgets.file_dialogs import EVERYTHING, PICTURE_DATA, recordings


class DataField(QWidget):
    """combo: what is offered, and the line in which the person writes.
    recordings_first: whether recordings stand before pictures among the kinds of files."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recordings_first = False
        self.combo = wide_combo()
        self.browse = described(
            QPushButton(),
            "Choose data",
            "Train on data of your own: a folder of pictures, an IDX, NumPy or text file; a"
            " recording or a folder of them",
        )
        self.browse.setText("Choose…")
        menu = QMenu(self.browse)
        menu.addAction("A file…", self._choose_file)
        menu.addAction("A folder…", self._choose_folder)
        self.browse.setMenu(menu)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.combo, 1)
        line.addWidget(self.browse)

    def _choose_file(self) -> None:
        kinds = [PICTURE_DATA, recordings()]
        if self.recordings_first:
            kinds.reverse()
        self.choose(
            QFileDialog.getOpenFileName(
                self, "Train on a file", filter=";;".join([*kinds, EVERYTHING])
            )[0]
        )

    def _choose_folder(self) -> None:
        self.choose(QFileDialog.getExistingDirectory(self, "Train on a folder"))

    def choose(self, path: str) -> None:
        """Learn from a path; "" changes nothing."""
        if path:
            if self.combo.findText(path) < 0:
                self.combo.addItem(path)
            self.combo.setCurrentText(path)


def wide_combo() -> ChoiceBox:
    """A box to choose from or to write in, as wide as there is room."""
    combo = ChoiceBox(editable=True, insertPolicy=ChoiceBox.InsertPolicy.NoInsert)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    combo.setMinimumContentsLength(8)
    return combo
