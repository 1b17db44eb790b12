"""Weights: initial values by seed and name, weight files, and matching one to the other. Needs NumPy."""
