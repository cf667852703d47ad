"""A site is a pixel, or a code: what is said of it says which."""

from __future__ import annotations

import models
from studio.engine.editing.site_words import draws_codes, of_model, of_sites
from tests.coded_models import shades

SAID = "Pixel by pixel: 3 pixels a second"
SAID_OF_CODES = "Code by code: 3 codes a second"


def test_a_text_about_pixels_is_one_about_codes_where_sites_are_codes() -> None:
    assert of_sites(SAID, coded=False) == SAID
    assert of_sites(SAID, coded=True) == SAID_OF_CODES


def test_a_model_of_two_stages_draws_codes() -> None:
    assert draws_codes(shades())
    assert of_model(SAID, shades()) == SAID_OF_CODES


def test_a_model_of_pixels_or_of_sound_draws_none() -> None:
    for name in ("made", "wavenet"):
        assert not draws_codes(models.build(name)), name
