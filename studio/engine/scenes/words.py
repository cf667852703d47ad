"""What a scene says, in words for a person. Free of torch."""

from __future__ import annotations

from pathlib import Path

from studio.engine.checkpoints.cards import read_card
from studio.engine.generation.decoders import CALLED
from studio.engine.generation.methods import AUTO
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.drawing import picture_alone
from studio.engine.scenes.scene import Scene, Sound

_LONGEST, _WIDEST = 60, 400  # characters of a part of the view, and of a line


def in_words(scene: Scene, checkpoint: Path | None = None) -> list[str]:
    """A few lines. checkpoint: of its model, which has names for the classes."""
    lines = [scene.title] if scene.title else []
    lines.append(f"Model: {shortened(scene.model.name, 60)}")
    lines.append(f"Options: {', '.join(_options(scene, checkpoint))}")
    if scene.evidence is not None:
        known = scene.evidence.known
        lines.append(f"Given: {int(known.sum())} of {known.size} pixels")
    if scene.changes:
        lines.append(f"Changed by hand: {_counted(len(scene.changes), 'value')}")
    if scene.sound is not None and (given := _sound(scene.sound)):
        lines.append(f"Sound: {', '.join(given)}")
    if scene.position is not None:
        drawn = _counted(scene.position, "pixel"), _counted(scene.position, "sample")
        lines.append(f"Drawn: {drawn[0]}" if scene.sound is None else f"Made: {drawn[1]}")
    if scene.chosen is not None:
        alone = ", alone" if picture_alone(scene) is not None else ""
        lines.append(f"Chosen: picture {scene.chosen + 1}{alone}")
    if scene.view:
        view = (f"{name} {_short(value)}" for name, value in scene.view.items())
        lines.append(f"View: {', '.join(view)}")
    return [shortened(line, _WIDEST) for line in lines]


def _options(scene: Scene, checkpoint: Path | None) -> list[str]:
    """Those that are not as usual, after how many and the seed."""
    options, usual = scene.options, SamplingOptions()
    found = [
        _counted(options.count, "picture" if scene.sound is None else "take"),
        f"seed {options.seed}",
        f"temperature {options.temperature:g}",
    ]
    if options.condition is not None:
        found.append(f"class {_class(options.condition, checkpoint)}")
    if options.order is not None:
        order = options.order if isinstance(options.order, str) else "one of its own"
        found.append(f"order {order}")
    if options.method != AUTO:
        found.append(f"method {options.method}")
    if options.decode != usual.decode:
        found.append(CALLED.get(options.decode, options.decode))
    if options.chosen_takes:
        best = ", ".join(str(take + 1) for take in options.take_numbers)
        found.append(f"number {best}")
    for name in ("guidance", "top_k", "top_p", "particles", "sweeps", "steps", "corruption"):
        if (value := getattr(options, name)) != getattr(usual, name):
            found.append(f"{name.replace('_', '-')} {value:g}")
    return found


def _class(number: int, checkpoint: Path | None) -> str:
    try:
        card = {} if checkpoint is None else read_card(checkpoint)
    except StudioError:
        card = {}
    config = card.get("config")
    names = config.get("class_names") if isinstance(config, dict) else None
    fits = isinstance(names, list) and number < len(names)
    return shortened(str(names[number]), 40) if fits and names else str(number)


def _sound(sound: Sound) -> list[str]:
    found = []
    if sound.beginning is not None:
        found.append(f"goes on after {sound.beginning.shape[-1] / sound.rate:.2f} s")
    if sound.filled:
        found.append(f"{_counted(len(sound.filled), 'gap')} filled")
    if sound.spectrogram is not None:
        found.append(f"says a spectrogram of {_counted(len(sound.spectrogram), 'frame')}")
    if sound.seconds:
        found.append(f"{sound.seconds:.2f} s made")
    if sound.take:
        found.append(f"take {sound.take + 1}")
    return found


def _short(value: object) -> str:
    return "none" if value is None else shortened(str(value), _LONGEST)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
