"""A scene drawn again, without a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio.engine import kinds
from studio.engine.editing.beginnings import at_rate
from studio.engine.generation.player import Film
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.scene import Scene

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.audio.rendering import Rendering


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


def drawn(scene: Scene, model: Model, interrupted: Callable[[], bool] = _never) -> Film:
    """The same, drawn up to the scene's position; all of it, where it has none."""
    film: Film = film_of(scene, model)
    end = film.length if scene.position is None else min(scene.position, film.length)
    film.step(max(0, end - film.position), interrupted)
    return film


def rendering_of(scene: Scene, model: Model) -> Rendering:
    """What makes its sound, at its beginning; StudioError, one sentence, where the scene does not
    fit the model."""
    from studio.engine.audio.rendering import Rendering, as_audio_model

    model = as_audio_model(model)
    sound = scene.sound
    if sound is None:
        return Rendering(model, scene.options)
    beginning = sound.beginning
    if beginning is not None and sound.rate != model.sample_rate:
        beginning = at_rate(beginning, sound.rate, model.sample_rate)
    return Rendering(model, scene.options, beginning, sound.spectrogram)
