"""Beside the pictures of a model of codes: the codes that stand for one of them.

A person presses Play: the map of codes fills in their order, a glow on it and on every picture
shows which patch is drawn now, and the pictures come about patch by patch. With the pointer on a
patch, or on its code, both are outlined, and below stands which code it is, what it looks like, and
how probable it and others were there. A click on a code goes back to when it was drawn; then
another one can be taken for it in the inspector. Strokes are in pixels: a patch counts as given
when all of it is painted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.editing.painting import Site
from studio.engine.editing.patches import ONE_PIXEL, patch_of
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights.asking import Reply
from studio.engine.insights.at_site import AT_SITE, SHARES
from studio.engine.insights.question import question_of
from studio.gui.picture.code_facts import CodeFacts, CodeFactsView
from studio.gui.picture.code_map import ROUND, SIDE, CodeMap, Shown
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.site_colours import colours_of_patch
from studio.gui.picture.stage import Stage
from studio.gui.picture.stage_view import next_site
from studio.gui.widgets.translation import tr


class CodePane(QWidget):
    """Hidden for models whose sites are pixels."""

    def __init__(self, drawing: Drawing, stage: Stage) -> None:
        super().__init__()
        self._drawing, self._session, self._stage = drawing, drawing.session, stage
        self._snapshot: Snapshot | None = None
        self._on_map: Site | None = None  # that is pointed at there
        self._reply: Reply | None = None
        self.title = QLabel()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.map, self.facts = CodeMap(), CodeFactsView()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 6, 10, 6)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.map, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.facts)
        column.addStretch(1)
        self.setFixedWidth(SIDE + 2 * ROUND + 14)
        self.hide()
        session = self._session
        session.model_changed.connect(self._model_changed)
        session.at_site.answered.connect(self._take)
        drawing.snapshot.connect(self._show)
        drawing.reading.connect(lambda snapshot: self._tell())
        stage.pointed_at.connect(self._follow_stage)
        stage.chosen.connect(lambda choice: self._show_again())
        self.map.pointed.connect(self._point)
        self.map.pressed.connect(self._go_back)

    # ---- what is shown ---------------------------------------------------------------------------

    def _model_changed(self) -> None:
        model = self._session.model
        self._snapshot = self._reply = self._on_map = None
        self.facts.show_facts(None)
        self.setVisible(model is not None and patch_of(model) != ONE_PIXEL)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_again()

    def _show(self, snapshot: Snapshot) -> None:
        if snapshot.decoded is None:
            return
        self._snapshot = snapshot
        if not self.isVisible():
            return  # showEvent catches up
        picture, space = self.picture, snapshot.values.shape[2:]
        there = np.zeros(snapshot.length, bool)
        there[snapshot.order[: snapshot.position]] = True
        given = np.zeros(space, bool) if snapshot.known is None else snapshot.known
        known = there.reshape(space) | given
        if snapshot.settled is not None:
            known = np.ones(space, bool)
        changed = [one.site for one in snapshot.changes if one.picture == picture]
        drawn = tuple(site for site in changed if there[site])
        codes, count = snapshot.values[picture, 0], snapshot.decoded.codes
        self.map.show_codes(Shown(codes, count, known, given, drawn, next_site(snapshot)))
        title = tr("Codes")
        if snapshot.count > 1:
            title = tr("Codes of picture {number}").format(number=picture + 1)
        self.title.setText(title)
        if not snapshot.hurried:
            self._tell()

    def _show_again(self) -> None:
        if self._snapshot is not None:
            self._show(self._snapshot)

    @property
    def picture(self) -> int:
        """The one that is pointed at, else the chosen one, else the first."""
        snapshot, pointed = self._snapshot, self._stage.pointed
        if snapshot is None:
            return 0
        if pointed is not None and self._on_map is None and pointed[0] < snapshot.count:
            return pointed[0]
        return snapshot.shown

    @property
    def site(self) -> Site | None:
        """The one that is pointed at, on the map or on a picture."""
        if self._on_map is not None or self._snapshot is None:
            return self._on_map
        pointed = self._stage.pointed
        return None if pointed is None else self._snapshot.site_at(*pointed[1])

    # ---- what is pointed at ----------------------------------------------------------------------

    def _follow_stage(self) -> None:
        if self.isVisible():
            self._show_again()
            self._tell()

    def _point(self, site: Site | None) -> None:
        self._on_map = site
        self._stage.mark_site(self.picture, site)
        self._tell()

    def _go_back(self, site: Site) -> None:
        snapshot = self._snapshot
        if snapshot is not None:
            self._drawing.run_to(snapshot.rank_of(*site))

    def _tell(self) -> None:
        """Of the site that is pointed at, else of the next; where it is drawn, the model is asked
        what it expected there."""
        snapshot, site = self._snapshot, self.site
        if snapshot is None or snapshot.decoded is None or not self.isVisible():
            return
        self.map.mark(site)
        site, picture = site or next_site(snapshot), self.picture
        if site is None or self._session.painting is None:
            self.facts.show_facts(None)
            return
        given = snapshot.known is not None and bool(snapshot.known[site])
        drawn = snapshot.rank_of(*site) < snapshot.position or snapshot.settled is not None
        code = int(snapshot.values[(picture, 0, *site)]) if given or drawn else None
        shares: NDArray[np.float32] | None = None
        if site == snapshot.next_site and picture == snapshot.shown:
            if snapshot.probabilities is not None:
                shares = snapshot.probabilities[0]
        elif code is not None or site == snapshot.next_site:
            shares = self._expected(snapshot, picture, site)
        patch = colours_of_patch(snapshot, self._session.painting.levels, picture, site)
        upcoming = site == snapshot.next_site
        self.facts.show_facts(CodeFacts(site, code, patch, shares, upcoming))

    def _expected(self, snapshot: Snapshot, picture: int, site: Site) -> NDArray[np.float32] | None:
        """How probable each code was at a site; None where the model was only just asked."""
        number = site[0] * snapshot.values.shape[3] + site[1]
        question = question_of(snapshot, 0, None, number, None, picture)
        reply = self._reply
        if reply is not None and reply.question.same(question):
            found = reply.answer.arrays.get(SHARES)
            return None if found is None else found[0]
        self._session.at_site.ask(AT_SITE, question, snapshot.hurried)
        return None

    def _take(self, reply: Reply) -> None:
        self._reply = reply
        self._tell()
