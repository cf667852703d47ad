"""Things that a table names are imported when they are used."""

from __future__ import annotations

import json

import pytest

from studio.engine.runtime.by_name import by_name


def test_a_function_of_a_module():
    assert by_name("json:dumps") is json.dumps


def test_a_module():
    assert by_name("json") is json


def test_what_is_not_there_is_an_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        by_name("json:no_such_thing")
