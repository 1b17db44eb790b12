"""From a graph to what each class holds: which levels of the tree of names are classes, their submodules and steps.

No text, and no names of variables: numbers stand in the holes of templates, values have the numbers of the graph.
"""
