"""The shipped checkpoints that the studio shows itself with, by name.

Whatever else it does, it does with any model: no other file of the studio names one.
"""

FIRST = "gated-pixelcnn"  # what is drawn with where nothing else was asked for
# Takes account of all that is painted, wherever it lies, and in few steps still better than
# gated-pixelcnn-map: 0.0971 bits a missing pixel of half digits against 0.1048. It takes longer,
# a fifth of a second for one picture, which nobody waits for.
FINISHER = "ardm"
INVENTOR = "gated-pixelcnn-map-kanji"  # makes characters of half ones; sees all that is painted
VOICE = "wavenet"  # is heard
VOCODER = "wavenet-mel"  # says what is painted
ON_THE_START_PAGE = (FIRST, "pixelcnn")  # whose digit is shown there, the first that is installed
QUICK_BENCH = (FIRST, "pixelcnn", VOICE)  # what a quick `studio bench` measures
# what completes in a quick `studio bench --only completion`
QUICK_COMPLETION = (FIRST, "gated-pixelcnn-map")
TRAINED = "made"  # learns something within seconds
# what symbols of one's own are taught to, the usual one first
TEACHABLE = ("gated-pixelcnn-class", "gated-pixelcnn-kanji")
