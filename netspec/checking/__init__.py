"""From a file to a checked network: loading, suggested repairs, expectations."""
