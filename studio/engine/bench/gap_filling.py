"""How well gaps in recordings that the model has not learnt from are filled: by silence, by going
on from what comes before, by beams of takes, and by what was really there.

Two kinds of figures: how probable the model finds the evidence after the gap, given what it was
filled with, in nats a sample over the stretch that a beam is scored by; and what the signal is
like: its SNR against the true samples, and the jump at the join, as a multiple of how far samples
of the recording lie apart there. A good filling is a likely one and need not be the true one, so
that its SNR may well be lower than that of silence, which is 0 dB.

The gaps lie where somebody speaks, each in another recording, the same for all ways to fill them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.companding import SILENCE, mu_law_decode
from models.interface import AudioModel
from studio.demonstrations import VOICE
from studio.engine import checkpoints
from studio.engine.audio.gaps import EVIDENCE_SECONDS, Beam
from studio.engine.audio.rendering import Rendering, as_audio_model
from studio.engine.editing.gap import Gap
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import devices
from studio.engine.scoring.sound_scoring import data_of

NAME = "gaps"  # of the benchmark
GAP_SECONDS = (0.02, 0.05)
BEAMS = (16, 64)
_GAPS = 12  # of each length
_LOUD = 0.5  # quantile of the powers of frames: a gap lies where it is louder
_AROUND = 0.05  # seconds of the recording beside a gap that its join is compared with

Codes = NDArray[np.uint8]
Document = dict[str, Any]


def run(quick: bool = False, show: Callable[[str], object] = lambda text: None) -> Document:
    """The voice that ships, on its test recordings; see `measure`.

    quick: two gaps only.
    """
    model = as_audio_model(checkpoints.load(checkpoints.resolve(VOICE)))
    sounds = data_of(model).test
    return {
        "model": model.name,
        "machine": devices.describe("cpu"),
        **measure(model, [codes.numpy() for codes in sounds.codes], 2 if quick else _GAPS, show),
    }


def measure(
    model: AudioModel,
    recordings: Sequence[Codes],
    gaps: int,
    show: Callable[[str], object] = lambda text: None,
) -> Document:
    """A table for each length of a gap: for each way to fill it the means over all gaps, at most so
    many.

    show: is given what is being measured.
    """
    document: Document = {"evidence_seconds": EVIDENCE_SECONDS, "tables": {}}
    for seconds in GAP_SECONDS:
        rows: dict[str, list[dict[str, float]]] = {}
        for number, (codes, gap) in enumerate(_places(recordings, seconds, model.sample_rate)):
            if number == gaps:
                break
            show(f"Filling gap {number + 1} of {gaps}, {1000 * seconds:.0f} ms long.")
            for way, found in _filled(model, codes, gap, seed=number):
                rows.setdefault(way, []).append(found)
        document["tables"][f"{1000 * seconds:.0f} ms"] = {
            way: {
                "gaps": len(found),
                **{key: float(np.mean([row[key] for row in found])) for key in found[0]},
            }
            for way, found in rows.items()
        }
    return document


def as_text(document: Document) -> str:
    """The document for a person."""
    heard = 1000 * document["evidence_seconds"]
    lines = [f"{document['model']}; evidence is the {heard:.0f} ms after each gap."]
    for length, table in document["tables"].items():
        columns = "nats/sample of the evidence, SNR in dB, jump at the join, seconds"
        lines += ["", f"{table['silence']['gaps']} gaps of {length}: {columns}"]
        for way, row in table.items():
            figures = (row["evidence_nats"], row["snr_db"], row["jump"], row["seconds"])
            lines.append(
                f"  {way:<14}{figures[0]:8.3f}{figures[1]:8.1f}{figures[2]:8.2f}{figures[3]:8.2f}"
            )
    return "\n".join(lines)


def _places(recordings: Sequence[Codes], seconds: float, rate: int) -> Iterator[tuple[Codes, Gap]]:
    """A gap in each recording that is long enough, where it is loud."""
    random = np.random.default_rng(0)
    length, around = round(seconds * rate), round(0.3 * rate)
    for codes in recordings:
        starts = np.arange(around, len(codes) - length - around, max(1, length // 2))
        if not len(starts):
            continue
        sound = mu_law_decode(codes)
        powers = np.array([np.square(sound[start : start + length]).mean() for start in starts])
        loud = starts[powers >= np.quantile(powers, _LOUD)]
        begin = int(random.choice(loud))
        yield codes, Gap(begin, begin + length)


def _filled(
    model: AudioModel, codes: Codes, gap: Gap, seed: int
) -> Iterator[tuple[str, dict[str, float]]]:
    inside = slice(gap.begin, gap.end)

    def row(way: str, codes_inside: Codes, seconds: float, **more: float) -> tuple[str, dict]:
        filled = codes.copy()
        filled[inside] = codes_inside
        return way, {**_figures(model, codes, filled, gap), "seconds": seconds, **more}

    yield row("silence", np.full(gap.length, SILENCE, np.uint8), 0.0)
    began = time.perf_counter()
    plain = Rendering(model, SamplingOptions(seed=seed), codes[: gap.begin])
    plain.run(gap.length)
    yield row("continuation", plain.codes[0, gap.begin :], time.perf_counter() - began)
    for takes in BEAMS:
        began = time.perf_counter()
        filling = Beam(model, codes, gap, takes, SamplingOptions(seed=seed)).run()
        seconds = time.perf_counter() - began
        yield row(f"{takes} takes", filling.takes[0], seconds, effective=filling.effective)
    yield row("the truth", codes[inside], 0.0)


@torch.inference_mode()
def _figures(model: AudioModel, codes: Codes, filled: Codes, gap: Gap) -> dict[str, float]:
    evidence = round(EVIDENCE_SECONDS * model.sample_rate)
    begin = max(0, gap.end - model.receptive_field)
    x = torch.from_numpy(filled[begin : gap.end + evidence].astype(np.int64))[None, None]
    nats = model.likelihood.log_prob(model.conditionals(x), x.transpose(1, 2))[0, -evidence:]
    true, heard = mu_law_decode(codes), mu_law_decode(filled)
    inside = slice(gap.begin, gap.end)
    power, error = np.square(true[inside]).sum(), np.square(true[inside] - heard[inside]).sum()
    around = round(_AROUND * model.sample_rate)
    apart = np.diff(true[gap.begin - around : gap.end + around])
    jump = abs(float(heard[gap.end] - heard[gap.end - 1])) / np.sqrt(np.square(apart).mean())
    return {
        "evidence_nats": float(nats.mean()),
        "snr_db": float(10 * np.log10(max(power, 1e-9) / max(error, 1e-9))),
        "jump": float(jump),
    }
