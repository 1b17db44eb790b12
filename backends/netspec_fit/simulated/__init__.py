"""Tensors without values (shapes, strides, types, and storages that are counted), and autograd for them."""
