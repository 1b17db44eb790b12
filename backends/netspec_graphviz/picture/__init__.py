"""A picture as a list of shapes, and its file formats."""
