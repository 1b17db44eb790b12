"""Weights: initial values from a seed and a name, weight files, and matching one to the other. Needs NumPy."""
