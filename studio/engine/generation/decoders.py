"""The ways to decode, by name, for whoever only lists them: free of numpy and torch."""

from __future__ import annotations

SEQUENTIAL, PARALLEL = "sequential", "parallel"
DECODERS = {  # and what each means
    SEQUENTIAL: "one pixel after the other",
    PARALLEL: (
        "all pixels at once, again and again until nothing changes: the same pictures in fewer"
        " passes"
    ),
}
