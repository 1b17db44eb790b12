"""Converts a graph to bodies: decides which levels of the tree of names become classes.

Bodies contain submodules and steps, but neither text nor names of variables: numbers are in the holes of templates, and
values have the numbers of the graph.
"""
