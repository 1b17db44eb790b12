"""The words of Keras, PyTorch, ONNX and the papers: what they are in this language.

======================  ========================================================================
``operation_names``     operations by their other names (data)
``without_equivalent``  layers without an equivalent, and what to do instead (data)
``argument_names``      arguments by their other names, and arguments that are not needed (data)
``value_names``         values of arguments, and keys of a spec, by their other names (data)
``signatures``          the order of positional arguments elsewhere (data)
``conversions``         values that follow another convention
``lookup``              what one word means
``layer_resemblance``   what looks like a layer
``calls``               layers that are written as a call in Python
``layer_forms``         forms of layers elsewhere, as one mapping
``translate``           whole layers
``help_texts``          the texts of messages
======================  ========================================================================

Nothing of it is loaded for a valid spec.
"""
