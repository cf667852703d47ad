"""`Watching`: the thread that reads what the laboratory shows. No file of a run is read anywhere
else: it may lie on a slow or a shared disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from studio.engine.checkpoints.places import is_run, run_folders
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import written_at
from studio.engine.training.queue import Entry, Queue
from studio.engine.training.watching_runs import RUNNING, RunView
from studio.gui.training.laboratory.seen import Seen, Sight, seen

LOOK_SECONDS = 0.5  # between two looks at the runs and the queue
_LIST_SECONDS = 3.0  # between two looks for new runs
_PICTURES = 64  # that are kept in memory


@dataclass(frozen=True)
class Wanted:
    """chosen: the folders of the runs whose curves and samples are shown; epoch: of the samples,
    None for the latest of each."""

    chosen: tuple[Path, ...] = ()
    epoch: int | None = None


class Watching(Actor[Sight]):
    """mailbox: a `Sight`, whenever something of it is new; what of it is the same as before is the
    same object."""

    latest_only = frozenset({"show"})

    def __init__(self) -> None:
        super().__init__("watching runs")
        self._wanted = Wanted()
        self._order: list[Path] = []  # of the runs, the newest first
        self._opened: list[Path] = []  # those from elsewhere
        self._views: dict[Path, RunView] = {}
        self._seen: dict[Path, Seen] = {}
        self._pictures: dict[Path, tuple[float, QImage]] = {}  # and when each was written
        self._queue: tuple[Entry, ...] = ()
        self._working = False
        self._sight = Sight()
        self._listed = self._looked = float("-inf")
        self._resting = False
        self.start()

    # ---- from any thread -------------------------------------------------------------------------

    def show(self, wanted: Wanted) -> None:
        """Other runs, or another epoch."""
        self._post("show", lambda: self._want(wanted))

    def rest(self, resting: bool) -> None:
        """Whether nobody looks, so that there is nothing to read."""
        self._post("rest", lambda: self._rest(resting))

    def open(self, folder: Path) -> None:
        """A run that lies elsewhere is listed too, or all runs in a folder; one with none is a
        failure."""
        self._post("open", lambda: self._open(folder))

    def look(self) -> None:
        """Look now: something was done to the runs."""
        self._post("look", self._at_once)

    def with_queue(self, do: Callable[[Queue], object]) -> None:
        """Do something with the queue: add to it, move or remove an entry."""
        self._post("queue", lambda: self._do(do))

    # ---- the thread ------------------------------------------------------------------------------

    def _want(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._looked = float("-inf")

    def _rest(self, resting: bool) -> None:
        self._resting = resting
        if not resting:
            self._at_once()

    def _at_once(self) -> None:
        self._listed = self._looked = float("-inf")

    def _open(self, folder: Path) -> None:
        found = [folder] if is_run(folder) else run_folders(folder)
        if not found:
            raise StudioError(
                f'"{folder.name}" is not the folder of a run: choose one with a config.json.'
            )
        self._opened = [*found, *(one for one in self._opened if one not in found)]
        self._at_once()

    def _do(self, do: Callable[[Queue], object]) -> None:
        do(Queue())
        self._looked = float("-inf")

    def _patience(self, now: float) -> float | None:
        return None if self._resting else max(0.0, self._looked + LOOK_SECONDS - now)

    def _advance(self) -> None:
        now = time.monotonic()
        if self._resting or now < self._looked + LOOK_SECONDS:
            return
        self._looked = now
        if all_of_them := now >= self._listed + _LIST_SECONDS:
            self._listed = now
            self._list()
        for folder in self._order:
            # what nobody looks at and nobody trains seldom changes
            before = self._seen.get(folder)
            seldom = before is not None and not before.chosen and before.state != RUNNING
            if all_of_them or not seldom or folder in self._wanted.chosen:
                self._look_at(folder)
        self._look_at_queue()

    def _list(self) -> None:
        """Runs keep their places, so that nothing jumps; new ones come first."""
        there = [*self._opened, *(one for one in run_folders() if one not in self._opened)]
        new = [folder for folder in there if folder not in self._order]
        self._order = [*new, *(folder for folder in self._order if folder in there)]
        for gone in self._seen.keys() - set(there):
            del self._seen[gone], self._views[gone]

    def _look_at(self, folder: Path) -> None:
        if folder not in self._views:
            self._views[folder] = RunView(folder)
        view = self._views[folder]
        changed = view.refresh()
        chosen, before = folder in self._wanted.chosen, self._seen.get(folder)
        if changed or before is None or before.chosen != chosen:
            self._seen[folder] = seen(view, chosen)

    def _look_at_queue(self) -> None:
        queue = Queue()
        self._queue, self._working = tuple(queue.entries()), queue.worked_off

    def _show(self) -> None:
        runs = tuple(self._seen[folder] for folder in self._order if folder in self._seen)
        sight = Sight(runs, self._pictures_of(runs), self._queue, self._working)
        if self._is_new(sight):
            self._sight = sight
            self.mailbox.put(sight)

    def _is_new(self, sight: Sight) -> bool:
        old = self._sight
        same = len(sight.runs) == len(old.runs) and all(map(_is, sight.runs, old.runs))
        return (
            not same
            or sight.pictures != old.pictures
            or (sight.queue, sight.working)
            != (
                old.queue,
                old.working,
            )
        )

    def _pictures_of(self, runs: tuple[Seen, ...]) -> dict[Path, tuple[int, QImage]]:
        """What each chosen run made after the epoch that is wanted, or else after its latest."""
        found = {}
        for run in runs:
            if run.folder in self._wanted.chosen and run.samples:
                wanted = self._wanted.epoch
                epoch = max(run.samples) if wanted is None else wanted
                if epoch in run.samples and not (image := self._read(run.samples[epoch])).isNull():
                    found[run.folder] = epoch, image
        return found

    def _read(self, path: Path) -> QImage:
        written = written_at(path)  # a long epoch is looked at several times, and its file replaced
        kept = self._pictures.get(path)
        if kept is not None and kept[0] == written:
            return kept[1]
        if not (image := QImage(str(path))).isNull():  # it may be written just now
            while len(self._pictures) >= _PICTURES:
                del self._pictures[next(iter(self._pictures))]
            self._pictures[path] = written, image
        return image

    def _cancelled(self) -> None:
        pass

    def _failed(self, refused: bool) -> None:
        pass

    def _let_go(self) -> None:
        self._views.clear()
        self._pictures.clear()


def _is(one: object, other: object) -> bool:
    return one is other
