"""Rules for PyTorch functions: what they allocate, and what they save for and allocate in the backward pass.

Each module has tables of functions by PyTorch's names: ``METHODS`` of tensors, ``FUNCTIONS`` of ``torch`` and
``torch.nn.functional``. What a function saves is what its derivative in PyTorch's ``derivatives.yaml`` uses; what else
it allocates follows from its implementation in ATen. ``python -m tests.memory`` compares the results with PyTorch.
"""
