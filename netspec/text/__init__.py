"""YAML text: parsing it with locations, and writing values as YAML."""
