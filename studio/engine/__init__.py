"""Everything that works without a window: data, training,
checkpoints, generation, completion, exporting."""
