"""`FindingDialog`: a job tries something, a chart shows how it goes, and a button takes what is
proposed; nothing is taken by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.engine.runtime.jobs import Job, State
from studio.gui.training.laboratory.ending import Outcome, ending
from studio.gui.training.plot import Plot
from studio.gui.widgets.controls import described
from studio.gui.widgets.translation import tr

_POLL = 200  # ms
Changes = Mapping[str, float]  # of a recipe, by their names there


class FindingDialog(QDialog):
    """A subclass shows what there is so far, and says what is proposed.

    changes: what is proposed; empty before it is known, and where nothing is.
    nothing_is_wrong: whether it is an error that nothing is.
    """

    nothing_is_wrong = True

    def __init__(
        self,
        parent: QWidget,
        title: str,
        what: str,
        job: Job[Any],
        curve: Plot,
        use: str,
        take: Callable[[Changes], object],
    ) -> None:
        """what: the model and its data, in words.
        job: tries something, and begins here; its mailbox carries what was tried so far. Whoever
        made it waits for its end: the dialog cancels it when it is closed.
        use: the text of the button.
        take: gets the changes that the person wants.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr(title))
        self.job, self._take = job, take
        self.changes: Changes = {}
        self.outcome = described(Outcome(3), "Suggestion", "What is suggested, and why")
        self.use = QPushButton(tr(use))
        self.use.setToolTip(tr("Write it into the form of the training"))
        self.use.setEnabled(False)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(QLabel(what, textFormat=Qt.TextFormat.PlainText, wordWrap=True))
        column.addWidget(curve, 1)
        column.addWidget(self.outcome)
        column.addWidget(ending(self, self.use, "Leave the form as it is (Escape)"))
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._look)
        self.job.start()
        self._timer.start()

    # What a subclass says.

    def _show(self, tried: Any) -> None:
        """Show what was tried so far, as the mailbox carries it."""
        raise NotImplementedError

    def _propose(self, result: Any) -> tuple[Changes, str]:
        """Show what the job has come to: what is proposed, and why, or why nothing is."""
        raise NotImplementedError

    def _look(self) -> None:
        over = self.job.state.over and self.job.join(0)
        if (tried := self.job.mailbox.take()) is not None:
            self._show(tried)
        if not over:
            return
        self._timer.stop()
        if self.job.result is None:
            self.outcome.say(self.job.message, wrong=self.job.state is State.FAILED)
            return
        self.changes, reason = self._propose(self.job.result)
        self.outcome.say(reason, wrong=self.nothing_is_wrong and not self.changes)
        if self.changes:
            self.use.setEnabled(True)
            self.use.setDefault(True)
            self.use.setFocus()

    def accept(self) -> None:
        self._take(self.changes)
        super().accept()

    def done(self, result: int) -> None:
        """However it is closed, the job is to end."""
        self._timer.stop()
        self.job.cancel()
        super().done(result)
