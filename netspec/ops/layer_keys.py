"""The keys that may stand beside any operation in a layer."""

REGION_KEYS = frozenset(("over", "route", "stacked"))
"""Those of layers that run along an axis, or by choice."""
LAYER_KEYS = (
    *("from", "activation", "when", "repeat", "first", "each", "parallel", "carry", "map"),
    *("over", "route", "stacked"),
    *("share", "freeze", "weights", "unused", "dtype", "doc"),
)
