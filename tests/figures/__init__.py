"""Checks of drawings by geometry: nothing overlaps, nothing is cut off, and every arrow connects two shapes."""
