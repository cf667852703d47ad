"""How fast a model speaks on one processor: the compiled engine against the model's own stepper,
in one run, with the same weights and the same noise, so that both must come to the same codes.

The stepper is timed over the first samples only. That the codes are right is checked at all of
them: given the finished codes, one parallel pass has the parameters that were due at every sample.

A sample takes every weight once, so what it could be at best is how fast the processor reads as
many bytes over and over, which is measured beside it; and how fast it copies what fits in no cache.
Seconds are those of the clock on the wall; where something else runs too,
`samples_per_processor_second` says what a processor could do that had nothing else to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

import models
from models.interface import AudioModel
from studio.engine.audio.compiled_network import Codes, CompiledNetwork, Floats
from studio.engine.audio.rendering import as_audio_model
from studio.engine.runtime.threads import one_thread
from studio.engine.runtime.timing import seconds_for

CHANNELS, LAYERS = (16, 32, 64), (10, 20, 30)
RATES = (8_000, 16_000)
_TIE = 1e-4  # of probability

Document = dict[str, Any]


def measure(model: AudioModel, quick: bool) -> Document:
    """Measures one model.

    quick: fewer samples and repeats, of one size only; for tests.
    """
    few, many, repeats = (20, 500, 1) if quick else (1_000, 16_000, 9)
    noise = torch.rand(many, generator=torch.Generator().manual_seed(0))
    engine = CompiledNetwork(model)
    codes, seconds = _drawn(engine, noise, repeats)
    plain: list[Codes] = []
    plain_seconds = seconds_for(
        lambda: plain.append(stepped(model, noise[:few])), repeats=1 if quick else 3
    )
    _, own_seconds = _drawn(engine, noise, repeats, clock=time.thread_time)
    differ, tied, distance = compared(model, engine, codes, noise)
    differ[:few] |= plain[-1] != codes[:few]
    wrong = differ & ~tied
    read_seconds = reading(engine.weights, repeats)
    speed, plain_speed = many / seconds, few / plain_seconds
    document: Document = {
        "sample_rate": model.sample_rate,
        "channels": engine.given.width,
        "skip_channels": len(engine.given.head_bias),
        "layers": len(engine.given.dilations),
        "parameters": model.parameter_count,
        "samples": many,
        "samples_per_second": speed,
        "samples_per_processor_second": many / own_seconds,
        "times_real_time": speed / model.sample_rate,
        "stepper_samples_timed": few,
        "stepper_samples_per_second": plain_speed,
        "times_the_stepper": speed / plain_speed,
        "identical": not wrong.any(),
        "codes_that_differ": int(wrong.sum()),
        "codes_that_differ_at_a_tie": int((differ & tied).sum()),
        "largest_difference_of_probabilities": distance,
        "weight_bytes_per_sample": engine.weights.nbytes,
        "weight_gigabytes_per_second": engine.weights.nbytes * speed / 1e9,
        "cache_gigabytes_per_second": engine.weights.nbytes / read_seconds / 1e9,
        "share_of_cache_bandwidth": read_seconds * speed,
        "copy_gigabytes_per_second": copying(quick),
    }
    if not quick and {"width", "dilations"} <= model.config.to_dict().keys():
        document["by_channels"] = {str(n): _speed(model, noise, repeats, width=n) for n in CHANNELS}
        document["by_layers"] = {
            str(n): _speed(model, noise, repeats, dilations=_dilations(n)) for n in LAYERS
        }
    return document


def as_text(name: str, row: Document) -> str:
    """The figures of a model for a person."""
    same = "the same codes" if row["identical"] else f"{row['codes_that_differ']} CODES DIFFER"
    rates = " and ".join(
        f"{row['samples_per_second'] / rate:.1f} times real time at {rate / 1000:g} kHz"
        for rate in RATES
    )
    bandwidth = (
        f"{row['share_of_cache_bandwidth']:.0%} of what the cache gives"
        f" ({row['cache_gigabytes_per_second']:.0f} GB/s)"
    )
    own = f"{row['samples_per_processor_second']:,.0f} in a second of the processor's own time"
    lines = [
        (
            f"{name}, {row['weights']}, {row['layers']} layers of {row['channels']} channels, one"
            " processor:"
        ),
        f"  {row['samples_per_second']:,.0f} samples a second, {rates} ({own})",
        f"  {row['times_the_stepper']:.0f} times as fast as the stepper, {same}",
        f"  reads {row['weight_gigabytes_per_second']:.0f} GB/s of weights, {bandwidth}",
    ]
    for title, key in (("channels", "by_channels"), ("layers", "by_layers")):
        if key in row:
            lines.append(
                f"  samples a second by {title}: "
                + ", ".join(f"{n}: {speed:,.0f}" for n, speed in row[key].items())
            )
    return "\n".join(lines)


@one_thread()
@torch.inference_mode()
def stepped(model: AudioModel, noise: Tensor) -> Codes:
    """Codes (n,) drawn with the model's own stepper from noise (n,)."""
    stepper, drawn = model.stepper(1), []
    for each in noise.split(1):
        values = model.likelihood.sample(stepper.conditional(), each[None])
        stepper.commit(values)
        drawn.append(values)
    return torch.cat(drawn).flatten().numpy().astype(np.uint8)


@torch.inference_mode()
def compared(
    model: AudioModel, engine: CompiledNetwork, codes: Codes, noise: Tensor
) -> tuple[np.ndarray, np.ndarray, float]:
    """Where one parallel pass would have led to other codes, bool (n,); where that is a matter of
    rounding, because the noise falls between two levels (nearer than 1e-4, to which the
    distributions agree), bool (n,); and how far its probabilities are from the engine's at most."""
    params = model.conditionals(torch.from_numpy(codes.astype(np.int64))[None, None])[0]
    drawn = model.likelihood.sample(params, noise[:, None])[:, 0].numpy()
    found, meant = torch.from_numpy(engine.stream().follow(codes)).softmax(-1), params.softmax(-1)
    tied = (meant.double().cumsum(-1) - noise[:, None]).abs().amin(-1) < _TIE
    return drawn != codes, tied.numpy(), float((found - meant).abs().max())


def reading(array: Floats, repeats: int) -> float:
    """Seconds to read all of it once, from whatever cache it fits in."""
    import numba

    from studio.engine.runtime.lanes import COUNT, load, pointer, spread, total

    @numba.njit
    def read(array: Any, times: int) -> float:
        start = pointer(array)
        a = b = c = d = spread(np.float32(0))
        for _ in range(times):
            for i in range(0, len(array) - 4 * COUNT + 1, 4 * COUNT):
                a, b = a + load(start, i), b + load(start, i + COUNT)
                c, d = c + load(start, i + 2 * COUNT), d + load(start, i + 3 * COUNT)
        return total((a + b) + (c + d))

    times = 1_000
    return seconds_for(lambda: read(array, times), repeats) / times


def copying(quick: bool) -> float:
    """Gigabytes a second, read and written, of a copy that fits in no cache."""
    source = torch.ones(2**16 if quick else 2**25)
    target = torch.empty_like(source)
    return (
        2
        * source.nbytes
        / seconds_for(lambda: target.copy_(source), repeats=1 if quick else 5)
        / 1e9
    )


def _drawn(
    engine: CompiledNetwork,
    noise: Tensor,
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Codes, float]:
    found: list[Codes] = []
    seconds = seconds_for(
        lambda: found.append(engine.stream().run(noise.numpy())), repeats, clock=clock
    )
    return found[-1], seconds


def _speed(model: AudioModel, noise: Tensor, repeats: int, **changes: Any) -> float:
    """Samples a second of one that is otherwise the same, with fresh weights."""
    other = models.build(model.name, **{**model.config.to_dict(), **changes})
    return len(noise) / _drawn(CompiledNetwork(as_audio_model(other)), noise, repeats)[1]


def _dilations(layers: int) -> tuple[int, ...]:
    return tuple(2 ** (layer % 10) for layer in range(layers))
