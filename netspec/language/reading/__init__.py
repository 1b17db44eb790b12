"""From the tree of a YAML file to a document: records, layers, parameters and expressions, each checked on its own."""
