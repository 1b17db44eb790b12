"""Tensors without values: shapes, strides, types and storages that count themselves, and autograd over them."""
