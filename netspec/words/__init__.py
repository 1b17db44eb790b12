"""The words of Keras, PyTorch, ONNX and the papers: what they are in this language.

======================  ========================================================================
``operations``          operations by their other names (data)
``without_equivalent``  layers without an equivalent, and what to do instead (data)
``arguments``           arguments by their other names, and arguments that are not needed (data)
``values``              values of arguments, and keys of a spec, by their other names (data)
``signatures``          the order of positional arguments elsewhere (data)
``conversions``         values that follow another convention
``lookup``              what one word means
``layer_resemblance``   what looks like a layer
``calls``               layers that are written as a call in Python
``translate``           whole layers
``help_texts``          the texts of messages
======================  ========================================================================

Nothing of it is loaded for a valid spec.
"""
