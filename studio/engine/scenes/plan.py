"""`Plan`: the scenes of a grid, and how they are laid out and called."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axes import MOST, Axis
from studio.engine.scenes.scene import Scene

_A_ROW = 4  # scenes that stand in one row where nothing says how


@dataclass(frozen=True, eq=False)
class Plan:
    """scenes: row by row. titles: of each.
    columns: how many stand side by side.
    across, down: headings of the columns and of the rows; () where each scene has its title.
    """

    scenes: tuple[Scene, ...]
    titles: tuple[str, ...]
    columns: int
    across: tuple[str, ...] = ()
    down: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return math.ceil(len(self.scenes) / self.columns)


def plan_of(scene: Scene, across: Axis, down: Axis | None = None) -> Plan:
    """What comes of one scene and an axis, or two: all have the same seed, and so the same noise,
    unless that is the axis. StudioError, one sentence, unless they are 2 to 16.

    Each begins at its beginning: what position the scene is at, and which picture was chosen, is
    left out.
    """
    scene = replace(scene, position=None, chosen=None, title="")
    if down is None:
        _check_count(len(across.values))
        return listed(across.on(scene), across.labels)
    if down.field is across.field:
        raise StudioError(f"Both axes are “{across.field.title}”: choose two different ones.")
    _check_count(len(across.values) * len(down.values))
    scenes = [each for row in down.on(scene) for each in across.on(row)]
    titles = [f"{column}, {row}" for row in down.labels for column in across.labels]
    return Plan(
        tuple(map(replace_title, scenes, titles)),
        tuple(titles),
        len(across.values),
        across.labels,
        down.labels,
    )


def listed(scenes: Sequence[Scene], titles: Sequence[str] = ()) -> Plan:
    """A grid of any scenes, such as branches. titles: of each; theirs, where there are none."""
    _check_count(len(scenes))
    if not titles:
        titles = [scene.title or f"Scene {index + 1}" for index, scene in enumerate(scenes)]
    count = len(scenes)
    columns = count if count <= _A_ROW else math.ceil(math.sqrt(count))
    return Plan(tuple(map(replace_title, scenes, titles)), tuple(titles), columns)


def replace_title(scene: Scene, title: str) -> Scene:
    """The same scene, called otherwise."""
    return replace(scene, title=title)


def _check_count(count: int) -> None:
    if not 2 <= count <= MOST:
        raise StudioError(f"A grid has 2 to {MOST} scenes, and these would be {count}.")
