"""The box with the methods of completion: the one that suits comes first, and what a model cannot
do is grey and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from studio.engine.generation.methods import AUTO, choices, methods
from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.widgets.controls import ChoiceBox

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

_TIP = "How the model takes account of what you paint, above all of what comes later in its order"
_AT_ONCE = "All of it is drawn at once, which leaves no room for attempts that compete."
_TOOLTIP = Qt.ItemDataRole.ToolTipRole


class MethodBox(ChoiceBox):
    """Signal: chosen(name), when the person picks a method, or "auto"."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Completion method")
        self.setToolTip(_TIP)
        for name, meaning in choices().items():
            self.addItem("Automatic" if name == AUTO else methods()[name].title, name)
            self.setItemData(self.count() - 1, meaning, _TOOLTIP)
        self._refusals = dict.fromkeys(methods(), "")
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_model(self, model: AutoregressiveModel) -> None:
        """Offer what the model can do."""
        self._refusals = {name: method.refusal(model) for name, method in methods().items()}
        for name, refusal in self._refusals.items():
            self._offer(name, refusal)

    def _offer(self, name: str, refusal: str) -> None:
        """A method, or in one sentence why not."""
        row = self.findData(name)
        cast("QStandardItemModel", self.model()).item(row).setEnabled(not refusal)
        self.setItemData(row, refusal or methods()[name].explanation, _TOOLTIP)

    def show_options(self, options: SamplingOptions) -> None:
        """Show what is chosen."""
        self.setCurrentIndex(self.findData(options.method))
        for name, method in methods().items():
            if method.begin is not None and self._refusals[name] == "":
                self._offer(name, _AT_ONCE if options.parallel else "")
