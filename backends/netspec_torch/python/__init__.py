"""Writes classes as the text of a file: constructors, ``forward`` methods with named variables, and imports."""
