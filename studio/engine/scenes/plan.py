"""`Plan`: the scenes of a grid, and how they are laid out and called."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axes import Axis
from studio.engine.scenes.axis_names import MOST
from studio.engine.scenes.document import as_document, from_document
from studio.engine.scenes.scene import Scene

_FIELD = "grid"  # of the document of a scene that is the first of several
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

    @property
    def as_scene(self) -> Scene:
        """One scene that a file can carry: the first, and the whole grid in a field of its own, by
        which `plan_in` finds it again."""
        first, *others = (_alone(scene) for scene in self.scenes)
        grid = {
            "columns": self.columns,
            "across": list(self.across),
            "down": list(self.down),
            "others": [as_document(scene) for scene in others],
        }
        return replace(first, unknown={**first.unknown, _FIELD: grid})


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


def plan_in(scene: Scene) -> Plan | None:
    """The grid of which a scene is the first; None where it is of none. StudioError, one sentence,
    where what it says of it is not what it should be."""
    found = scene.unknown.get(_FIELD)
    if found is None:
        return None
    wrong = StudioError("The scene cannot be read: its grid is not what it should be.")
    if not isinstance(found, dict):
        raise wrong
    columns, others = found.get("columns"), found.get("others")
    across, down = found.get("across", []), found.get("down", [])
    texts = isinstance(across, list) and isinstance(down, list)
    if not texts or not all(isinstance(text, str) for text in (*across, *down)):
        raise wrong
    if not isinstance(columns, int) or not isinstance(others, list) or len(others) >= MOST:
        raise wrong
    scenes = [_alone(scene), *(_alone(from_document(one)) for one in others)]
    plan = listed(scenes)
    rows = math.ceil(len(scenes) / columns) if 1 <= columns <= len(scenes) else 0
    if not rows or (across and len(across) != columns) or (down and len(down) != rows):
        raise wrong
    return replace(plan, columns=columns, across=tuple(across), down=tuple(down))


def _alone(scene: Scene) -> Scene:
    """Without the grid that it was in."""
    kept = {name: value for name, value in scene.unknown.items() if name != _FIELD}
    return replace(scene, unknown=kept)
