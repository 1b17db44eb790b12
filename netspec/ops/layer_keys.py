"""The keys that may stand beside any operation in a layer."""

LAYER_KEYS = ("from", "activation", "when", "repeat", "first", "each", "share", "freeze", "doc")
