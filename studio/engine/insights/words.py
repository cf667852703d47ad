"""How insights name a site, what is there, and how many bits or sites there are."""

from __future__ import annotations

from collections.abc import Sequence

from studio.engine.editing.site_words import of_sites
from studio.engine.insights.question import Question

# for models of codes
NO_SHADES = "Codes are no shades: what is expected of them on average would be no code at all."


def site_in_words(question: Question, site: int) -> str:
    """Which site it is, by its raster index."""
    if len(question.space) == 1:
        return f"sample {site}"
    row, column = divmod(site, question.space[1])
    return f"row {row}, column {column}"


def value_in_words(found: Sequence[int], levels: int) -> str:
    """Levels, one a channel."""
    if len(found) == 3:
        return "red {}, green {}, blue {}".format(*found)
    if levels == 2:
        return ("black", "white")[found[0]]
    return f"level {found[0]} of {levels - 1}"


def value_at(question: Question, site: int) -> str:
    """What is there, in words."""
    values = question.values.reshape(len(question.values), -1)[:, site].tolist()
    return code_in_words(values[0]) if question.coded else value_in_words(values, question.levels)


def code_in_words(code: int) -> str:
    """A value that stands for a patch of pixels."""
    return f"code {code}"


def counted(question: Question, count: int, kind: str = "") -> str:
    """So many sites of a kind, such as "12 given pixels"."""
    several, one = (of_sites(word, question.coded) for word in ("pixels", "pixel"))
    if len(question.space) == 1:
        several, one = "samples", "sample"
    return " ".join(part for part in (str(count), kind, one if count == 1 else several) if part)
