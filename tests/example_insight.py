"""An insight of a person's own: which pixels lie beside the one that is asked about. Given with
`studio --models tests/example_insight.py`, it is in the menu, the legend and the command line."""

import numpy as np

from studio.engine.insights import Answer, Insight, Question
from studio.engine.insights.question import Map


def ask(model: object, question: Question) -> Answer:
    row, column = divmod(question.asked, question.space[1])
    rows, columns = np.indices(question.space)
    far = np.maximum(abs(rows - row), abs(columns - column)).astype(np.float32)
    reach = 1 + question.choice("Reach")
    near = np.where(far <= reach, 1 - far / (reach + 1), np.nan).astype(np.float32)
    sentence = f"{int((far <= reach).sum())} pixels are near row {row}, column {column}."
    return Answer((Map(near),), sentence=sentence, site=question.asked, arrays={"far": far})


INSIGHT = Insight(
    "near",
    "Near pixels",
    "Which pixels lie beside the one under the pointer.",
    "viridis",
    ("far", "near"),
    ask,
    of_site=True,
    choices=lambda model: {"Reach": ("1", "2", "3", "4", "5")},
)
