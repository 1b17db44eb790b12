"""YAML text: reading it with locations, and writing values as YAML."""
