"""Source code for several devices: ``parallelize``, pipeline stages, and a training script."""
