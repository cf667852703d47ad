"""Which of the last samples of a sound count for the next one: the receptive field of a model for
sound, asked as an insight is, of the stretch of the sound that it can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question

if TYPE_CHECKING:
    from models.interface import AudioModel, AutoregressiveModel

NAME = "sound-field"


def begin(model: AudioModel, position: int) -> int:
    """From which sample on a sound has to be there to be asked about the sample at `position`: as
    far back as the model looks; of a vocoder, from the beginning of a frame on, and early enough
    for the frames that these samples see."""
    start = max(0, position - model.receptive_field)
    hop = getattr(model.conditioning, "hop", 0)
    return max(0, start // hop - model.frames_ahead) * hop if hop else start


def question(codes: NDArray[np.uint8], levels: int, options: SamplingOptions) -> Question:
    """About the sample that comes after these, (n,)."""
    there = np.ones(len(codes), bool)
    order = np.arange(len(codes), dtype=np.int64)
    return Question(codes[None], there, ~there, order, levels, options, site=len(codes))


def sound_field(first: int, rate: int, spectrogram: NDArray[np.float32] | None = None) -> Insight:
    """The insight for a question about a stretch of a sound.

    first: the sample with which the stretch begins.
    rate: samples a second.
    spectrogram: (frames, mels) of a vocoder from there on.
    """

    def ask(model: AutoregressiveModel | None, asked: Question) -> Answer:
        from studio.engine.insights.strength import sound_strength

        assert model is not None
        codes, condition = asked.values[0], asked.options.condition
        found = sound_strength(cast("AudioModel", model), codes, condition, spectrogram)
        shown = np.full(len(codes), np.nan, np.float32)
        if found is None:
            return Answer(
                sentence="What counts cannot be told: the network of this model takes no gradient."
            )
        if len(found):
            shown[-len(found) :] = np.sqrt(found / max(float(found.max()), 1e-30))
        return Answer(
            maps=(Map(shown),),
            sentence=_sentence(found, rate),
            arrays={"first": np.array(first), "strength": found},
        )

    return Insight(
        NAME,
        "What counts",
        "Which of the last samples count for the next one, and how much.",
        "viridis",
        ("counts little", "much"),
        ask,
        of_site=True,
    )


def _sentence(found: NDArray[np.float32], rate: int) -> str:
    if not len(found):
        return "It is the first sample: nothing comes before it."
    said = f"The next sample sees the last {len(found):,}, {_time(len(found), rate)}"
    if not found.any():
        return f"{said}; none of them counts just now."
    ranked = (found.astype(np.float64)[::-1] ** 2).cumsum()
    half = int((ranked < ranked[-1] / 2).sum()) + 1
    return f"{said}; half of the strength lies within the last {half:,}, {_time(half, rate)}."


def _time(samples: int, rate: int) -> str:
    milliseconds = 1000 * samples / rate
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"
