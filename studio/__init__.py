"""Autoregressive Studio: watch generative models draw,
finish pictures with them, and train them."""

__version__ = "0.3.0"
