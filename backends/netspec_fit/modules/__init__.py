"""The classes of ``torch.nn`` over tensors without values."""
