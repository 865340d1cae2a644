"""Measurements, side by side in one run: ours, the floor beneath it, and peers. Run by `make bench`."""
