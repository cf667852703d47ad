"""Given sites keep their values when the order reaches them: simple and fast, and what was drawn
before has not seen them."""

from __future__ import annotations

from studio.engine.generation.methods import Method

METHOD = Method(
    "clamp",
    "Clamp",
    "Given pixels keep their values, but pixels drawn before them take no account of them",
)
