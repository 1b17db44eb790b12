"""Where text goes: which characters an output can show, and the width and colours of a terminal."""
