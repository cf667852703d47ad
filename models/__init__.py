"""The zoo: autoregressive models, what they are made of, and how they are trained. torch only: no
windows, files or threads.

>>> import models
>>> model = models.build("gated-pixelcnn")
>>> model.log_prob(x)          # nats, one number a picture
>>> model.stepper(batch=16)    # the same weights, one pixel at a time
"""

from models.interface import (
    AudioModel,
    AutoregressiveModel,
    Classes,
    DataSpec,
    DiscreteAutoencoder,
    Map,
    Model,
    ModelConfig,
    Reconstructor,
    Spectrogram,
    Stepper,
    TwoStageModel,
)
from models.recipe import Recipe
from models.registry import (
    autoregressive,
    available,
    build,
    describe,
    load_file,
    recipe,
    register,
)
from models.settings import setting
from models.variants import Article, Paper, Publication, Variant

__all__ = [
    "Article",
    "AudioModel",
    "AutoregressiveModel",
    "Classes",
    "DataSpec",
    "DiscreteAutoencoder",
    "Map",
    "Model",
    "ModelConfig",
    "Paper",
    "Publication",
    "Recipe",
    "Reconstructor",
    "Spectrogram",
    "Stepper",
    "TwoStageModel",
    "Variant",
    "autoregressive",
    "available",
    "build",
    "describe",
    "load_file",
    "recipe",
    "register",
    "setting",
]
