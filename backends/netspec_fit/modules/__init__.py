"""The classes of ``torch.nn`` for tensors without values."""
