"""The options of every command that lets a model draw: what is given to be finished, and how it is
drawn."""

from __future__ import annotations

import argparse

from studio.cli.parser import Parser
from studio.cli.parsers.adding import add_anyway, add_device, add_json
from studio.cli.values import number, path, whole
from studio.engine.generation.decoders import AUTO as FASTEST
from studio.engine.generation.decoders import DECODERS
from studio.engine.generation.methods import AUTO, FORMER, choices
from studio.engine.media.fits import FITS
from studio.engine.runtime.typed import expanded
from studio.engine.scenes.axis_names import ORDERS


def add_evidence(parser: Parser) -> None:
    """What is given to be finished, and how account is taken of it."""
    parser.add_argument("--image", metavar="F", type=path, help="the picture to finish")
    parser.add_argument(
        "--mask",
        metavar="M",
        type=expanded,
        help=(
            "a picture, white where the image is given and black where it is to be drawn, or the"
            " half that is given: top, bottom, left, right, random; or box: all but one in the"
            " middle (default: what is transparent is drawn; top, where nothing is)"
        ),
    )
    parser.add_argument(
        "--method",
        metavar="M",
        type=lambda name: FORMER.get(name, name),
        choices=list(choices()),
        help="; ".join(f"{name}: {what}" for name, what in choices().items())
        + f" (default: {AUTO})",
    )
    parser.add_argument(
        "--particles",
        metavar="P",
        type=whole(2, 4096),
        help=(
            "attempts that compete at each picture, for smc, smc-refined and --bounds; more are"
            " better and slower (default: 8 to 32, by the number of pictures)"
        ),
    )
    parser.add_argument(
        "--sweeps",
        metavar="S",
        type=whole(0, 1000),
        help="how often smc-refined draws the pictures again, also for --bounds (default: 4)",
    )
    parser.add_argument(
        "--fit",
        choices=list(FITS),
        help="bring picture and mask to the size the model draws; "
        + "; ".join(f"{name}: {what}" for name, what in FITS.items()),
    )
    parser.add_argument(  # its name before version 0.3
        "--resize", dest="fit", action="store_const", const="stretch", help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--invert", action="store_true", help="turn dark into light, for dark ink on a white ground"
    )


def add_drawing(parser: Parser) -> None:
    parser.add_argument("--count", metavar="N", type=whole(1), help="how many (default: 1)")
    parser.add_argument("--seed", metavar="S", type=whole(0, 2**64 - 1), help="noise (default: 0)")
    parser.add_argument(
        "--condition",
        metavar="C",
        type=expanded,
        help=(
            "class, by number or name, for models that take one; for a "
            "vocoder, a recording that it is to say again"
        ),
    )
    parser.add_argument(
        "--spectrogram",
        metavar="F",
        type=path,
        help=(
            "for a vocoder, what it is to say: a painted "
            "spectrogram, .npy or a picture, or a recording"
        ),
    )
    parser.add_argument(
        "--seconds",
        metavar="S",
        type=number(0.001),
        help="how much sound to make (default: 5, or as much as a vocoder's spectrogram lasts)",
    )
    parser.add_argument(
        "--temperature",
        metavar="T",
        type=number(0),
        help="below 1 safer, above 1 wilder, 0 the most probable level (default: 1)",
    )
    parser.add_argument(
        "--order",
        metavar="O",
        choices=ORDERS,
        help=(
            f"{', '.join(ORDERS[:-1])}, for models that take any order; certain: always the pixel"
            " that the model is surest of, for models that predict all unknown pixels at once"
        ),
    )
    parser.add_argument(
        "--guidance",
        metavar="G",
        type=number(0, 20),
        help="how far to push towards the class of --condition (default: 0, not at all)",
    )
    parser.add_argument(
        "--steps",
        metavar="N",
        type=whole(1),
        help=(
            "draw a picture in N passes, for models that predict all unknown pixels at once; fewer"
            " are quicker and worse (default: one for each pixel)"
        ),
    )
    parser.add_argument(
        "--decode",
        choices=[FASTEST, *DECODERS],
        help="; ".join(f"{name}: {what}" for name, what in DECODERS.items())
        + f" (default: {FASTEST}, the fastest that `studio bench --choose` found, else sequential)",
    )
    parser.add_argument("--top-k", metavar="K", type=whole(0), help="the K likeliest levels only")
    parser.add_argument(
        "--top-p",
        metavar="P",
        type=number(0, 1),
        help="the likeliest levels that make up P only",
    )
    parser.add_argument(
        "--speed",
        metavar="S",
        type=number(1),
        help="sites a second in an animation (default: 200)",
    )
    parser.add_argument(
        "--scale", metavar="N", type=whole(1, 64), help="size of a pixel in .png, .gif and .mp4"
    )
    add_anyway(parser)
    add_device(parser)
    add_json(parser)
