"""`Branching`: values of a drawing that the person sets by hand, and the tree of what came of it.

What was drawn before a change stays in the tree, as far as it was drawn, and the change is a branch
of it. So is another temperature, top-k or top-p in the middle of a drawing that rests. Several
changes in a row, with nothing drawn after them, are one branch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.editing.painting import Ink, Site
from studio.engine.editing.patches import in_pixels, whole
from studio.engine.generation.changes import Change
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.engine.generation.stretches import but_sampling, changed_at
from studio.engine.insights.words import code_in_words, value_in_words
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.branches import Branch, Branches, same_drawing, thumbnail_of
from studio.engine.scenes.scene import Scene
from studio.gui.picture.drawing import Drawing
from studio.gui.scenes import with_changes

if TYPE_CHECKING:
    from models.interface import TwoStageModel

_GIVEN = "This {site} is given by you: erase it (E) before you change what is drawn there."
_NOT_YET = "This {site} is not drawn yet: let the model come to it, or paint it (B)."
_SAME = "This pixel has that value already: choose another ink."
_SAME_CODE = "No other code is nearer to this ink here: choose another ink."
_NOTHING = "Nothing is drawn or painted yet: there is nothing to keep as a branch."
_WAIT_MILLISECONDS = 100  # after a change, before it is looked for in the tree


class Branching(QObject):
    """tree: what there is.
    current: the number of the branch that is shown, None where what is shown is in none.
    Signals: changed(), of these two; message(sentence) and offered(sentence, what can be done about
    it, the function that does it), see `Page`; compare_wanted(list of scenes).
    """

    changed = Signal()
    message = Signal(str)
    offered = Signal(str, str, object)
    compare_wanted = Signal(object)

    def __init__(self, drawing: Drawing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tree = Branches()
        self.current: int | None = None
        self._drawing, self._session = drawing, drawing.session
        self._last: int | None = None  # branch that was shown
        self._furthest: Snapshot | None = None  # of the present drawing
        self._reached = -1  # where the changes of the last branch end, while nothing follows them
        self._grew_at: Snapshot | None = None  # the last moment that was branched off
        self._options = self._session.options
        self._full = False  # whether the person was told that the tree is
        self._soon = QTimer(self, singleShot=True, interval=_WAIT_MILLISECONDS)
        self._soon.timeout.connect(self._look)
        drawing.reading.connect(self._follow)
        self._session.options_changed.connect(self._hear_options)
        self._session.model_changed.connect(self._hear_model)
        self._session.scenes.changed.connect(self._wait)

    # ---- values set by hand ----------------------------------------------------------------------

    def change_pixel(self, picture: int, pixel: Site, ink: Ink) -> None:
        """Set a drawn pixel; of two levels it takes the other one, whatever the ink. Of codes, the
        patch in which it lies takes the code that is nearest to the ink."""
        snapshot, painting = self._drawing.latest, self._session.painting
        if snapshot is None or painting is None or snapshot.captions or picture >= snapshot.count:
            return
        site = snapshot.site_at(*pixel)
        if whole(painting.known, snapshot.patch)[site]:
            self.message.emit(_GIVEN.format(site=snapshot.site))
            return
        if snapshot.rank_of(*site) >= snapshot.position:
            self.message.emit(_NOT_YET.format(site=snapshot.site))
            return
        if snapshot.decoded is not None:
            self._change_code(snapshot, picture, site, ink)
            return
        present = tuple(snapshot.values[picture, :, *site].tolist())
        values: tuple[int, ...]
        if painting.levels == 2 and len(present) == 1:
            values = (1 - present[0],)
        else:
            values = ink if isinstance(ink, tuple) else (ink or 0,) * len(present)
        if values == present:
            self.message.emit(_SAME)
            return
        self._set(snapshot, picture, site, values)

    def _change_code(self, snapshot: Snapshot, picture: int, site: Site, ink: Ink) -> None:
        """Which code it is, the model says, in a thread."""
        model, channels = self._session.model, snapshot.pictures.shape[1]
        levels = ink if isinstance(ink, tuple) else (ink or 0,) * channels
        there = np.isin(np.arange(snapshot.length), snapshot.order[: snapshot.position])
        known = there.reshape(snapshot.values.shape[2:])
        if snapshot.known is not None:
            known |= snapshot.known

        def find() -> int:
            from studio.engine.generation.decoding import code_nearest

            coded = cast("TwoStageModel", model)
            return code_nearest(coded, snapshot.values[picture], known, site, levels)

        def take(code: int) -> None:
            latest, position = self._drawing.latest, snapshot.position
            if latest is None or latest.position < position or not _alike(snapshot, latest):
                return  # something else is drawn by now
            if code == snapshot.values[(picture, 0, *site)]:
                self.message.emit(_SAME_CODE)
            else:
                self._set(latest, picture, site, (code,))

        self._session.work("Looking for the code…", lambda job: find(), take)

    def take_next(self, channel: int, level: int) -> None:
        """Give the next pixel of the picture that is shown a value; what is not named of a colour
        becomes what is shown to come beside it, or else what is most probable."""
        snapshot = self._drawing.latest
        if snapshot is None or snapshot.next_site is None or snapshot.probabilities is None:
            return
        if snapshot.known is not None and snapshot.known[snapshot.next_site]:
            self.message.emit(_GIVEN.format(site=snapshot.site))
            return
        coming = None if snapshot.upcoming is None else snapshot.upcoming.value
        values = list(coming or snapshot.probabilities.argmax(1).tolist())
        values[channel] = level
        self._set(snapshot, snapshot.shown, snapshot.next_site, tuple(values))

    def _set(self, snapshot: Snapshot, picture: int, site: Site, values: tuple[int, ...]) -> None:
        """What was finished is finished again; what was not stands behind the changed pixel."""
        before = self._present()
        if before is None:
            return
        playing, finished = self._drawing.playing, snapshot.position == snapshot.length
        rank = snapshot.rank_of(*site)
        after = with_changes(before, Change(picture, int(snapshot.order[rank]), values))
        levels = self._session.painting.levels if self._session.painting else 2
        coded = snapshot.decoded is not None
        value = code_in_words(values[0]) if coded else value_in_words(values, levels)
        note = f"Row {site[0]}, column {site[1]} set to {value}"
        if snapshot.count > 1:
            note = f"Picture {picture + 1}: {note[0].lower()}{note[1:]}"
        self._try(lambda: self._grow(before, after, snapshot, rank + 1, note))
        self._session.change_by_hand(after.changes)
        if finished:
            self._drawing.go_on()
        elif not playing:
            self._drawing.run_to(rank + 1)

    def _hear_model(self) -> None:
        self._options = self._session.options

    def _hear_options(self) -> None:
        """What goes on with other sampling is a branch, too."""
        before, self._options = self._options, self._session.options
        options, snapshot, scene = self._options, self._drawing.latest, self._present()
        if snapshot is None or scene is None or snapshot.playing:
            return
        if before.sampling == options.sampling:
            return
        position = snapshot.position
        goes_on = snapshot.start < position < snapshot.length
        others = {but_sampling(each) for each in (before, options, snapshot.options)}
        if not goes_on or len(others) > 1:
            return
        earlier = snapshot.earlier
        if self.current is not None and self.tree[self.current].scene.options == before:
            earlier = self.tree[self.current].scene.earlier  # the snapshot may be older
        old = replace(scene, options=before, earlier=earlier)
        earlier = changed_at(earlier, before.sampling, position, options.sampling)
        new = replace(scene, earlier=earlier)
        note = f"{snapshot.site.capitalize()} {position} on: {_sampling_in_words(options)}"
        self._try(lambda: self._grow(old, new, snapshot, position, note))

    # ---- the tree --------------------------------------------------------------------------------

    def branch_here(self) -> None:
        """Keep what is shown, as far as it is drawn."""
        self._full = False  # it was asked for: say it again
        scene, snapshot = self._present(), self._drawing.latest
        if scene is None or snapshot is None or snapshot.captions:
            return
        if not snapshot.position and scene.evidence is None:
            self.message.emit(_NOTHING)
            return

        def keep() -> None:
            found = self.tree.find(scene, self.current)
            parent = None if found is None else found.number
            note = f"Kept at {snapshot.site} {snapshot.position}"
            image = self._image(snapshot, scene)
            self._show_as(self.tree.add(scene, image, parent, note, snapshot.position, kept=True))

        self._try(keep)

    def show(self, number: int) -> None:
        """Bring a branch back, as far as it was drawn."""
        self._session.scenes.show(self.tree[number].scene)

    def play(self, number: int) -> None:
        """See a branch go its own way, from where it begins to."""
        branch = self.tree[number]
        position = branch.begins or 0
        self._session.scenes.show(replace(branch.scene, position=position), self._drawing.go_on)

    def rename(self, number: int, name: str) -> None:
        """Of one that is still there: it may have been deleted while its name was typed."""
        try:
            if number in self.tree:
                self.tree.rename(number, name)
        except StudioError as error:
            self.message.emit(str(error))
        self.changed.emit()

    def delete(self, numbers: list[int], with_those_below: bool) -> None:
        """It can be taken back as long as the message is seen."""
        numbers = [number for number in numbers if number in self.tree]
        if not numbers:
            return
        before, self.tree = self.tree, self.tree.copy()
        names = [self.tree[number].name for number in numbers]
        for number in numbers:
            if number in self.tree:
                self.tree.delete(number, with_those_below)
        self._look()
        self.changed.emit()
        gone = names[0] if len(names) == 1 else f"{len(names)} branches"
        self.offered.emit(f"Deleted {gone}.", "Undo", lambda: self.restore(before))

    def restore(self, tree: Branches) -> None:
        """Another tree: one that was kept."""
        self.tree = tree
        self._look()
        self.changed.emit()

    def compare(self, numbers: list[int]) -> None:
        branches = [self.tree[number] for number in numbers]
        self.compare_wanted.emit([replace(one.scene, title=one.name) for one in branches])

    def _try(self, do: Callable[[], object]) -> None:
        """Where the tree is full, which is said once, the rest goes on without it."""
        try:
            do()
            self._full = False
        except StudioError as error:
            if not self._full:
                self._full = True
                self.message.emit(str(error))

    def _grow(self, before: Scene, after: Scene, snapshot: Snapshot, there: int, note: str) -> None:
        """A branch of which `there` sites are there; what was before is in the tree, too."""
        current, begins = self.current, max(0, there - 1)
        untouched = snapshot is self._grew_at or snapshot.recorded <= self._reached
        after = replace(after, position=there)
        if current is not None and untouched and same_drawing(self.tree[current].scene, before):
            branch = self.tree[current]
            more = len(after.changes) - len(self._changes_of(branch.parent))
            branch = self.tree.update(
                current,
                scene=after,
                note=note if more < 2 else f"{more} {snapshot.sites} set by hand",
                begins=min(begins, branch.begins or begins),
            )
        else:
            parent = self._settled(before, snapshot)
            image = self._image(snapshot, after)
            branch = self.tree.add(after, image, parent.number, note, begins)
        self._reached, self._grew_at = there, snapshot
        self._furthest = None
        self._show_as(branch)

    def _changes_of(self, number: int | None) -> tuple[Change, ...]:
        return () if number is None or number not in self.tree else self.tree[number].scene.changes

    def _settled(self, scene: Scene, snapshot: Snapshot) -> Branch:
        """The branch of what is shown, with all that was drawn of it; a new one, where none is."""
        furthest = self._furthest
        if furthest is None or furthest.position < snapshot.position:
            furthest = snapshot
        scene = replace(scene, position=furthest.position)
        found = self.tree.find(scene, self.current)
        growing = self.tree.find(scene, self.current, growing=True)
        image = self._image(furthest, scene)
        if found is None or growing is None:
            parent = self._kin_of(scene) if found is None else found.number
            return self.tree.add(scene, image, parent)
        if furthest.position > (growing.scene.position or 0):
            growing = self.tree.update(growing.number, scene=scene, thumbnail=image)
        return found if found.kept else growing

    def _kin_of(self, scene: Scene) -> int | None:
        """The parent of the branch that was shown last, where only other values were set by hand in
        what is shown now."""
        if self._last is None or self._last not in self.tree:
            return None
        last = self.tree[self._last]
        alike = same_drawing(replace(last.scene, changes=()), replace(scene, changes=()))
        return last.parent if alike else None

    def _present(self) -> Scene | None:
        """What is shown now, without how the window shows it."""
        scene = self._session.scenes.now()
        if scene is None or self._drawing.latest is None:
            return None
        return replace(scene, view={}, unknown={})

    def _image(self, snapshot: Snapshot, scene: Scene) -> NDArray[np.uint8]:
        """Of the picture of a moment that was changed last, or is shown, as far as both go."""
        position = min(snapshot.position, scene.position or 0)
        there = snapshot.pixels_of(snapshot.order[:position])
        if snapshot.known is not None:
            there = there | in_pixels(snapshot.known, snapshot.patch)
        levels = self._session.painting.levels if self._session.painting else 2
        changed = [change.picture for change in scene.changes if change.picture < snapshot.count]
        picture = changed[-1] if changed else snapshot.shown
        return thumbnail_of(snapshot.pictures[picture], levels, there)

    # ---- what is shown ---------------------------------------------------------------------------

    def _show_as(self, branch: Branch) -> None:
        self.current = self._last = branch.number
        self.changed.emit()

    def _wait(self) -> None:
        if len(self.tree):
            self._soon.start()

    def _look(self) -> None:
        """Find out which branch is shown."""
        scene = self._present()
        found = None if scene is None else self.tree.find(scene, self._last)
        number = None if found is None else found.number
        if number is not None:
            self._last = number
        if number != self.current:
            self.current = number
            self.changed.emit()

    def _follow(self, snapshot: Snapshot) -> None:
        """Remember how far the present drawing has come, and bring its branch up to date when it
        rests."""
        session = self._session
        if snapshot.options != session.options or snapshot.changes != session.scenes.changes:
            return  # of a moment ago
        before = self._furthest
        if before is not None and not _alike(before, snapshot):
            before = None
        if before is None or snapshot.position >= before.position:
            self._furthest = snapshot
        if snapshot.position > self._reached:
            self._reached = -1
        if snapshot.playing or self.current is None or self.current not in self.tree:
            return
        branch, scene = self.tree[self.current], self._present()
        further = snapshot.position >= (branch.scene.position or 0)
        if further and not branch.kept and scene is not None and same_drawing(branch.scene, scene):
            scene = replace(branch.scene, position=snapshot.position)
            image = self._image(snapshot, scene)
            if np.array_equal(image, branch.thumbnail) and branch.scene.position == scene.position:
                return
            self._try(lambda: self.tree.update(branch.number, scene=scene, thumbnail=image))
            self.changed.emit()


def _sampling_in_words(options: SamplingOptions) -> str:
    parts = [f"temperature {options.temperature:g}"]
    if options.top_k:
        parts.append(f"top-k {options.top_k}")
    if options.top_p < 1:
        parts.append(f"top-p {options.top_p:g}")
    return ", ".join(parts)


def _alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether they are moments of one drawing."""
    return (
        one.options == other.options
        and one.changes == other.changes
        and one.earlier == other.earlier
        and one.values.shape == other.values.shape
        and (one.known is None) == (other.known is None)
        and (one.known is None or _given_alike(one, other, one.known))
    )


def _given_alike(one: Snapshot, other: Snapshot, known: NDArray[np.bool_]) -> bool:
    same = other.known is not None and np.array_equal(known, other.known)
    return same and np.array_equal(one.values[0][:, known], other.values[0][:, known])
