"""The insights that ship, one file each, with an `INSIGHT`."""
