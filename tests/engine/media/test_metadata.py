"""What an exported file says of itself."""

from __future__ import annotations

from studio import __version__
from studio.engine.media.metadata import as_comment, text_of


def test_the_program_comes_first_and_then_every_note_as_text():
    assert list(text_of({"model": "made", "top-k": 5}).items()) == [
        ("Software", f"Autoregressive Studio {__version__}"),
        ("Model", "made"),
        ("Top-k", "5"),
    ]


def test_a_file_of_which_nothing_is_known_names_the_program_all_the_same():
    assert list(text_of(None)) == ["Software"]


def test_a_comment_has_all_of_them_in_one_line():
    assert as_comment({"Model": "made", "Seed": "7"}) == "Model: made; Seed: 7"
