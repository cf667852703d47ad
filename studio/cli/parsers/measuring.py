"""`studio evaluate`, `scoreboard` and `bench`: how well models predict, and how fast they draw."""

from __future__ import annotations

from studio.cli.parser import Parser
from studio.cli.parsers.adding import (
    Commands,
    add_checkpoint,
    add_device,
    add_json,
    add_skip_damaged,
    command,
    new,
)
from studio.cli.parsers.many import add_shard
from studio.cli.values import path, several, whole
from studio.engine.bench.completion_amounts import Amounts
from studio.engine.runtime.typed import expanded

COMPLETION = "completion"  # the benchmark that has options of its own
DECODE = "decode"  # and one that takes --models of them
RECOGNISED = "recognised"  # and one that takes --models, --samples and --device of them
TRAINING = "training"  # and one that takes --models, names of those that can be built


def add_evaluate(commands: Commands) -> None:
    parser = new(
        commands,
        "evaluate",
        "bits/dim of a model on a data set, bits/sample of sound",
        command("measuring", "evaluate"),
    )
    add_checkpoint(parser)
    parser.add_argument(
        "--data",
        metavar="D",
        type=expanded,
        help="a data set (default: the one the model learnt from)",
    )
    parser.add_argument(
        "--preparation",
        metavar="P",
        help="thresholded, dynamic, grey-N or rgb-N (default: the model's)",
    )
    parser.add_argument(
        "--labels",
        metavar="F",
        type=path,
        help="an IDX, .npy or .npz file with one label for each image",
    )
    add_skip_damaged(parser)
    parser.add_argument(
        "--orders",
        metavar="N",
        type=whole(1, 1000),
        help="orders to average over, for models that take any (default: 16)",
    )
    parser.add_argument(
        "--split",
        metavar="S",
        default="test",
        choices=["train", "validation", "test"],
        help="train, validation or test (default: test)",
    )
    add_shard(parser, "score")
    parser.add_argument(
        "--out", metavar="FOLDER", type=path, help="with --shard: where the parts are kept"
    )
    add_device(parser)
    add_json(parser)


def add_scoreboard(commands: Commands) -> None:
    text = (
        "every shipped checkpoint: bits/dim here, in the article, in the paper; of sound"
        " bits/sample"
    )
    parser = new(commands, "scoreboard", text, command("listing", "scoreboard"))
    parser.add_argument(
        "--check",
        action="store_true",
        help="score the checkpoints again instead of reading their cards",
    )
    add_device(parser)
    add_json(parser)


def add_bench(commands: Commands) -> None:
    text = (
        "speed against the naive loop, same weights, same run; or how well pictures are completed,"
        " and how much of what is drawn is recognised"
    )
    parser = new(commands, "bench", text, command("measuring", "bench"))
    parser.add_argument(
        "--only",
        metavar="X",
        help=(
            f"sampling, player, audio or a model; or {COMPLETION}, gaps, {TRAINING} (steps a"
            f" second, beside those of an article's loop), {DECODE} (all pixels at once,"
            f" beside one after the other) or {RECOGNISED} (the share of samples that a"
            " classifier recognises, beside that of real pictures), each of which is measured"
            " alone"
        ),
    )
    parser.add_argument(
        "--choose",
        action="store_true",
        help=(
            "measure which way to decode is the fastest here, for --models on --device, and keep it"
            " for --decode auto and the window"
        ),
    )
    parser.add_argument("--quick", action="store_true", help="less work, rougher figures")
    add_json(parser)
    _add_bench_completion(parser)


def _add_bench_completion(bench: Parser) -> None:
    """Options of one benchmark; `of_completion` of the namespace lists them, by where each one's
    value is found."""
    usual, both = Amounts(), f"{DECODE}, {RECOGNISED} and {TRAINING}"
    group = bench.add_argument_group(
        f"with --only {COMPLETION}",
        "All models by all methods take hours: choose some of them, or lower numbers.",
    )
    options = {
        group.add_argument(option, metavar=metavar, dest=dest, type=kind, help=text).dest: option
        for option, metavar, dest, kind, text in (
            (
                "--models",
                "A,B",
                "of",
                several,
                f"shipped ones, runs or paths, for {both} and --choose too (default: all shipped)",
            ),
            ("--methods", "A,B", "methods", several, "of completion (default: all)"),
            ("--preparation", "P", "preparation", str, "of the digits (default: each model's own)"),
            (
                "--digits",
                "N",
                "digits",
                whole(1),
                f"held-out digits that are scored (default: {usual.digits})",
            ),
            (
                "--completions",
                "N",
                "completions",
                whole(1),
                f"of these, how many are completed (default: {usual.completions})",
            ),
            (
                "--particle-digits",
                "N",
                "particle_digits",
                whole(1),
                f"of these, how many are scored by particles (default: {usual.particle_digits})",
            ),
            (
                "--particles",
                "P",
                "particles",
                whole(2),
                f"attempts at each of them (default: {usual.particles})",
            ),
            (
                "--samples",
                "N",
                "samples",
                whole(1),
                f"drawn from nothing, for {RECOGNISED} too (default: {usual.samples})",
            ),
            (
                "--step-digits",
                "N",
                "step_digits",
                whole(1),
                f"by which numbers of passes are compared (default: {usual.step_digits})",
            ),
            (
                "--passes",
                "N",
                "passes",
                whole(1),
                "ask models that predict all pixels at once for N only: an estimate (default: all)",
            ),
            (
                "--device",
                "DEVICE",
                "device",
                str,
                (
                    f"that models compute on, for {RECOGNISED} and --choose too (default: cpu);"
                    " without --only, or with a model: how fast this device draws and trains"
                ),
            ),
        )
    }
    bench.set_defaults(of_completion=options)
