"""Small networks as neurons and connections."""
