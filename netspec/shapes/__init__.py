"""Shapes of tensors: sizes, types, windows, and which input positions an output reads."""
