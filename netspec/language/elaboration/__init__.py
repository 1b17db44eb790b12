"""From a document to a graph: names, copies, scopes and nodes."""
