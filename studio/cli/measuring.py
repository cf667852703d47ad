"""`studio evaluate` and `studio bench`: how well a model predicts, and how fast it draws."""

from __future__ import annotations

import argparse

from studio.cli.terminal import ProgressLine, duration, print_json, say


def evaluate(arguments: argparse.Namespace) -> int:
    """bits/dim of a checkpoint on all of a part of the data; of an autoencoder, how well it
    reconstructs them."""
    from models.autoencoder import SCORED_CORRUPTION
    from studio.engine import checkpoints
    from studio.engine.checkpoints.words import NO_LIKELIHOOD, UNITS
    from studio.engine.runtime import devices
    from studio.engine.scoring import evaluation

    model = checkpoints.load(arguments.checkpoint, devices.pick(arguments.device))
    older = "learnt_from" not in (model.card or {})
    if arguments.split == "validation" and arguments.data is None and older:
        say(
            "This model was trained before there was a validation part: it has learnt from these"
            " too."
        )
    with ProgressLine() as line:
        score = evaluation.evaluate(
            model,
            arguments.data,
            arguments.split,
            arguments.preparation,
            arguments.labels,
            progress=lambda part: line.show(f"Scoring: {part:.0%}"),
            orders=arguments.orders,
        )
    assert score is not None  # there is no token to cancel
    if arguments.json:
        print_json(score.to_dict())
        return 0
    counted = f"{score.examples:,} examples  {duration(score.seconds)}"
    if model.autoregressive:
        print(
            f"{score.figures[model.measure]:.4f} {UNITS[model.measure]}  {score.nats:.2f} nats "
            f" {counted}"
        )
        if score.orders is not None:
            alone = score.figures["single_order_bits_per_dim"]
            print(f"The ensemble of {score.orders} orders; {alone:.4f} bits/dim in one alone.")
        for side, bits in score.completion.items():
            print(f"{bits:.4f} bits/dim of the rest, given the {side} half")
        if score.baselines:
            trivial = (
                f"{bits:.4f} {name.replace('_', ' ')}" for name, bits in score.baselines.items()
            )
            print(f"Trivial models: {', '.join(trivial)}")
        if "log_mel_distance" in score.figures:
            print(
                f"{score.figures['log_mel_distance']:.2f} dB from the recordings, made again from"
                " their spectrograms"
            )
        return 0
    for shown, prefix in (
        (f"with {SCORED_CORRUPTION:.0%} of the pixels noise", ""),
        ("as they are", "plain_"),
    ):
        bits, right = (
            score.figures[prefix + name] for name in ("reconstruction_bits", "pixels_right")
        )
        print(
            f"{bits:.4f} bits/dim to reconstruct  {right:.2%} of the pixels right  from pictures"
            f" {shown}"
        )
    print(f"{counted}; {NO_LIKELIHOOD}: the model is shown what it has to say.")
    return 0


def bench(arguments: argparse.Namespace) -> int:
    """Measures, and prints what was found."""
    from studio.engine.bench import drawing_speed

    document = drawing_speed.run(only=arguments.only, quick=arguments.quick, show=say)
    if arguments.json:
        print_json(document)
    else:
        print(drawing_speed.as_text(document))
    return 0
