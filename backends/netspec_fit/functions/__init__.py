"""What functions of PyTorch allocate, keep for the backward pass, and allocate there: a module for each family.

Each module has tables of functions by the names that PyTorch gives them: ``METHODS`` of tensors, ``FUNCTIONS`` of
``torch`` and ``torch.nn.functional``. What a function keeps is what its derivative in PyTorch's ``derivatives.yaml``
uses; what it allocates besides follows from its implementation in ATen. ``python -m tests.memory`` compares with
PyTorch.
"""
