"""Turns the name of a spec into a checked network: reading, elaboration, suggested repairs, expectations."""
