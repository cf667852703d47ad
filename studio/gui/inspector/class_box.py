"""The box with the classes that a model can be conditioned on, one of which is chosen, or none; how
likely each of them is, and how strongly the model is pushed towards the chosen one.

A class is chosen by a chip, or by its bar, where the bars that say how likely it is are open: both
together would leave the next pixel no room on a laptop.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGroupBox, QVBoxLayout, QWidget

from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.inspector.class_posterior import ClassPosteriorPanel
from studio.gui.inspector.guidance_slider import GuidanceSlider
from studio.gui.widgets.controls import chip, in_tab_order
from studio.gui.widgets.flow_layout import FlowLayout
from studio.gui.widgets.glyphs import can_be_shown

ANY_CLASS = -2  # the chip's number; Qt keeps -1 for itself
MARGINS = 9, 6, 9, 6  # pixels in a box of the inspector, where height is scarce


class ClassBox(QGroupBox):
    """Signal: chosen(class), None for any, when the person picks one."""

    chosen = Signal(object)

    def __init__(self, posterior: ClassPosteriorPanel, parent: QWidget | None = None) -> None:
        super().__init__("Class", parent)
        self._posterior = posterior
        posterior.shown.connect(self._show_bars)
        self.setToolTip("Class to generate, for models that know classes (keys 0 to 9)")
        column = QVBoxLayout(self)
        self._layout = FlowLayout()
        column.setContentsMargins(*MARGINS)
        column.addLayout(self._layout)
        column.addWidget(posterior)
        self.guidance = GuidanceSlider()
        column.addWidget(self.guidance)
        self.hide()  # until there is a model with classes
        self.chips = QButtonGroup(self)
        self.chips.idClicked.connect(
            lambda number: self.chosen.emit(None if number == ANY_CLASS else number)
        )

    def show_classes(self, names: Sequence[str], of_class: str, guided: bool = True) -> None:
        """A chip for each class, by name, and one for any; nothing is seen where there are none.
        of_class: what stands before a name in its tip. guided: whether there can be guidance
        towards it."""
        for old in self.chips.buttons():
            self.chips.removeButton(old)
            old.deleteLater()
        self.setVisible(len(names) > 0)
        self.guidance.setVisible(guided)
        labels = [(number, can_be_shown(name)) for number, name in enumerate(names)]
        for number, name in [*labels, (ANY_CLASS, "any")] if labels else []:
            key = f" ({number})" if 0 <= number <= 9 else ""
            whose = f"{of_class} {name}{key}"
            button = chip(name, "Let the model choose the class" if number == ANY_CLASS else whose)
            self.chips.addButton(button, number)
            self._layout.addWidget(button)
        self._layout.removeWidget(self._posterior.header)
        self._layout.addWidget(self._posterior.header)  # after the last chip
        self._show_bars(self._posterior.has_bars)

    def _show_bars(self, shown: bool) -> None:
        """Chips only where there are no bars to choose by; always the one for any class."""
        for button in self.chips.buttons():
            button.setVisible(not shown or self.chips.id(button) == ANY_CLASS)
        in_tab_order(self._posterior.header, [*self.chips.buttons(), *self._posterior.bars])

    def show_options(self, options: SamplingOptions) -> None:
        """Show which class is chosen, and the guidance towards it."""
        number = ANY_CLASS if options.condition is None else options.condition
        if (button := self.chips.button(number)) is not None:
            button.setChecked(True)
        self.guidance.show_options(options)

    def choose(self, number: int) -> None:
        """As if the person had picked that class, where there is one."""
        if self.chips.button(number) is not None:
            self.chosen.emit(number)
