"""The network as source for several devices: ``parallelize``, stages of a pipeline, and a file that trains."""
