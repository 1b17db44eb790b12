"""Files of Keras models: the ``.keras`` archive of Keras 3, and HDF5 files of Keras 2 and 3. Nothing in them is run."""
