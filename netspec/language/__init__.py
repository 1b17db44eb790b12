"""The language: reading a document, elaborating it into a graph, and writing a graph as a flat spec."""
