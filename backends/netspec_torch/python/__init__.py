"""From classes to the text of a file: constructors, ``forward`` methods with names for their values, imports."""
