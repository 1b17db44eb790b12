"""Reading PyTorch modules."""
