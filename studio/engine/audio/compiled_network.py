"""A network of dilated layers over samples, compiled: one
stream on one processor, made faster than it is heard.

It does what the model's stepper does, from the same weights (`AudioModel.compiled_network`): rings
of what each layer saw (Le Paine et al. 2016), one uniform a sample, inverse CDF. The same noise
gives the same codes wherever no probabilities tie to within the rounding of float32.

    network = CompiledNetwork(model)        # where it is not `ready()` this waits: some seconds,
                                            # once for a processor
    codes = network.stream().run(noise)     # other threads go on meanwhile

numba is imported, and anything compiled, when it is first asked for, in the thread that asks.
"""

from __future__ import annotations

import copy
import sys
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AudioModel, DilatedWeights
from models.likelihoods import Categorical, check_truncation
from studio.engine.runtime.threads import one_thread

WAITING = (
    "Preparing the fast sound engine: the first time, it is compiled for this processor, which"
    " takes some seconds."
)
MUCH = 4_000  # samples: less is made before it is at hand
BLOCK = 512  # samples for which what the condition says is worked out together

_KERNEL = "studio.engine.audio.dilated_kernel"
_LINE = 16  # floats in a line of the cache
_NOTHING = np.zeros(0, np.float32)
_NO_ROWS = np.zeros((0, 0), np.float32)

Floats = NDArray[np.float32]
Codes = NDArray[np.uint8]


def ready() -> bool:
    """Whether the engine is at hand; where it is not,
    the first `CompiledNetwork` waits until it is."""
    return hasattr(sys.modules.get(_KERNEL), "generate")


def _kernel() -> ModuleType:
    from studio.engine.audio import dilated_kernel

    return dilated_kernel


def compilable(model: AudioModel) -> bool:
    """Whether there can be a `CompiledNetwork` of this model;
    else its own stepper makes the sound."""
    return _weights_of(model) is not None


def worth_compiling(model: AudioModel, samples: int, least: int = MUCH) -> bool:
    """Whether there can be one, and there are more samples to make than the stepper makes before it
    is at hand."""
    return samples > least and model.device.type == "cpu" and compilable(model)


def _weights_of(model: AudioModel) -> DilatedWeights | None:
    fits = isinstance(model.likelihood, Categorical) and model.spec.levels <= 256
    return model.compiled_network() if fits else None


class CompiledNetwork:
    """The weights of a model, laid out for the compiled code. They are copied: later changes of the
    model are not seen, but for what it makes of a condition, which the model itself is asked.

    weights: of the layers and the output, in the order
    in which they are used, each read once a sample.
    halved: whether their matrices are kept in bfloat16: those of wide layers, where that loses
    nothing.
    Raises ValueError for a model whose network is not of that form,
    or whose samples do not have 3 to 256 levels.
    """

    def __init__(self, model: AudioModel) -> None:
        given = _weights_of(model)
        if given is None:
            raise ValueError("the compiled engine is for dilated layers and 3 to 256 levels")
        kernel = _kernel()
        in_lanes = kernel.in_lanes
        width, skip = in_lanes(given.width), in_lanes(len(given.head_bias))
        levels, last = in_lanes(model.spec.levels), len(given.dilations) - 1
        self.model, self.given = model, given
        self.sizes = width, skip, model.spec.levels
        self.dilations = np.array(given.dilations, np.int64)
        self.room = kernel.room(*self.sizes)
        table = _array(given.table)
        self.table = aligned(padded(table, len(table), width))
        biases = halves(_array(given.taps_bias), 1, width)
        self.biases = biases.reshape(last + 1, 2, width)  # of signal and gate
        taps, residual = _array(given.taps), _array(given.residual)
        residual_bias = _array(given.residual_bias)
        skips = np.split(_array(given.skip), last + 1, 1)
        head, out = _array(given.head), _array(given.out)
        matrices = (*taps, *residual, *skips, head, out)
        self.halved = all(map(kernel.can_be_halved, matrices))

        def blocks(matrix: Floats) -> Floats:
            return kernel.blocks(matrix, self.halved)

        parts = [padded(_array(given.skip_bias), skip)]
        for i in range(last + 1):
            parts.append(blocks(halves(halves(taps[i], 0, width), 1, width)))
            if i < last:
                parts.append(padded(residual_bias[i], width))
                parts.append(blocks(padded(residual[i], width, width)))
            parts.append(blocks(padded(skips[i], skip, width)))
        never = np.full(levels - model.spec.levels, kernel.NEVER)
        parts += [padded(_array(given.head_bias), skip), blocks(padded(head, skip, skip))]
        parts += [_array(given.out_bias), never, blocks(padded(out, levels, skip))]
        self.weights = aligned(np.concatenate(parts))

    def stream(self, condition: Tensor | None = None) -> Stream:
        """Standing before the first sample.

        condition: as for the model's stepper, of a batch of one.
        """
        return Stream(self, condition)


class Stream:
    """One recording in the making.

    position: how many samples there are.

    A call cannot be stopped: ask for no more samples at a time than may be waited for. Streams
    share the weights, and each belongs to one thread at a time.
    """

    def __init__(self, engine: CompiledNetwork, condition: Tensor | None = None) -> None:
        self.engine, self._condition = engine, condition
        self._rings = aligned(np.zeros(int(engine.dilations.sum()) * engine.sizes[0], np.float32))
        self._work = aligned(np.zeros(engine.room, np.float32))
        self._biases = _NO_ROWS
        self._open(0)  # what does not fit is refused now
        self._forget(0)

    def run(
        self,
        noise: Floats,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        nats: Floats = _NOTHING,
    ) -> Codes:
        """The next samples as codes (n,), drawn with noise (n,) in [0, 1); see
        `models.likelihoods.Likelihood.sample`.

        nats: (n,), filled in with what the model itself says of each, -log p; not where it is
        empty.
        """
        check_truncation(temperature, top_k, top_p)
        codes = np.empty(len(noise), np.uint8)
        sampling = temperature, top_k, top_p
        self._go_on(codes, 0, np.ascontiguousarray(noise, np.float32), sampling, nats=nats)
        return codes

    def follow(self, codes: NDArray[np.integer]) -> Floats:
        """Take codes (n,) as the next samples; returns the logits
        that the network had for each, (n, levels)."""
        given = self._given(codes)
        logits = np.empty((len(given), self.engine.model.spec.levels), np.float32)
        self._go_on(given, len(given), logits=logits)
        return logits

    def logits(self) -> Floats:
        """Of the next sample, (levels,)."""
        return self.copy().follow(np.zeros(1, np.uint8))[0]

    def prime(self, codes: NDArray[np.integer]) -> None:
        """Begin anew with codes (n,). Of a long beginning,
        only what can still be seen is gone through."""
        given = self._given(codes)
        unseen = max(0, len(given) - self.engine.model.receptive_field)
        self._forget(unseen)
        if unseen:
            self._before = int(given[unseen - 1])
        self._go_on(given[unseen:], len(given) - unseen)

    def copy(self) -> Stream:
        """Another one that stands where this one does, and goes its own way."""
        other = copy.copy(self)
        other._rings, other._work, other._biases = (
            aligned(self._rings),
            aligned(self._work),
            self._biases.copy(),
        )
        return other

    def _forget(self, position: int) -> None:
        """As if there had been nothing before `position`."""
        # the row for "before the beginning"
        self.position, self._before = position, self.engine.model.spec.levels
        self._rings[:] = 0

    def _given(self, codes: NDArray[np.integer]) -> Codes:
        if codes.size and not 0 <= codes.min() <= codes.max() < self.engine.model.spec.levels:
            raise ValueError(f"codes are from 0 to {self.engine.model.spec.levels - 1}")
        return np.ascontiguousarray(codes, np.uint8)

    def _go_on(
        self,
        codes: Codes,
        given: int,
        noise: Floats = _NOTHING,
        sampling: tuple[float, int, float] = (1.0, 0, 1.0),
        logits: Floats = _NO_ROWS,
        nats: Floats = _NOTHING,
    ) -> None:
        """Take the first `given` codes and draw the others,
        block by block of what the condition says."""
        engine, generate, begin = self.engine, _kernel().generate, 0
        while begin < len(codes):
            block, at = divmod(self.position, BLOCK)
            if block != self._block:
                self._open(block)
            part = slice(begin, min(len(codes), begin + BLOCK - at))
            count = part.stop - begin
            self._before = generate(
                engine.weights,
                engine.table,
                self._biases[at:] if len(self._biases) > 1 else self._biases,
                engine.dilations,
                engine.sizes,
                engine.halved,
                self._rings,
                self._work,
                self.position,
                self._before,
                codes[part],
                min(count, max(0, given - begin)),
                noise[part],
                *sampling,
                logits[part],
                nats[part],
            )
            self.position += count
            begin = part.stop

    @one_thread()
    @torch.inference_mode()
    def _open(self, block: int) -> None:
        """Work out what is added before the gates in a block of samples: (BLOCK, layers * 2 *
        width), or one row for all."""
        biases, given = self.engine.biases, self.engine.given
        gates = given.condition(self._condition, block * BLOCK, BLOCK)
        self._block = block
        if gates is None:
            self._biases = biases.reshape(1, -1)
            return
        # else in the same memory again, for new memory takes longer than the sums
        if len(self._biases) != gates.shape[1]:
            self._biases = np.zeros((gates.shape[1], biases.size), np.float32)
        sums = self._biases.reshape(-1, *biases.shape)[..., : given.width]
        np.add(biases[..., : given.width], _array(gates).reshape(sums.shape), out=sums)


# Arrays as the compiled code takes them.


def _array(tensor: Tensor) -> Floats:
    return tensor.detach().cpu().float().numpy()


def aligned(array: Floats) -> Floats:
    """A copy, flat, that begins where a line of the cache does:
    else every other load would touch two of them."""
    room = np.empty(array.size + _LINE, np.float32)
    begin = -(room.ctypes.data // room.itemsize) % _LINE
    room[begin : begin + array.size] = array.ravel()
    return room[begin : begin + array.size]


def padded(array: Floats, *shape: int) -> Floats:
    """With zeros behind the last entries, until it has this shape."""
    return np.pad(array, [(0, size - old) for size, old in zip(shape, array.shape, strict=True)])


def halves(array: Floats, axis: int, width: int) -> Floats:
    """Both halves of an axis, such as the two taps, or the signal
    and the gate of a gate, padded to `width` each."""
    shape = list(array.shape)
    shape[axis] = width
    return np.concatenate([padded(half, *shape) for half in np.split(array, 2, axis)], axis)
