"""What a person types: numbers with either decimal sign, and paths that begin at home."""

from __future__ import annotations

import os
import re

# decimal signs, the minus of typographers, and the marks that Arabic puts before its own
SIGNS = str.maketrans({",": ".", "٫": ".", "−": "-", "\u061c": "", "\u200e": "", "\u200f": ""})
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+")


def decimal(text: str) -> float:
    """A number with a point or a comma, in the digits of any script; ValueError where it is none,
    and for 1,000, which is one number to some and another to others."""
    if _THOUSANDS.fullmatch(text.strip()):
        raise ValueError(f"{text} may be thousands or thousandths")
    return float(text.translate(SIGNS))


def expanded(path: str) -> str:
    """A path in which ~ and ~name are the home folders that they stand for; where there is no such
    person it stays as it is."""
    return os.path.expanduser(path)
