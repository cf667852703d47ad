"""mu-law companding (ITU-T G.711; van den Oord et al. 2016a, section 2.2): sound as 256 levels,
fine where it is quiet.

    f(x) = sign(x) ln(1 + mu |x|) / ln(1 + mu),   -1 <= x <= 1,   mu = 255

spread evenly over the levels 0..255. Silence is level 128;
its neighbour 127 is as near to zero, on the other side.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LEVELS = 256
SILENCE = 128
_MU = LEVELS - 1

Kind = TypeVar("Kind", Tensor, NDArray)


def mu_law_encode(samples: Kind) -> Kind:
    """Samples (...), floats of which what lies beyond -1..1 is clipped,
    as codes 0..255, uint8, of the same kind."""
    if isinstance(samples, np.ndarray):
        return mu_law_encode(torch.from_numpy(np.array(samples))).numpy()
    x = samples.clamp(-1, 1).float()
    f = x.sign() * torch.log1p(_MU * x.abs()) / math.log1p(_MU)
    return ((f + 1) * (_MU / 2) + 0.5).to(torch.uint8)  # rounds to the nearest, and zero up


def mu_law_decode(codes: Kind) -> Kind:
    """Codes (...), integers 0..255, as samples -1..1, float32, of the same kind."""
    if isinstance(codes, np.ndarray):
        return mu_law_decode(torch.from_numpy(np.array(codes))).numpy()
    f = codes.float() * (2 / _MU) - 1
    return f.sign() * torch.expm1(f.abs() * math.log1p(_MU)) / _MU
