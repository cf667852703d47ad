"""Settings of every model with which a training is so small that every test can have its own."""

from __future__ import annotations

from typing import Any

SMALL: dict[str, dict[str, Any]] = {
    "ardm": {"width": 16, "coarse": 16, "blocks": (1, 1, 1)},
    "ardm-class": {"width": 16, "coarse": 16, "blocks": (1, 1, 1)},
    "autoencoder": {"hidden": (32,), "code": 8},
    "made": {"hidden": 32},
    "made-any-order": {"hidden": 32},
    "pixelcnn": {"width": 8, "hidden": 8, "blocks": 1, "head": 8},
    "pixelcnn-two-stack": {"width": 8, "dilations": (1, 2), "head": 8},
    "gated-pixelcnn": {"width": 8, "dilations": (1, 2), "head": 8},
    "pixelcnn-plus-plus": {"width": 8, "blocks": (1, 1), "mixtures": 3},
    "gated-pixelcnn-class": {"width": 8, "dilations": (1, 2), "head": 8},
    "pixelrnn-row": {"width": 8, "hidden": 8, "blocks": 1, "head": 8},
    "pixelrnn-diagonal": {"width": 8, "hidden": 8, "blocks": 1, "head": 8},
    "pixelsnail": {"width": 16, "attentions": 1, "residuals": 1, "key": 8},
    "pixelsnail-zigzag": {"width": 16, "attentions": 1, "residuals": 1, "key": 8},
    "gated-pixelcnn-location": {"width": 8, "dilations": (1, 2), "head": 8, "map_width": 4},
    "gated-pixelcnn-map": {"width": 8, "dilations": (1, 2), "head": 8, "map_width": 4},
    "transformer": {"width": 16, "layers": 1, "heads": 2, "hidden": 16},
    "transformer-sinusoidal": {"width": 16, "layers": 1, "heads": 2, "hidden": 16},
    "transformer-plain": {"width": 16, "layers": 2, "heads": 2, "hidden": 16},
    "vq-autoencoder": {"width": 8, "blocks": 0, "codes": 16, "patch": 2},
    "vq-prior": {"width": 16, "layers": 1, "heads": 2, "hidden": 16, "coder_width": 4},
    "wavenet-pixels": {"width": 8, "dilations": (1, 2, 4, 8), "head": 8},
    "wavenet": {"width": 16, "skip": 16, "dilations": (1, 2, 4, 8, 16)},
    "wavenet-mel": {"width": 16, "skip": 16, "dilations": (1, 2, 4, 8, 16), "map_width": 8},
}
