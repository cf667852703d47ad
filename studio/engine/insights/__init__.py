"""Insights: what can be asked of a model about a picture, a site of it or what it expects; arrays,
without Qt.

Each is one file in `studio.engine.insights.catalogue`, or in a file of the person's own that is
given with `--models`: a module with an `INSIGHT`. The window offers it in its menu and inspector,
lays it over the picture and explains it in the legend; `studio insight` writes it to a file.
Importing them costs no torch: what an insight computes with is imported when it is asked.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from studio.engine.editing.site_words import draws_codes, of_sites
from studio.engine.insights.question import Answer, Question

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

__all__ = ["Answer", "Insight", "Question", "insights", "register", "take_insight", "titles"]

_own: dict[str, Insight] = {}


def _for_all(model: AutoregressiveModel) -> str:
    return ""


def _no_choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
    return {}


@dataclass(frozen=True)
class Insight:
    """name: by which it is chosen and remembered.
    title, explanation: what the window calls it and says of it, in one sentence.
    colours: the name of its colour map: viridis, cividis, magma, or CET-D1 for differences.
    ends: what both ends of the map stand for.
    ask: the model and a question -> the answer.
    needs_model: whether the model is asked; False for what the record of the drawing says by
    itself, which is given None and worked out with every picture that the window shows.
    of_site: whether it is about one site, and asked again when the pointer comes to another.
    of_unknown: whether it is about sites that are not there yet, and leaves the others as they are.
    see_through: whether the picture is seen under its colours.
    wants_expected: whether `Question.expected` has to be there.
    refusal: in one sentence, why it is not for this model; "" where it is.
    choices: what can be chosen in it for this model: a name, such as "Layer", and the words for
    each choice. The first is taken where nothing is chosen; `Question.chosen` has its number. None
    where no model is asked.
    in_colour: what the legend says instead of a scale where pictures have colour, and the map shows
    colours of theirs; "" for none.
    """

    name: str
    title: str
    explanation: str
    colours: str
    ends: tuple[str, str]
    ask: Callable[[AutoregressiveModel | None, Question], Answer]
    needs_model: bool = True
    of_site: bool = False
    of_unknown: bool = False
    see_through: bool = False
    wants_expected: bool = False
    refusal: Callable[[AutoregressiveModel], str] = _for_all
    choices: Callable[[AutoregressiveModel], Mapping[str, tuple[str, ...]]] = _no_choices
    in_colour: str = ""

    def answer(self, model: AutoregressiveModel | None, question: Question) -> Answer:
        """What it says when it is asked; of codes, where a site is one."""
        found = self.ask(model, question)
        return replace(found, sentence=of_sites(found.sentence, question.coded))

    def explained(self, coded: bool) -> str:
        """The explanation, of codes where a site is one."""
        return of_sites(self.explanation, coded)

    def choices_for(self, model: AutoregressiveModel) -> dict[str, tuple[str, ...]]:
        """The choices, in the words for what the model draws."""
        coded = draws_codes(model)
        found = self.choices(model)
        return {name: tuple(of_sites(word, coded) for word in found[name]) for name in found}


@functools.cache
def _shipped() -> dict[str, Insight]:
    package = import_module("studio.engine.insights.catalogue")
    names = [info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    found: list[Insight] = [import_module(name).INSIGHT for name in names]
    return {insight.name: insight for insight in found}


def insights() -> dict[str, Insight]:
    """Every insight by its name: those of the studio in the order of their files, then those of the
    person's own."""
    return {**_shipped(), **_own}


def register(insight: Insight) -> None:
    """Make one of the person's own known. ValueError for the name of one that ships, and for what
    it cannot be called or coloured."""
    from studio.engine.insights.own import fault_of, guarded

    if fault := fault_of(insight):
        raise ValueError(fault)
    if insight.name in _shipped() or insight.name == "none":
        raise ValueError(f'an insight of the name "{insight.name}" ships with the studio')
    _own[insight.name] = guarded(insight)


def take_insight(module: ModuleType) -> bool:
    """Register the `INSIGHT` of a module, where it has one; whether it has. ValueError, one
    sentence, for what is none."""
    found = getattr(module, "INSIGHT", None)
    if found is None:
        return False
    if not isinstance(found, Insight):
        raise ValueError("INSIGHT is no studio.engine.insights.Insight")
    register(found)
    return True


def titles() -> dict[str, str]:
    """What can be chosen, by its name: nothing, or an insight."""
    return {"none": "Nothing", **{name: each.title for name, each in insights().items()}}
