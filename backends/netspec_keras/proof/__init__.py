"""Running the model of a file in Keras, and the spec in PyTorch: on random weights and inputs, in double precision."""
