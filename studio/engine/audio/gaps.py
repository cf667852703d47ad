"""`Beam`: a gap in a recording, such as a lost packet, filled so that what comes before it and what
comes after it both fit.

A model of sound goes on from what came before; what comes after the gap is evidence that it has not
seen. What is wanted is p(gap | before) p(after | before, gap), and it is drawn from by a beam of
takes, sequential Monte Carlo in its auxiliary, "twisted" form (Whiteley and Lee 2014, "Twisted
particle filters"; Guarniero, Johansen and Lee 2017, algorithm 2):

- Within the gap a sample is drawn from the model's conditional times a look-ahead, how well a take
  with this sample would lead up to what comes after (`studio.engine.audio.interpolation`), and the
  take is weighted by what that costs. Where few takes carry the weight they are drawn anew.
- After the gap the look-ahead is taken out of the weight again, and the probability that the model
  itself gives to the first 50 ms of evidence is put in, sample by sample.

Because of the second step the weights are those of the model alone: the more takes, the nearer they
come to its posterior, whatever the look-ahead (that only decides how many takes it needs), and the
product of their means is an unbiased estimate of the evidence's probability. With a finite beam it
is an approximation, and the effective number of takes says how good a one: it is often near 1 where
a gap is long, and then the heaviest take is a good one among those tried, not a fair draw. Evidence
beyond the first 50 ms is not scored. The samples outside the gap are never touched, so there is
nothing to cross-fade.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.companding import mu_law_decode
from models.interface import Classes, Model, Spectrogram
from models.likelihoods import inverse_cdf
from models.stepping import Stepper
from studio.engine.audio.interpolation import LookAhead, process_of
from studio.engine.audio.rendering import as_audio_model, checked_codes, noise_for
from studio.engine.editing.gap import Gap, gap_between
from studio.engine.generation.population import Population
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.runtime import costs, memory
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.threads import one_thread

TAKES = 64  # of a beam, unless something else is said
MOST_TAKES = 1024
EVIDENCE_SECONDS = 0.05  # of what comes after it is scored
# how far the process of the look-ahead reaches back: seconds, a little more than a period of most
# voices; samples; and as much memory as a long gap may take for it, in numbers
_REACH, _MOST_ORDER, _MOST_NUMBERS = 0.0125, 128, 2**23
_HEARD = 0.064  # seconds on either side of the gap that it is taken from,
_SAMPLES_EACH = 4  # and at least so many samples for each of its coefficients
_TRUST = 0.5  # power of the look-ahead's density: sound is not that Gaussian
_LOOKS = 4  # samples between two looks at whether to draw the takes anew, or to go on
_CHOICES = 1 << 20  # the stream of noise for that, where no take has its own
_TRIED = 4  # samples that are made for the estimate of the time

Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Filling:
    """The takes of a gap, the heaviest first, no two the same.

    takes: codes (different takes, samples of the gap).
    weights: what share of the beam came to each, (different takes,), summing to 1.
    explained: log-probability of the evidence after the gap given each take, by the model, in nats
    a sample; zeros where there is none.
    effective: effective number of takes, 1 to as many as the beam had.
    beam: how many these were.
    evidence: samples after the gap that were scored.
    log_evidence: the logarithm of an unbiased estimate of their probability given what comes
    before the gap, in nats.
    """

    gap: Gap
    takes: Codes
    weights: NDArray[np.float64]
    explained: NDArray[np.float64]
    effective: float
    beam: int
    evidence: int
    log_evidence: float

    def filled(self, codes: Codes, count: int = 1) -> Codes:
        """The recording with its gap filled by up to `count` of the heaviest takes, (takes, n); all
        outside the gap is as it was."""
        rows = np.repeat(codes[None], min(count, len(self.takes)), 0)
        rows[:, self.gap.begin : self.gap.end] = self.takes[: len(rows)]
        return rows


@dataclass(frozen=True)
class Estimate:
    """What filling a gap takes.

    seconds: on this machine as it is now.
    size: bytes.
    """

    seconds: float
    size: float

    def __str__(self) -> str:
        seconds = f"{self.seconds:.0f} s" if self.seconds >= 1.5 else "a second"
        return f"about {seconds}, {memory.in_words(self.size)}"


class Beam:
    """Fills one gap of a recording.

    evidence: samples after the gap that are scored, 0 where the recording ends with the gap: then
    the takes are plain continuations, all of the same weight.

    Of the options, seed, class, temperature, top-k and top-p count. The last three are for what is
    drawn; the evidence is scored by the model as it is. StudioError, one sentence, where something
    does not fit.
    """

    def __init__(
        self,
        model: Model,
        codes: Codes,
        gap: Gap,
        takes: int = TAKES,
        options: SamplingOptions | None = None,
    ) -> None:
        """codes (n,): of the recording; those of the gap itself are not looked at."""
        self.model, self.gap, self.takes = as_audio_model(model), gap, takes
        self.options = options or SamplingOptions()
        check_options(self.options, model)
        if isinstance(self.model.conditioning, Spectrogram):
            raise StudioError(
                f"{self.model.name} says what a spectrogram shows and does not go on from a"
                " recording: choose another model for sound to fill a gap."
            )
        if not 1 <= takes <= MOST_TAKES:
            raise StudioError(f"A gap is filled by 1 to {MOST_TAKES} takes, not {takes}.")
        self._codes = checked_codes(codes, self.model)
        gap_between(gap.begin / self.rate, gap.end / self.rate, len(codes), self.rate)
        self.evidence = min(len(codes) - gap.end, round(EVIDENCE_SECONDS * self.rate))

    @property
    def rate(self) -> int:
        return self.model.sample_rate

    # What it takes.

    def check_room(self) -> None:
        """TooLargeError, with the estimate, where the takes do not fit into memory."""
        what = f"Filling a gap by {self.takes} takes at once"
        memory.require(self._size, what, str(self.model.device), "Choose fewer takes.")

    @torch.inference_mode()
    def estimate(self) -> Estimate:
        """How long it takes and how much memory, from a few samples."""
        with one_thread():
            stepper = self._primed(0)
            self._commit(stepper, 0)  # what is done once
            began = time.perf_counter()
            for sample in range(_TRIED):
                self.model.likelihood.probabilities(stepper.conditional())
                self._commit(stepper, sample)
        each = (time.perf_counter() - began) / _TRIED
        return Estimate(each * (self.gap.length + self.evidence), self._size)

    def _commit(self, stepper: Stepper, position: int) -> None:
        code = int(self._codes[min(position, len(self._codes) - 1)])
        stepper.commit(torch.full((self.takes, 1), code, device=self.model.device))

    @functools.cached_property
    def _size(self) -> float:
        steps, order = self.gap.length + self.evidence, self._order
        remembered = 2 * costs.remembered(self.model)  # while rows are drawn anew there are two
        row = remembered + 8 * 4 * self.model.spec.levels + 16 * steps
        return self.takes * row + (8 + 4) * self.gap.length * order * order

    # How it is done.

    @torch.inference_mode()
    def run(self, watch: Callable[[float], object] = lambda share: None) -> Filling:
        """The filling; the same for the same seed.

        watch: told every few samples what share is done. What it raises ends the run.
        """
        with one_thread():
            return self._run(watch)

    def _run(self, watch: Callable[[float], object]) -> Filling:
        gap, takes, model = self.gap, self.takes, self.model
        stepper, ahead = self._primed(gap.begin), _Ahead(self)
        population = Population(1, takes, self._choices())
        noise = self._noise()
        drawn: list[Tensor] = []
        for i in range(gap.length):
            probabilities = model.likelihood.probabilities(
                stepper.conditional(), *self.options.sampling
            )[:, 0]
            twisted, log_weights = ahead.twisted(i, probabilities)
            values = inverse_cdf(twisted, noise[i])
            ahead.commit(values)
            stepper.commit(values[:, None])
            drawn.append(values)
            population.weigh(i, log_weights)
            if i % _LOOKS == _LOOKS - 1:
                if (rows := population.resample(i + 1)) is not None:
                    stepper.select(rows)
                    ahead.select(rows)
                watch((i + 1) / (gap.length + self.evidence))
        explained = torch.zeros(takes, device=model.device)
        for i, code in enumerate(self._codes[gap.end : gap.end + self.evidence].tolist()):
            value = torch.full((takes, 1), code, device=model.device)
            found = model.likelihood.log_prob(stepper.conditional(), value)
            explained += found
            # in the end the model has the word, and not the look-ahead
            population.weigh(gap.length + i, found if i else found - ahead.log_density)
            stepper.commit(value)
            if i % _LOOKS == _LOOKS - 1:
                watch((gap.length + i + 1) / (gap.length + self.evidence))
        return self._found(population, torch.stack(drawn, 1), explained)

    def _found(self, population: Population, drawn: Tensor, explained: Tensor) -> Filling:
        """drawn: by the rows as they were then, (takes, samples).
        explained: by the rows as they are now."""
        gap, end = self.gap, self.gap.length + self.evidence
        every = torch.arange(self.takes, device=drawn.device)
        lineage = population.lineage(every, gap.length)  # (samples, takes)
        codes = drawn.T.gather(1, lineage).T.to(torch.uint8).cpu().numpy()
        weights = population.weights(end)[0].double().cpu().numpy()
        takes, first, which = np.unique(codes, axis=0, return_index=True, return_inverse=True)
        shares = np.bincount(which.ravel(), weights)
        heaviest = np.argsort(-shares, kind="stable")
        nats = explained.double().cpu().numpy()[first] / max(1, self.evidence)
        return Filling(
            gap,
            takes[heaviest],
            shares[heaviest] / shares.sum(),
            nats[heaviest],
            float(population.effective(end)[0]),
            self.takes,
            self.evidence,
            float(population.log_evidence(end)[0]),
        )

    def _primed(self, count: int) -> Stepper:
        """A stepper of all takes behind the first `count` samples, which are gone through once."""
        options, model = self.options, self.model
        condition = None
        if options.condition is not None and isinstance(model.conditioning, Classes):
            condition = torch.tensor([options.condition])
        stepper = model.stepper(1, condition)
        stepper.prime(torch.from_numpy(self._codes[None, None, :count].copy()), count)
        stepper.select(torch.zeros(self.takes, dtype=torch.long))
        return stepper

    def _noise(self) -> Tensor:
        """For the samples of the gap, (samples, takes): what a plain continuation of each take
        would be made with."""
        begin, end, seed = self.gap.begin, self.gap.end, self.options.seed
        size = len(noise_for(seed, 0, 0))
        first, last = begin // size, (end - 1) // size
        rows = [
            np.concatenate([noise_for(seed, take, block) for block in range(first, last + 1)])
            for take in range(self.takes)
        ]
        part = np.stack(rows, 1)[begin - first * size : end - first * size]
        return torch.from_numpy(part).to(self.model.device)

    def _choices(self) -> Tensor:
        """For drawing takes anew, (1, samples + 1)."""
        sequence = np.random.SeedSequence(self.options.seed, spawn_key=(_CHOICES, self.gap.begin))
        random = np.random.Generator(np.random.PCG64(sequence))
        noise = random.random((1, self.gap.length + self.evidence + 2), np.float32)
        return torch.from_numpy(noise).to(self.model.device)

    @property
    def _order(self) -> int:
        most = min(_MOST_ORDER, math.isqrt(_MOST_NUMBERS // self.gap.length))
        known = sum(map(len, self._sides)) // _SAMPLES_EACH
        return max(2, min(round(_REACH * self.rate), most, known))

    @property
    def _sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is heard on either side of the gap."""
        heard, gap = round(_HEARD * self.rate), self.gap
        before = self._codes[max(0, gap.begin - heard) : gap.begin]
        after = self._codes[gap.end : gap.end + min(heard, self.evidence)]
        return mu_law_decode(before).astype(np.float64), mu_law_decode(after).astype(np.float64)

    def look_ahead(self) -> LookAhead:
        """By the process of the sound on either side of the gap."""
        heard = [side for side in self._sides if len(side)]
        process = process_of(heard, self._order) if heard else (np.zeros(self._order), 1.0)
        return LookAhead(*process, self.gap.length, self._sides[1])

    def latest(self) -> NDArray[np.float32]:
        """The last samples before the gap, newest first, silence before the beginning: as many as
        the look-ahead reads."""
        before = mu_law_decode(self._codes[: self.gap.begin])[-self._order :]
        return np.pad(before[::-1], (0, self._order - len(before)))


class _Ahead:
    """The look-ahead of all takes.

    log_density: of what follows, given each take as far as it has come, (takes,), but for a
    constant; nothing before the gap, where all takes are the same.
    """

    def __init__(self, beam: Beam) -> None:
        model, ahead, trust = beam.model, beam.look_ahead(), math.sqrt(_TRUST)

        def there(array: NDArray) -> Tensor:
            return torch.from_numpy(array).to(model.device, torch.float32)

        self._roots, self._offsets = there(trust * ahead.roots), there(trust * ahead.offsets)
        levels = np.arange(model.spec.levels, dtype=np.uint8)
        self._levels = there(mu_law_decode(levels))  # as they are heard, (levels,)
        self._latest = there(beam.latest()).repeat(beam.takes, 1)  # (takes, p), newest first
        self.log_density = self._latest.new_zeros(beam.takes)

    def twisted(self, i: int, probabilities: Tensor) -> tuple[Tensor, Tensor]:
        """For sample i of the gap, of probabilities (takes, levels): those to draw from, and what
        the weights change by, in logarithms, (takes,)."""
        root, earlier = self._roots[i], self._latest[:, :-1]
        misses = earlier @ root[:, 1:].T - self._offsets[i]  # (takes, p), but for the sample itself
        own = misses[:, :1] + root[0, 0] * self._levels  # (takes, levels)
        rest = misses[:, 1:].square().sum(1, keepdim=True)
        self._densities = -(own.square() + rest) / 2
        if i == 0:  # a constant makes no difference in the end, and the numbers stay small
            self._highest = self._densities.max()
        self._densities -= self._highest
        logs = probabilities.log() + self._densities
        total = logs.logsumexp(1)
        return (logs - total[:, None]).exp(), total - self.log_density

    def commit(self, values: Tensor) -> None:
        """These levels were drawn, (takes,)."""
        self.log_density = self._densities.gather(1, values[:, None])[:, 0]
        heard = self._levels[values]
        self._latest = torch.cat([heard[:, None], self._latest[:, :-1]], 1)

    def select(self, rows: Tensor) -> None:
        """The takes were drawn anew: each is what take rows[b] was."""
        self.log_density, self._latest = self.log_density[rows], self._latest[rows]
