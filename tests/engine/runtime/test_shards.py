"""Shards divide a large piece of work, and none is left out or done twice."""

from __future__ import annotations

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.shards import Shard


@pytest.mark.parametrize(("count", "of"), [(10, 3), (3, 10), (1, 1), (977, 64)])
def test_the_shares_follow_one_another_and_are_as_large_as_each_other(count: int, of: int) -> None:
    shares = [Shard(number, of).share(count) for number in range(1, of + 1)]
    assert [place for share in shares for place in share] == [*range(count)]
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_shard_is_read_as_it_is_written() -> None:
    assert Shard.parse("3/16") == Shard(3, 16)
    assert str(Shard(3, 16)) == "3/16"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0/4", "no shard 0/4: they go from 1/4 to 4/4"),
        ("5/4", "no shard 5/4: they go from 1/4 to 4/4"),
        ("1/0", "0 is no number of shards"),
        ("1/999999999", "choose 1 to 100000"),
        ("a/b", '"a/b" is not I/N'),
        ("3", '"3" is not I/N'),
        ("-1/4", '"-1/4" is not I/N'),
        ("1/2/3", '"1/2/3" is not I/N'),
        ("٣/٤", "is not I/N"),
    ],
)
def test_what_is_no_shard_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        Shard.parse(text)
