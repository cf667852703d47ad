"""`studio evaluate` and `studio bench`: how well a model predicts, and how fast it draws."""

from __future__ import annotations

import argparse

from studio.cli.terminal import ProgressLine, duration, print_json, say


def evaluate(arguments: argparse.Namespace) -> int:
    """bits/dim of a checkpoint on every image of a part of the data."""
    from studio.engine import checkpoints, devices, evaluation

    model = checkpoints.load(arguments.checkpoint, devices.pick(arguments.device))
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
    print(f"{score.bits_per_dim:.4f} bits/dim  {score.nats:.2f} nats  {score.examples:,} examples  {duration(score.seconds)}")
    if score.orders is not None:
        print(f"The ensemble of {score.orders} orders; {score.single_order_bits_per_dim:.4f} bits/dim in one alone.")
    return 0


def bench(arguments: argparse.Namespace) -> int:
    """Measures, and prints what was found."""
    from studio.engine import bench

    document = bench.run(only=arguments.only, quick=arguments.quick, show=say)
    if arguments.json:
        print_json(document)
    else:
        print(bench.as_text(document))
    return 0
