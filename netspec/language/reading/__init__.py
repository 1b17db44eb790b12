"""Converts the tree of a YAML file to a document of separately checked records, layers, parameters and expressions."""
