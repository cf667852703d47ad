"""How the page of pictures shows a scene, so that a scene brings it back: overlay, speed, and the
picture that is chosen, large or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject

from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights import insights
from studio.engine.scenes.drawing import ENLARGED
from studio.engine.scenes.scene import Scene
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.stage import Stage
from studio.gui.picture.transport import Transport

_FASTEST = 1e9  # pixels a second
_MOST_CHOICES = 10_000  # of an insight, in one thing


class RecalledPictures(QObject):
    """Takes part in the session's scenes for the stage and its transport."""

    def __init__(self, drawing: Drawing, stage: Stage, transport: Transport) -> None:
        super().__init__(stage)
        self._stage, self._transport = stage, transport
        self._wanted: tuple[int, bool] | None = None  # to be chosen, and whether large
        scenes = drawing.session.scenes
        scenes.take_part("overlay", lambda: stage.overlay, self._show_overlay)
        scenes.take_part("insight", lambda: dict(stage.choices), self._show_choices)
        scenes.take_part("speed", lambda: drawing.speed, self._show_speed)
        scenes.take_part(ENLARGED, lambda: stage.choice.large, lambda large: None)
        for signal in (
            stage.overlay_changed,
            stage.choices_changed,
            stage.chosen,
            transport.speed_chosen,
        ):
            signal.connect(scenes.changed)
        scenes.shown.connect(self._shown)
        drawing.snapshot.connect(self._choose)
        drawing.session.model_changed.connect(self._forget)

    def _show_overlay(self, name: object) -> None:
        if isinstance(name, str) and (name == "none" or name in insights()):
            self._stage.set_overlay(name)

    def _show_choices(self, choices: object) -> None:
        if not isinstance(choices, Mapping):
            return
        unchosen = dict.fromkeys(self._stage.choices, 0)  # then, but chosen since
        for name, number in {**unchosen, **choices}.items():
            if isinstance(name, str) and type(number) is int and 0 <= number < _MOST_CHOICES:
                self._stage.set_choice(name, number)

    def _show_speed(self, speed: object) -> None:
        if speed is None:
            self._transport.choose_speed(None)
        elif isinstance(speed, int | float) and 0 < speed < _FASTEST:
            self._transport.choose_speed(float(speed))

    def _shown(self, scene: Scene) -> None:
        self._forget()
        if scene.chosen is None:
            self._stage.choose(None)
        else:
            self._wanted = scene.chosen, scene.view.get(ENLARGED) is True

    def _choose(self, snapshot: Snapshot) -> None:
        """As soon as there are that many pictures."""
        if self._wanted is not None and self._wanted[0] < snapshot.count:
            (picture, large), self._wanted = self._wanted, None
            self._stage.choose(picture)
            self._stage.enlarge(large)

    def _forget(self) -> None:
        self._wanted = None


def scene_of(scene: Scene, snapshot: Snapshot, alone: int | None = None) -> Scene:
    """The scene of what a snapshot shows, for a file of it.

    scene: of the window now. alone: the picture that the file holds, None for all of them.
    """
    return replace(
        scene,
        options=snapshot.options,
        earlier=snapshot.earlier,
        position=snapshot.position,
        chosen=scene.chosen if alone is None else alone,
        view={**scene.view, ENLARGED: alone is not None},
    )
