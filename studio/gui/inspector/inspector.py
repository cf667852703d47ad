"""The inspector: what is asked of the model (class, seed, temperature ...),
and what it says of the next pixel."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine import insights
from studio.engine.generation.live import Moment
from studio.engine.runtime.by_name import by_name
from studio.gui import kinds
from studio.gui.inspector.class_box import MARGINS, ClassBox
from studio.gui.inspector.class_posterior import ClassPosteriorPanel
from studio.gui.inspector.completion_rows import CompletionRows
from studio.gui.inspector.distribution import Distribution
from studio.gui.inspector.model_facts import AboutModel, ModelFacts
from studio.gui.inspector.order_box import OrderBox
from studio.gui.inspector.steps_slider import StepsSlider
from studio.gui.kinds import WindowKind
from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from studio.gui.widgets.controls import (
    ChoiceBox,
    Readout,
    action,
    chip,
    described,
    icon_button,
    named,
    offer,
)
from studio.gui.widgets.icons import icon
from studio.gui.widgets.number_boxes import RealBox, WholeBox
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

COUNTS = (1, 4, 16, 64)
_GAP, _ROW_GAP = 8, 4  # pixels, with which the next pixel is seen on a laptop without scrolling
_NARROW_BOX = 52  # pixels: 1.00 or 256, and the arrows
_SHORT_TITLE = 10  # letters
_IN_TIME = "Sound is made from its beginning to its end"
_PAINT = "Paint strokes anywhere, then press Play: the model draws a picture that fits them"


class Inspector(QWidget):
    """Shows and changes the sampling options of a session."""

    def __init__(self, session: Session, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._stage = session, stage
        layout = QVBoxLayout(self)
        layout.setSpacing(_GAP)
        # What is set comes first and has the same rows for every model, so that nothing jumps away
        # from the pointer; what some models have more of than others comes below.
        self.head, self.about = ModelFacts(), AboutModel()
        self.title, self.facts = self.head.title, self.head.facts
        layout.addWidget(self.title)
        self.drawing, self.next = self._drawing_group(), self._next_group()
        layout.addWidget(self.drawing)
        self.panels: dict[str, QWidget] = {}  # of the kinds that have one; several may share it
        for kind in kinds.KINDS.values():
            if kind.panel and kind.panel not in self.panels:
                panel = self.panels[kind.panel] = by_name(kind.panel)(session)
                layout.addWidget(panel)
        layout.addWidget(self._classes_box())
        layout.addWidget(self._painted_group())
        layout.addWidget(self.next)
        layout.addWidget(self.head)
        tip = "Draw the network as an article's figures do"
        self.anatomy = described(QPushButton(icon("anatomy"), "Anatomy"), "Anatomy", tip)
        layout.addWidget(self.anatomy, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.about)
        layout.addStretch(1)
        session.renamed.connect(lambda: self.head.show_title(session.title))
        session.model_changed.connect(self._show_model)
        session.options_changed.connect(self._show_options)
        session.painting_changed.connect(self._show_painting)
        session.reading.connect(self.show_moment)
        self._show_model()
        self._show_options()

    # ---- parts -----------------------------------------------------------------------------------

    def _classes_box(self) -> ClassBox:
        self.posterior = ClassPosteriorPanel(self._session)
        self.posterior.shown.connect(
            lambda: self.distribution.be_low(bool(self.posterior.bars))  # chips take room as well
        )
        self.classes = ClassBox(self.posterior)
        self.classes.chosen.connect(lambda condition: self._session.change(condition=condition))
        self.classes.guidance.chosen.connect(lambda much: self._session.change(guidance=much))
        self.class_keys = [
            action(
                self._stage,
                f"Class {digit}",
                functools.partial(self.classes.choose, digit),
                str(digit),
            )
            for digit in range(10)
        ]
        return self.classes

    def _painted_group(self) -> QGroupBox:
        self.painted = QGroupBox("Condition")
        self.painted.setToolTip(
            "This model takes account of every pixel you paint, even those it reaches later"
        )
        self.painted_text = QLabel()
        self.painted_text.setWordWrap(True)
        QVBoxLayout(self.painted).addWidget(self.painted_text)
        return self.painted

    def _drawing_group(self) -> QGroupBox:
        group = QGroupBox("Drawing")
        self._form = form = QFormLayout(group)
        form.setContentsMargins(*MARGINS)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(_ROW_GAP)
        counts = QHBoxLayout()
        counts.setSpacing(4)
        self.counts = QButtonGroup(self)
        for count in COUNTS:
            button = chip(str(count), "")
            self.counts.addButton(button, count)
            counts.addWidget(button)
        self.counts.idClicked.connect(lambda count: self._session.change(count=count))
        form.addRow("Samples", counts)
        self._counts_row = counts

        self.seed = WholeBox(minimum=0, maximum=999_999)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("Random seed: the same seed gives the same result")
        self.seed.valueChanged.connect(lambda seed: self._session.change(seed=seed))
        self.dice = icon_button("dice", "Another seed", "Another seed (D)")
        self.dice.setShortcut("D")
        self.dice.clicked.connect(self._session.roll)
        tip = "Locked: every run uses this seed. Unlocked: every run uses a new one"
        self.lock = icon_button("lock", "Lock the seed", tip, checkable=True)
        self.lock.setChecked(True)
        self.lock.toggled.connect(self._session.lock_seed)
        seed = QHBoxLayout()
        seed.setSpacing(4)
        seed.addWidget(self.seed, 1)
        seed.addWidget(self.dice)
        seed.addWidget(self.lock)
        form.addRow("Seed", seed)

        self.temperature = RealBox(minimum=0, maximum=5, singleStep=0.05, decimals=2, value=1)
        self.temperature.setAccessibleName("Temperature")
        self.temperature.setToolTip(
            "Below 1: safer and more typical. Above 1: more varied. 1: the model as it was trained"
        )
        self.temperature.valueChanged.connect(lambda value: self._session.change(temperature=value))
        form.addRow("Temperature", self.temperature)
        self.top_k = WholeBox(minimum=0, maximum=256)
        self.top_k.setSpecialValueText("all")
        self.top_k.setAccessibleName("Top-k")
        self.top_k.valueChanged.connect(lambda value: self._session.change(top_k=value))
        self.top_p = RealBox(minimum=0.01, maximum=1, singleStep=0.05, decimals=2, value=1)
        self.top_p.setAccessibleName("Top-p")
        self.top_p.setToolTip(
            "Sample only from the most probable values that together reach this"
            " probability; 1: from all"
        )
        self.top_p.valueChanged.connect(lambda value: self._session.change(top_p=value))
        for box in (self.top_k, self.top_p):  # else the largest number it may have decides
            box.setMinimumWidth(_NARROW_BOX)
        likeliest = QHBoxLayout()
        likeliest.setSpacing(6)
        likeliest.addWidget(self.top_k, 1)
        likeliest.addWidget(QLabel("Top-p"))
        likeliest.addWidget(self.top_p, 1)
        form.addRow("Top-k", likeliest)

        self.order = OrderBox()
        self.order.chosen.connect(lambda name: self._session.change(order=name))
        form.addRow("Order", self.order)
        self.overlay = ChoiceBox()
        self.overlay.setAccessibleName("Overlay")
        # the titles of insights are no reason for the inspector to be wider
        policy = ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.overlay.setSizeAdjustPolicy(policy)
        self.overlay.setMinimumContentsLength(_SHORT_TITLE)
        self.overlay.setToolTip("What to show on top of the picture")
        for name, text in insights.titles().items():
            self.overlay.addItem(tr(text), name)
        self.overlay.activated.connect(
            lambda index: self._stage.set_overlay(self.overlay.itemData(index))
        )
        self._stage.overlay_changed.connect(
            lambda name: self.overlay.setCurrentIndex(self.overlay.findData(name))
        )
        form.addRow("Overlay", self.overlay)
        self._of_the_order = (self.order, self.overlay)
        self.completion = CompletionRows(self._session, form)
        self.method = self.completion.method
        self.steps = StepsSlider()
        self.steps.chosen.connect(lambda steps: self._session.change(steps=steps))
        form.addRow("Steps", self.steps)
        form.setRowVisible(self.steps, False)
        return group

    def _next_group(self) -> QGroupBox:
        group = QGroupBox("Next pixel")
        layout = QVBoxLayout(group)
        layout.setContentsMargins(*MARGINS)
        self.distribution = Distribution()
        layout.addWidget(self.distribution)
        tip = (
            "Average number of bits for each value drawn so far, in the chosen picture or else in"
            " all: the lower, the less the model was surprised"
        )
        self.bits = Readout("00.000 bits/dim so far", tip)
        layout.addWidget(self.bits)
        return group

    # ---- what is shown ---------------------------------------------------------------------------

    def _show_model(self) -> None:
        model = self._session.model
        shown = kinds.of(self._session)
        self._show_kind(shown)
        self.setEnabled(model is not None)
        self.completion.show_model()
        for part in (self.drawing, self.next):
            part.setVisible(self._session.generates)
        for name, panel in self.panels.items():
            panel.setVisible(name == shown.panel)
        self.head.show_model(model)
        self.about.show_model(model)
        self.head.show_title("No model yet" if model is None else self._session.title)
        if model is None:
            return
        self.top_k.setMaximum(model.spec.levels)
        self.top_k.setToolTip(
            f"Sample only from the k most probable of the {model.spec.levels} values; 0: from all"
        )
        self.painted.setVisible(model.takes_painting)
        draws = self._session.generates and shown.ordered
        if draws:
            self.order.show_model(cast("AutoregressiveModel", model))
            self.steps.show_model(cast("AutoregressiveModel", model))
        self._form.setRowVisible(self.steps, draws and getattr(model, "predicts_all", False))
        self.classes.show_classes(
            getattr(model.conditioning, "names", ()),
            shown.of_class,
            guided=draws,
        )
        self._show_options()

    def _show_kind(self, kind: WindowKind) -> None:
        """What is asked of a model of this kind, in its words."""
        self.drawing.setTitle(tr(kind.making))
        self.next.setTitle(tr(f"Next {kind.next}"))
        for control in self._of_the_order:
            offer(control, kind.ordered, _IN_TIME)
        session = self._session
        most = None if session.kind is None else session.kind.most_at_once
        for count in COUNTS:
            button = self.counts.button(count)
            button.setEnabled(possible := most is None or count <= most)
            several = f"{count} {kind.made}{'s' if count > 1 else ''}"
            too_many = f"This model makes at most {most} {kind.made}s at once"
            named(button, tr(f"Make {several} at once" if possible else too_many))
        label = self._form.labelForField(self._counts_row)
        if isinstance(label, QLabel):
            label.setText(tr(f"{kind.made.capitalize()}s"))
        model = session.model
        coded = model is not None and model.pictures is not model.spec
        self.distribution.show_kind(None if session.kind is None else kind.amplitudes(), coded)
        self.distribution.set_taking(kind.ordered and session.generates)

    def _show_painting(self) -> None:
        empty = self._session.painting is None or self._session.painting.empty
        self.painted_text.setText("What you paint, and where" + (f". {_PAINT}." if empty else ""))

    def _show_options(self) -> None:
        options = self._session.options
        for widget, value in (
            (self.seed, options.seed),
            (self.temperature, options.temperature),
            (self.top_k, options.top_k),
            (self.top_p, options.top_p),
        ):
            with QSignalBlocker(widget):
                widget.setValue(value)
        locked = self._session.seed_locked
        self.lock.setChecked(locked)
        self.lock.setIcon(icon("lock" if locked else "unlock"))
        self.order.show_options(options)
        self.completion.show_options()
        self.steps.show_options(options)
        if (button := self.counts.button(options.count)) is not None:
            button.setChecked(True)
        self.classes.show_options(options)

    def show_moment(self, moment: Moment) -> None:
        """The next site's distribution, and the running cost."""
        self.distribution.show_levels(moment.next_levels, moment.next_name, moment.upcoming)
        self.bits.setText(moment.so_far)
