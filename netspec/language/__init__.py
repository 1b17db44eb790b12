"""The language: documents, the forms that layers take, expressions, and the pass that makes a graph of them."""
