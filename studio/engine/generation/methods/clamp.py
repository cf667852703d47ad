"""Given sites keep their values when the order reaches them: simple and fast, and what was drawn
before has not seen them."""

from __future__ import annotations

from studio.engine.generation.methods import Method

METHOD = Method(
    "clamp",
    "Clamp",
    "Given pixels keep their values when their turn comes; what was drawn earlier has not seen"
    " them",
)
