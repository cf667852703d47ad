"""The particles of `smc`, and then sweeps over the unknown sites in which the picture that was
drawn competes with new attempts (particle Gibbs; Andrieu, Doucet and Holenstein 2010)."""

from __future__ import annotations

from studio.engine.generation.methods import Method, own_order
from studio.engine.generation.methods.smc import begin

METHOD = Method(
    "smc-refined",
    "Particles, refined",
    "Particles, and then sweeps that draw the picture again beside new attempts; slowest",
    own_order,
    begin=begin,
    refined=True,
)
