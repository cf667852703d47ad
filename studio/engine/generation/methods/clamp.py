"""Given sites keep their values when the order reaches them: simple and fast, and what was drawn
before has not seen them."""

from __future__ import annotations

from studio.engine.generation.methods import Method, own_order

METHOD = Method(
    "clamp",
    "Clamp",
    "Given pixels keep their values, but pixels drawn before them take no account of them",
    own_order,
    sees_all=False,
)
