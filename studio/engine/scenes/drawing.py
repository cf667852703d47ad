"""A scene drawn again, without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.engine import kinds
from studio.engine.editing.beginnings import at_rate
from studio.engine.generation.player import Film
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.scene import Scene, Sound

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.audio.rendering import Rendering

SECONDS = 5.0  # of sound that are made where nothing says how many
ENLARGED = "enlarged"  # in the view: whether the chosen picture is shown alone


def _never() -> bool:
    return False


def film_of(scene: Scene, model: Model) -> Any:
    """What draws it, a `Film` at its beginning; StudioError, one sentence, where the scene does not
    fit the model."""
    kind = kinds.of(model)
    if not kind.film:
        raise StudioError(f"{model.name} makes sound, and this is about pictures.")
    film = kind.part("film")(model, scene.options, scene.evidence)
    if scene.changes or scene.earlier:
        film.set_changes(scene.changes, scene.earlier)
    return film


def end_of(scene: Scene, film: Film) -> int:
    """The position up to which it is drawn."""
    return film.length if scene.position is None else min(scene.position, film.length)


def picture_alone(scene: Scene) -> int | None:
    """The one of its pictures that is shown without the others; None for all of them."""
    chosen = scene.chosen
    fits = chosen is not None and chosen < scene.options.count
    return chosen if fits and scene.view.get(ENLARGED) is True else None


def drawn(scene: Scene, model: Model, interrupted: Callable[[], bool] = _never) -> Film:
    """The same, drawn up to the scene's position; all of it, where it has none."""
    film: Film = film_of(scene, model)
    film.step(max(0, end_of(scene, film) - film.position), interrupted)
    return film


def rendering_of(scene: Scene, model: Model, scored: bool = False) -> Rendering:
    """What makes its sound, at its beginning; StudioError, one sentence, where the scene does not
    fit the model.

    scored: see `Rendering`.
    """
    from studio.engine.audio.rendering import Rendering, as_audio_model

    model = as_audio_model(model)
    sound = scene.sound
    if sound is None:
        return Rendering(model, scene.options, scored=scored)
    beginning = sound.beginning
    if beginning is not None and sound.rate != model.sample_rate:
        beginning = at_rate(beginning, sound.rate, model.sample_rate)
    return Rendering(model, scene.options, beginning, sound.spectrogram, scored=scored)


def end_of_sound(scene: Scene, rendering: Rendering) -> int:
    """How many samples there are at its end: up to the scene's position, or else as long as it says
    after the beginning, and no more than a spectrogram has; all of that, where it says nothing."""
    if scene.position is not None and scene.position >= rendering.start:
        return scene.position
    seconds = 0.0 if scene.sound is None else scene.sound.seconds
    if rendering.length is not None and not seconds:
        return rendering.length
    end = rendering.start + round((seconds or SECONDS) * rendering.rate)
    return end if rendering.length is None else min(end, rendering.length)


def made_scene(scene: Scene, rendering: Rendering) -> Scene:
    """The scene of what a rendering has made by now."""
    sound = scene.sound or Sound()
    seconds = (rendering.position - rendering.start) / rendering.rate
    return replace(scene, position=rendering.position, sound=replace(sound, seconds=seconds))


def take_of(scene: Scene) -> int:
    """The take that is heard."""
    take = 0 if scene.sound is None else scene.sound.take
    return min(take, scene.options.count - 1)


def of_take(scene: Scene, take: int) -> Scene:
    """The same with another take heard."""
    return replace(scene, sound=replace(scene.sound or Sound(), take=take))
