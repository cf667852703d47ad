"""Given sites keep their values when the order reaches them: simple and fast, and what was drawn
before has not seen them."""

from __future__ import annotations

from studio.engine.generation.methods import Method, own_order

METHOD = Method(
    "clamp",
    "Clamp",
    "What is given keeps its values, but what is drawn before it takes no account of it",
    own_order,
    sees_all=False,
)
