"""How well a text is what somebody means who types a few letters of it."""

from __future__ import annotations

_WORD, _INSIDE, _SCATTERED = 3.0, 2.0, 1.0  # where the letters stand: the rest is for being early


def score(query: str, text: str) -> float | None:
    """Higher is better; None where some word of the query is not there at all, not even as letters
    in their order."""
    low, total = text.lower(), 0.0
    for word in query.lower().split():
        found = _of_word(word, low)
        if found is None:
            return None
        total += found
    return total


def _of_word(word: str, text: str) -> float | None:
    at = text.find(word)
    begins = at == 0 or (at > 0 and f" {word}" in text)
    if at >= 0:
        return (_WORD if begins else _INSIDE) + len(word) / (len(word) + len(text))
    place, first = -1, -1
    for letter in word:
        place = text.find(letter, place + 1)
        if place < 0:
            return None
        first = place if first < 0 else first
    return _SCATTERED * len(word) / (place - first + 1)
