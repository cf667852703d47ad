"""Has the session's model asked what the insight on a stage wants to know, as long as the stage is
seen: again with every picture, stroke, choice, and site under the pointer. What it says goes to the
stage, to the line below it, and to the legend."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.expecting import Answer as Expected
from studio.engine.generation.live import Moment
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights import Question, insights
from studio.engine.insights.asking import Reply
from studio.engine.insights.question import question_of
from studio.gui.expectations import PIXELS
from studio.gui.picture.insight_bar import InsightBar
from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from studio.gui.widgets.legend import Legend
from studio.gui.widgets.translation import tr

_DRAWS_NOTHING = "This model draws nothing of its own: there is no pixel to ask it about."


class InsightOnStage(QObject):
    def __init__(self, session: Session, stage: Stage, bar: InsightBar, legend: Legend) -> None:
        super().__init__(stage)
        self._session, self._stage, self._bar, self._legend = session, stage, bar, legend
        self._seen = stage.isVisible()
        stage.installEventFilter(self)
        stage.overlay_changed.connect(lambda name: self._look())
        for changed in (stage.choices_changed, stage.pointed_at, session.painting_changed):
            changed.connect(self._ask)
        session.snapshot.connect(self._show)
        session.reading.connect(lambda moment: self._tell_record())
        session.expectations.answered.connect(self._tell_how)
        session.insight.answered.connect(self._take)
        session.insight.gone.connect(lambda: stage.show_reply(None))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._seen = event.type() == QEvent.Type.Show
            self._look()
        return False

    def _look(self) -> None:
        """Another insight, or nobody looks."""
        insight = insights().get(self._stage.overlay) if self._seen else None
        self._session.expectations.want(PIXELS, insight is not None and insight.wants_expected)
        self._session.insight.forget()
        self._stage.show_reply(None)
        self._ask()
        self._tell_record()

    def _show(self, moment: Moment) -> None:
        self._ask()
        if isinstance(moment, Snapshot) and not moment.playing:  # else with every reading
            self._tell_record()

    def _take(self, reply: Reply) -> None:
        if reply.insight.name == self._stage.overlay:
            self._stage.show_reply(reply)
            self._bar.show_reply(reply)
            self._legend.show_ends(reply.answer.ends)

    def _tell_record(self) -> None:
        """What an insight says that is worked out with every picture."""
        layer = self._stage.layer
        if layer is not None and not layer.insight.needs_model:
            self._bar.show_answer(layer.insight, layer.answer)
            self._legend.show_ends(layer.answer.ends)

    def _tell_how(self, answer: Expected) -> None:
        """How what is expected was found."""
        insight = insights().get(self._stage.overlay)
        if answer.expectation is not None and insight is not None and insight.wants_expected:
            explained = tr(insight.explained(self._stage.coded))
            self._legend.explain(f"{explained}\n{answer.expectation.how}")

    def _ask(self) -> None:
        insight, moment = insights().get(self._stage.overlay), self._session.latest
        if insight is None or not self._seen or not isinstance(moment, Snapshot):
            return
        model = self._session.model
        if model is not None and not model.autoregressive:
            question = self._question(moment, of_site=False)
            self._session.insight.refuse(insight, question, tr(_DRAWS_NOTHING))
        elif insight.needs_model and not moment.captions:
            question = self._question(moment, insight.of_site)
            self._session.insight.ask(insight, question, moment.hurried)

    def _question(self, moment: Snapshot, of_site: bool) -> Question:
        stage, painting = self._stage, self._session.painting
        painted = None
        if painting is not None and not painting.empty and painting.space == moment.space:
            painted = Evidence(painting.values, painting.known)  # taken into arrays of its own
        picture, site = None, None
        if of_site and stage.pointed is not None and stage.pointed[0] < moment.count:
            picture, pixel = stage.pointed
            row, column = moment.site_at(*pixel)
            site = row * moment.values.shape[3] + column
        levels = painting.levels if painting is not None else 2
        return question_of(moment, levels, painted, site, stage.choices, picture)
