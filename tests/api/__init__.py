"""The interface from Python."""
