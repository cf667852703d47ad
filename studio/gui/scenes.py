"""`Scenes`: what the window shows now as a `Scene`, and back. Everything that brings a moment back
goes through here: a recall, the next start, a branch, a step of a lesson.

A part of the window that has something to say of how it shows things takes part under a name: it
says what there is now, and shows what there was (`take_part`). What nobody takes part in any more
is kept as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.painting import Painting
from studio.engine.generation.changes import Change
from studio.engine.generation.live import TakesChanges
from studio.engine.generation.snapshot import Snapshot
from studio.engine.scenes.references import Found, find, reference_to
from studio.engine.scenes.scene import ModelReference, Scene, Sound

if TYPE_CHECKING:
    from studio.gui.session import Session

_OTHER_SIZE = "What was painted is for pictures of another size than this model draws."


class Scenes(QObject):
    """Belongs to a session, as `session.scenes`.

    changes: values of the drawing that were changed by hand.
    besides: gives checkpoints to look for a model in, beside those of the library.
    Signals: shown(Scene), when the window shows one that was asked for; told(sentence), about what
    is different; changed(), when something that is part of a scene has changed.
    """

    shown = Signal(object)
    told = Signal(str)
    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._parts: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {}
        self._sound: tuple[Callable[[], Sound | None], Callable[[Sound], object]] | None
        self._sound = None
        self._kept: Mapping[str, Any] = {}  # of the view, what no part asks for
        self._kept_unknown: Mapping[str, Any] = {}
        self.title = ""
        self.changes: tuple[Change, ...] = ()
        self.besides: Callable[[], list[Path]] = list
        self._reference: tuple[Path, ModelReference] | None = None
        self._seed = session.options.seed  # that the changes are for
        session.options_changed.connect(self._forget_for_other_noise)
        session.model_changed.connect(self._forget)
        for signal in (session.options_changed, session.painting_changed, session.model_changed):
            signal.connect(self.changed)

    def take_part(self, name: str, now: Callable[[], Any], show: Callable[[Any], object]) -> None:
        """now: something that JSON can hold. show: is given what `now` gave once, or whatever a
        file says, which it checks; it is not called where a scene says nothing."""
        self._parts[name] = now, show

    def take_sound(self, now: Callable[[], Sound | None], show: Callable[[Sound], object]) -> None:
        """The same for what a scene of sound has besides."""
        self._sound = now, show

    def _forget_for_other_noise(self) -> None:
        if self._session.options.seed != self._seed:
            self._seed = self._session.options.seed
            self.change(())

    def _forget(self) -> None:
        """Another model's drawings are others."""
        self.changes = ()
        self.title = ""

    # ---- what is shown now -----------------------------------------------------------------------

    def now(self) -> Scene | None:
        """None before there is a model. It costs little: nothing is computed, nor read."""
        session = self._session
        if session.checkpoint is None or session.kind is None:
            return None
        latest, painting = session.latest, session.painting
        pictures = isinstance(latest, Snapshot)
        evidence = None
        if pictures and painting is not None and not painting.empty:
            evidence = Evidence(painting.values.copy(), painting.known.copy())
        return Scene(
            model=self.reference,
            options=session.options,
            evidence=evidence,
            changes=self.changes if pictures else (),
            earlier=latest.earlier if pictures else (),
            position=None if latest is None else getattr(latest, "position", None),
            chosen=latest.chosen if pictures else None,
            sound=None if pictures or self._sound is None else self._sound[0](),
            view={**self._kept, **{name: now() for name, (now, _) in self._parts.items()}},
            title=self.title,
            unknown=self._kept_unknown,
        )

    @property
    def reference(self) -> ModelReference:
        """To the model in use. The session has found its fingerprint while it was loaded."""
        checkpoint = self._session.checkpoint
        assert checkpoint is not None
        if self._reference is None or self._reference[0] != checkpoint:
            self._reference = checkpoint, reference_to(checkpoint)
        return self._reference[1]

    # ---- another one -----------------------------------------------------------------------------

    def show(self, scene: Scene, then: Callable[[], object] | None = None) -> None:
        """Its model is looked for and loaded where it is another one; then all the rest, and
        `then`. Where the model is missing, or is another one now, `told` says so, and everything
        else is shown as far as it fits. Nothing is shown where another model was asked for while
        this one was looked for."""
        besides = self.besides()
        session = self._session
        turn = session.take_turn()
        if session.checkpoint is not None and self.reference == scene.model:
            self._show(scene, Found(session.checkpoint), then)
            return
        session.work(
            "Looking for the model…",
            lambda job: find(scene.model, besides),
            lambda found: self._load(scene, found, then, turn),
        )

    def _load(
        self, scene: Scene, found: Found, then: Callable[[], object] | None, turn: int
    ) -> None:
        session = self._session
        if not session.wanted(turn):
            return
        if found.checkpoint is None or found.checkpoint == session.checkpoint:
            self._show(scene, found, then)
        else:
            session.load(found.checkpoint, lambda: self._show(scene, found, then), turn)

    def _show(self, scene: Scene, found: Found, then: Callable[[], object] | None) -> None:
        session = self._session
        if session.model is None:
            session.when_loaded(lambda: self._show(scene, found, then))
            return
        session.cancel()
        self.title, self._kept_unknown = scene.title, scene.unknown
        self._kept = {key: part for key, part in scene.view.items() if key not in self._parts}
        session.take_options(scene.options)
        sentences = [found.sentence, self._show_painting(scene.evidence)]
        self.change(scene.changes)
        for name, (_, show) in self._parts.items():
            if name in scene.view:
                show(scene.view[name])
        if self._sound is not None and scene.sound is not None and session.model.spec.sites is None:
            self._sound[1](scene.sound)
        player = session.player
        if isinstance(player, TakesChanges):
            player.set_changes(scene.changes, scene.earlier)
            player.run_to(scene.position)
            session.look()
        if said := " ".join(filter(None, sentences)):
            self.told.emit(said)
        self.shown.emit(scene)
        if then is not None:
            then()

    def _show_painting(self, evidence: Evidence | None) -> str:
        """A sentence where it does not fit."""
        painting = self._session.painting
        if evidence is None:
            if painting is not None and not painting.empty:
                self._session.edit(Painting.clear)
            return ""
        if painting is None or evidence.values.shape != painting.values.shape:
            return _OTHER_SIZE
        self._session.edit(lambda own: own.replace(evidence.values, evidence.known))
        return ""

    def change(self, changes: tuple[Change, ...]) -> None:
        """Other values changed by hand."""
        if changes == self.changes:
            return
        self.changes = changes
        player = self._session.player
        if isinstance(player, TakesChanges):
            player.set_changes(changes)
            self._session.look()
        self.changed.emit()


def with_changes(scene: Scene, *changes: Change) -> Scene:
    """The same scene with further values changed by hand; one that was changed before is changed
    again."""
    new = {(change.picture, change.site): change for change in (*scene.changes, *changes)}
    return replace(scene, changes=tuple(new.values()))
