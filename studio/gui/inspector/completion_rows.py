"""The rows of the inspector that completion has: the method and why it is the one, how many
attempts it makes and how many of them still count, and how probable what is given is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QWidget

from studio.engine.generation.methods import AUTO, methods, suited
from studio.engine.generation.sampling_options import MOST_SWEEPS
from studio.engine.generation.snapshot import Snapshot
from studio.gui import kinds
from studio.gui.inspector.evidence_bounds import EvidenceBounds
from studio.gui.inspector.method_box import MethodBox
from studio.gui.widgets.controls import Readout, described, offer
from studio.gui.widgets.number_boxes import WholeBox
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.generation.live import Moment
    from studio.gui.session import Session

MOST_PARTICLES = 1024
_IN_TIME = "Sound is made from its beginning to its end"
_NOTHING = "Nothing is painted yet: paint something, and the model completes it."
_EVERYTHING = "Everything is given: nothing is left to draw."
_PARTICLES = (
    "Attempts at each picture that compete at what you painted. More come closer to what the model"
    " means, and take longer. Automatic: as many as keep it quick"
)
_SWEEPS = (
    "How often the finished picture is drawn again beside new attempts. Each time it comes closer"
    " to what the model means"
)
_EFFECTIVE = (
    "Attempts at the chosen picture, or else the first, among which the weight is shared (the"
    " effective sample size). Where it falls to one, more particles help"
)


class CompletionRows(QObject):
    """Adds its rows to a form, shows in them what a session holds, and changes that.

    method, why, particles, sweeps, effective, bounds: what stands in the rows.
    """

    def __init__(self, session: Session, form: QFormLayout) -> None:
        super().__init__(form)
        self._session, self._form = session, form
        self.method = MethodBox()
        self.method.chosen.connect(lambda name: session.change(method=name))
        form.addRow("Completion", self.method)
        self.why = _two_lines()
        form.addRow(self.why)
        self.bounds = EvidenceBounds(session)
        form.addRow(self._evidence_row())
        self._attempts = self._attempts_row()
        form.addRow("Particles", self._attempts)
        self.effective = Readout("1024 of 1024 attempts still count", _EFFECTIVE)
        form.addRow(self.effective)
        session.reading.connect(self.show_moment)

    def _evidence_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.bounds.said)
        line.addStretch(1)
        line.addWidget(self.bounds.button)
        return row

    def _attempts_row(self) -> QWidget:
        session = self._session
        self.particles = WholeBox(minimum=0, maximum=MOST_PARTICLES)
        described(self.particles, "Particles", _PARTICLES)
        self.particles.setSpecialValueText("automatic")
        self.particles.valueChanged.connect(lambda number: session.change(particles=number))
        self.sweeps = described(WholeBox(minimum=0, maximum=MOST_SWEEPS), "Sweeps", _SWEEPS)
        self.sweeps.valueChanged.connect(lambda number: session.change(sweeps=number))
        self._sweeps_label = QLabel("Sweeps")
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.particles, 1)
        line.addWidget(self._sweeps_label)
        line.addWidget(self.sweeps)
        return row

    # ---- what is shown ---------------------------------------------------------------------------

    def show_model(self) -> None:
        """Offer what the session's model can do."""
        ordered = kinds.of(self._session).ordered
        offer(self.method, ordered, _IN_TIME)
        if ordered and (model := self._model()) is not None:
            self.method.show_model(model)
        self.bounds.show_model()

    def show_options(self) -> None:
        options = self._session.options
        self.method.show_options(options)
        for box, value in ((self.particles, options.particles), (self.sweeps, options.sweeps)):
            with QSignalBlocker(box):
                box.setValue(value)
        for row in (self._attempts, self.effective):
            self._form.setRowVisible(row, self._may_compete())
        refined = options.method != AUTO and methods()[options.method].refined
        self.sweeps.setVisible(refined)
        self._sweeps_label.setVisible(refined)

    def show_moment(self, moment: Moment) -> None:
        """The method that is used, and how it fares."""
        if not isinstance(moment, Snapshot):
            self.why.setText("")
            return
        particles = moment.particles
        self.why.setText(_used(moment))
        self.effective.setText(_counting(moment))
        self.bounds.show_estimate(None if particles is None else particles.log2_evidence)

    def _may_compete(self) -> bool:
        """Whether attempts compete by the method that is chosen; of the automatic one, whether
        there is a painting for which they do, so that rows do not come and go with every stroke."""
        model, name = self._model(), self._session.options.method
        if model is None:
            return False
        if name == AUTO:
            name, _ = suited(model, late=True)
        return methods()[name].begin is not None

    def _model(self) -> AutoregressiveModel | None:
        """The model in use, where it completes what is given."""
        session = self._session
        if session.model is None or not (session.generates and kinds.of(session).ordered):
            return None
        return cast("AutoregressiveModel", session.model)


def _two_lines() -> QLabel:
    """A text for which there is room, so that nothing moves when it changes."""
    label = QLabel(wordWrap=True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    label.setMinimumHeight(2 * label.fontMetrics().lineSpacing())
    return label


def _used(snapshot: Snapshot) -> str:
    """By which method it is completed, and why by this one."""
    if snapshot.captions:
        return ""
    if snapshot.known is None or not snapshot.known.any():
        return tr(_NOTHING)
    if snapshot.known.all():
        return tr(_EVERYTHING)
    method = methods()[snapshot.method]
    return f"{method.title}: {snapshot.why}" if snapshot.why else method.explanation


def _counting(snapshot: Snapshot) -> str:
    """How many attempts still count, and which of the sweeps it is."""
    particles, known = snapshot.particles, snapshot.known
    if particles is None:
        to_complete = known is not None and known.any() and not known.all()
        return "One attempt is enough" if to_complete else ""
    counting = f"{particles.effective:.0f} of {particles.count}"
    if not particles.sweeps:
        return f"{counting} attempts still count"
    return f"{counting} still count, sweep {particles.sweeps} of {snapshot.options.sweeps}"
