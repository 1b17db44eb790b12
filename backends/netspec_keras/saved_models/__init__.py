"""Reads files of Keras models: ``.keras`` archives of Keras 3, and HDF5 files of Keras 2 and 3. Nothing is executed."""
