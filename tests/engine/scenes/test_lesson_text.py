"""A lesson's Markdown is taken apart by its lines."""

from __future__ import annotations

import pytest

from studio.engine.scenes.lesson_text import BLOCKS, MOST_STEPS, pictures_in, take_apart

LESSON = """# Blind spots

Minutes: 5
Teacher: Ada

## First

See ![the masks](masks.svg).

```point
Temperature

Play
```

Go on.
## Second
### Not a step
```
# nor a title
```
"""


def test_every_part_stands_where_it_belongs():
    taken = take_apart(LESSON)

    assert taken.title == "Blind spots"
    assert {name: line.text for name, line in taken.fields.items()} == {
        "Minutes": "5",
        "Teacher": "Ada",
    }
    assert [step.title for step in taken.steps] == ["First", "Second"]
    assert taken.wrong == []


def test_a_block_is_taken_out_of_the_text_and_a_piece_of_code_is_not():
    first, second = take_apart(LESSON).steps

    assert "Temperature" not in "".join(line.text for line in first.text)
    assert [(name.text, name.number) for name in first.blocks[0].names] == [
        ("Temperature", 11),
        ("Play", 13),
    ]
    assert [line.text for line in second.text][:4] == [
        "### Not a step",
        "```",
        "# nor a title",
        "```",
    ]


def test_lines_may_end_as_on_any_system():
    assert take_apart(LESSON.replace("\n", "\r\n")) == take_apart(LESSON)


def test_a_picture_is_known_with_its_line():
    first, _ = take_apart(LESSON).steps

    assert [(words, name.text, name.number) for words, name in pictures_in(first.text)] == [
        ("the masks", "masks.svg", 8)
    ]


@pytest.mark.parametrize(
    ("text", "number", "sentence"),
    [
        ("## C", 1, "A lesson begins with its title"),
        ("# A", 1, "A lesson has at least one step"),
        ("# A\n# B\n## C", 2, "A lesson has one title"),
        ("# A\nwords\n## C", 2, "Before the first step"),
        ("# A\n```point\nB\n```\n## C", 2, "A block stands in a step"),
        ("# A\n## C\n```point\nB", 3, "This block is not closed"),
        ("# A\n## C\n```pont\nB\n```", 3, "There is no block “pont”"),
        ("# A\n" + (MOST_STEPS + 1) * "## C\n", MOST_STEPS + 2, "A lesson has at most"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, number: int, sentence: str):
    wrong = take_apart(text).wrong

    assert [line.number for line in wrong] == [number]
    assert wrong[0].text.startswith(sentence)
    assert wrong[0].text.endswith(".")


def test_every_block_is_known():
    for word in BLOCKS:
        assert take_apart(f"# A\n## B\n```{word}\nC\n```").steps[0].blocks[0].word == word
