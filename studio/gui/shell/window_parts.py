"""The parts of the window: its pages in the middle, and what is in the docks round them.

Most are made when they are first shown, or when something of them is asked for: so the window need
not wait for what is not seen yet. Every part, whenever it is made, is furnished alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.gui.inspector.inspector import Inspector
from studio.gui.library.library import Library
from studio.gui.page import Page
from studio.gui.picture.anatomy.page import AnatomyPage
from studio.gui.picture.branch_pane import BranchPane
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.picture.grid_page import GridPage
from studio.gui.picture.insight_pane import InsightPane
from studio.gui.picture.race_page import RacePage
from studio.gui.shell import docks, keys
from studio.gui.shell.computing import ComputingStatus
from studio.gui.shell.drops import leave_to_window
from studio.gui.shell.gallery import GalleryPane
from studio.gui.shell.late import Late
from studio.gui.shell.lesson_pane import LessonPane
from studio.gui.shell.lessons import DOCK as LESSON
from studio.gui.shell.lessons import Lessons
from studio.gui.shell.log_panel import LogPanel
from studio.gui.shell.logbook import TITLE as LOG
from studio.gui.shell.results import TITLE as GALLERY
from studio.gui.shell.results import Results
from studio.gui.shell.start_page import StartPage
from studio.gui.shell.symbols import TITLE as SYMBOLS
from studio.gui.shell.symbols import OwnSymbols
from studio.gui.shell.telling_window import TellingWindow
from studio.gui.shell.trainings import TITLE as TRAINING
from studio.gui.shell.trainings import Trainings
from studio.gui.shell.window_pages import WindowPages
from studio.gui.sound.sound_page import SoundPage
from studio.gui.sound.takes_page import TakesPage
from studio.gui.training.dock import TrainingDock
from studio.gui.training.laboratory.page import LaboratoryPage
from studio.gui.widgets import translation
from studio.gui.widgets.scrolling import Pages, scrolled

BRANCHES, INSIGHT = "Branches", "Insight"  # docks


class WindowParts(TellingWindow):
    """pages: one at a time, over which messages lie. library, inspector: in their docks from the
    first. trainings, results, symbols, lessons: each has the pane of a dock."""

    pages: WindowPages
    library: Library
    inspector: Inspector
    trainings: Trainings
    results: Results
    symbols: OwnSymbols
    lessons: Lessons
    computing: ComputingStatus

    def put_together(self) -> None:
        """The pages in the middle, the docks round them, and the status bar below."""
        centre = self.centre = _Centre(self.pages)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        self.messages.lie_over(centre, self.pages.looked_at)
        self.setCentralWidget(centre)
        self._branches, self._insight = Late(self._make_branches), Late(self._make_insight)
        self.docks = docks.add_to(
            self,
            ("Library", self.library, docks.LEFT),
            (LESSON, lambda: self.lessons.pane, docks.LEFT),
            (BRANCHES, self._branches, docks.LEFT),
            ("Inspector", scrolled(self.inspector), docks.RIGHT),
            (INSIGHT, self._insight, docks.RIGHT),
            (TRAINING, self.trainings.pane, docks.BOTTOM),
            (SYMBOLS, lambda: self.symbols.pane, docks.BOTTOM),
            (LOG, self.logbook.pane, docks.BOTTOM),
            (GALLERY, self.results.pane, docks.BOTTOM),
        )
        self.fill_status_bar(self.computing, self.trainings.status)

    # ---- what is made later ----------------------------------------------------------------------

    def put_into_dock(self, title: str, pane: QWidget, scrolls: bool = False) -> None:
        """What is seen in a dock, which was made just now."""
        self.docks[title].setWidget(scrolled(pane) if scrolls else pane)
        self.furnish(pane)

    def furnish(self, part: QWidget) -> None:
        """What every part of the window has: words in the person's language, the keys that they
        want, and no ear for files, which are for all of the window."""
        translation.translate(part)
        keys.apply(part)
        leave_to_window(part)

    def make_all(self) -> None:
        """Have everything that is otherwise made when it is first shown: somebody looks for what is
        anywhere in the window."""
        for _ in self.making():
            pass

    def making(self) -> Iterator[None]:
        """Makes it, a part at a time."""
        yield from self.pages.making()
        for dock in self.docks.values():
            if dock.widget() is None:
                dock.fill()
                yield

    def show_dock(self, title: str) -> None:
        """Have a dock seen, and what is in it."""
        self.docks[title].show()
        self.docks[title].raise_()

    def _make_branches(self) -> BranchPane:
        page = self.drawing_page
        pane = BranchPane(page.branching, page.branch_here)
        self.put_into_dock(BRANCHES, pane)
        return pane

    def _make_insight(self) -> InsightPane:
        pane = InsightPane(self.session, self.drawing_page.stage)
        self.put_into_dock(INSIGHT, pane)
        return pane

    # ---- by name: each is there once it is asked for ---------------------------------------------

    @property
    def start_page(self) -> StartPage:
        return self.pages.start

    @property
    def drawing_page(self) -> DrawingPage:
        return self.pages.drawing

    @property
    def sound_page(self) -> SoundPage:
        return self.pages.of(SoundPage)

    @property
    def grid_page(self) -> GridPage:
        return self.pages.of(GridPage)

    @property
    def takes_page(self) -> TakesPage:
        return self.pages.of(TakesPage)

    @property
    def race_page(self) -> RacePage:
        return self.pages.of(RacePage)

    @property
    def anatomy_page(self) -> AnatomyPage:
        return self.pages.of(AnatomyPage)

    @property
    def laboratory(self) -> LaboratoryPage:
        return self.pages.of(LaboratoryPage)

    @property
    def page(self) -> Page:
        """Where the model in use is seen at work."""
        return self.pages.of_model

    @property
    def training(self) -> TrainingDock:
        return self.trainings.pane()

    @property
    def gallery(self) -> GalleryPane:
        return self.results.pane()

    @property
    def log(self) -> LogPanel:
        return self.logbook.pane()

    @property
    def lesson_pane(self) -> LessonPane:
        return self.lessons.pane

    @property
    def branch_pane(self) -> BranchPane:
        return self._branches()

    @property
    def insight_pane(self) -> InsightPane:
        return self._insight()


class _Centre(QWidget):
    """Given the keys as a whole, it gives them to the page that is seen."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self._pages = pages

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        page = self._pages.currentWidget()
        if isinstance(page, Page):
            page.take_focus()
