"""The pages of the window, of which one is seen at a time, and the ways from one to another.

The start page and the stage of pictures are there from the first. Every other page is made when it
is first shown, or when something on it is asked for, so that the window need not wait for what is
not seen yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from PySide6.QtCore import QPoint, QRect

from studio.engine.runtime.by_name import by_name
from studio.engine.scenes.plan import Plan
from studio.engine.scenes.scene import Scene
from studio.gui import kinds
from studio.gui.page import Page
from studio.gui.picture.anatomy.page import AnatomyPage
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.picture.grid_page import GridPage
from studio.gui.picture.race_page import RacePage
from studio.gui.shell.start_page import StartPage
from studio.gui.sound.takes_page import TakesPage
from studio.gui.training.laboratory.page import LaboratoryPage
from studio.gui.widgets.scrolling import Pages

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

P = TypeVar("P", bound=Page)
_COMPARING = (GridPage, TakesPage, RacePage)
_BESIDE = (*_COMPARING, AnatomyPage, LaboratoryPage)  # the stages


class WindowPages(Pages):
    """start, drawing: those that are there from the first. stages: the class of a page for every
    kind of model; some kinds have the same."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window, self._session = window, window.session
        self.start = StartPage()
        self.drawing = DrawingPage(self._session)
        found: list[type[Page]] = [by_name(kind.page) for kind in kinds.KINDS.values()]
        self.stages = tuple(dict.fromkeys(found))
        self._made: dict[type[Page], Page] = {DrawingPage: self.drawing}
        for page in (self.start, self.drawing):
            self.addWidget(page)

    # ---- making them -----------------------------------------------------------------------------

    def of(self, kind: type[P]) -> P:
        """The page of that class, made when it is first asked for."""
        if kind not in self._made:
            page = self._made[kind] = self._make(kind)
            self.addWidget(page)
            if kind in self.stages:  # a key works where a widget that has it is seen
                page.addActions(self._window.inspector.class_keys)
            self.connect_with_window(page)
            self._window.furnish(page)
        return cast(P, self._made[kind])

    def there(self, kind: type[P]) -> P | None:
        """The same, None where nobody has asked for it."""
        return cast("P | None", self._made.get(kind))

    @property
    def made(self) -> list[Page]:
        """Those that are there by now."""
        return [*self._made.values()]

    def making(self) -> Iterator[None]:
        """Makes every page, one at a time."""
        for kind in (*self.stages, *_BESIDE):
            if kind not in self._made:
                self.of(kind)
                yield

    def close_down(self) -> None:
        """The window closes."""
        for page in self.made:
            page.close_down()

    def _make(self, kind: type[Page]) -> Page:
        window = self._window
        if kind is GridPage:
            grid = GridPage(self._session, self.drawing.drawing)
            grid.stage_wanted.connect(self.show_stage)
            return grid
        page = kind(self._session)
        if isinstance(page, AnatomyPage):
            page.stage_wanted.connect(self.show_stage)
            page.step_wanted.connect(self.step)
        elif isinstance(page, LaboratoryPage):
            page.checkpoint_wanted.connect(window.load)
            page.form_wanted.connect(window.trainings.duplicate)
            page.sweep_wanted.connect(window.trainings.ask_for_sweep)
            page.trains = lambda: window.trainings.running is not None
            window.trainings.ended.connect(page.training_over)
        return page

    def connect_with_window(self, page: Page) -> None:
        """What any page has to say."""
        window = self._window
        page.message.connect(window.tell)
        page.offered.connect(window.offer)
        page.saved.connect(window.results.take_in)
        page.done.connect(window.say_done)
        page.failed.connect(window.complain)
        page.wanted.connect(self.show_stage)
        page.scene_pasted.connect(window.recalling.open_text)

    # ---- which one -------------------------------------------------------------------------------

    @property
    def of_model(self) -> Page:
        """Where the model in use is seen at work."""
        return self.of(by_name(kinds.of(self._session).page))

    @property
    def playing(self) -> Page:
        """What the keys of playing are for: the page of the model, unless scenes are compared."""
        shown = self.currentWidget()
        return shown if isinstance(shown, _COMPARING) else self.of_model

    def for_files(self) -> Iterator[Page]:
        """Those that may take a file, the one of the model in use first; one after the other, for
        only what is looked at has to be there."""
        yield self.of_model
        for kind in self.stages:
            yield self.of(kind)

    def kept(self) -> dict[str, int]:
        """Bytes that the stages hold, by what they are for."""
        return {what: size for page in self.made for what, size in page.kept.items()}

    def looked_at(self) -> list[QRect]:
        """What of the page that is seen messages should not cover, in the coordinates of the
        stack's parent."""
        page, above = self.currentWidget(), self.parentWidget()
        if not isinstance(page, Page) or above is None:
            return []
        corner = page.mapTo(above, QPoint())
        return [part.translated(corner) for part in page.looked_at()]

    # ---- going to one ----------------------------------------------------------------------------

    def go_to(self, page: Page) -> None:
        """Show it; the keys are for what is on it."""
        self.setCurrentWidget(page)
        page.take_focus()

    def show_start(self) -> None:
        """The page that the window opens with."""
        self.setCurrentWidget(self.start)

    def show_stage(self) -> None:
        """The page for what the model makes."""
        self.go_to(self.of_model)

    def follow_model(self) -> None:
        """Another model is in use: its stage is shown, unless something is looked at that is about
        any."""
        stage = self.of_model  # there from now on, so that it hears what the model makes
        if not isinstance(self.currentWidget(), StartPage | AnatomyPage | LaboratoryPage):
            self.go_to(stage)

    def compare(self) -> None:
        """Several scenes beside each other, beginning with what is on the stage."""
        kind = self._session.kind
        page = self.of(GridPage) if kind is None or kind.film else self.of(TakesPage)
        self.go_to(page)
        page.open()

    def compare_scenes(self, scenes: Sequence[Scene]) -> None:
        """These, 2 to 16 of them, such as branches."""
        page = self.of(GridPage)
        self.go_to(page)
        page.show_scenes(scenes)

    def compare_plan(self, plan: Plan) -> None:
        """Those of a sheet, with its headings."""
        page = self.of(GridPage)
        self.go_to(page)
        page.show_plan(plan)

    def show_race(self) -> None:
        """Why drawing is slow or fast."""
        self.go_to(self.of(RacePage))

    def show_anatomy(self) -> None:
        """The network of the model in use, as figures."""
        self.go_to(self.of(AnatomyPage))

    def show_laboratory(self) -> None:
        """Several trainings compared, and what is still to be trained."""
        self.go_to(self.of(LaboratoryPage))

    def watch_run(self, folder: Path) -> None:
        """A run in the laboratory, wherever it is trained."""
        self.show_laboratory()
        self.of(LaboratoryPage).watch(folder)

    # ---- of scenes -------------------------------------------------------------------------------

    def name_now(self) -> str:
        """Of the page that is seen, as scenes have it."""
        return "start" if self.currentWidget() is self.start else "stage"

    def show_named(self, name: object) -> None:
        """What a scene was seen on."""
        if name == "start":
            self.show_start()
        elif name == "stage":
            self.show_stage()

    # ---- playing ---------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play, or pause."""
        self.playing.toggle()

    def step(self, count: int) -> None:
        """Go on by so many sites, or back."""
        self.playing.step(count)

    def finish(self) -> None:
        """Make all of it at once."""
        self.playing.finish()

    def restart(self) -> None:
        """Back to the beginning."""
        self.playing.restart()
