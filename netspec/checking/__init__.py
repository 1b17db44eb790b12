"""From the name of a spec to a checked network: reading, elaboration, suggested repairs, expectations."""
