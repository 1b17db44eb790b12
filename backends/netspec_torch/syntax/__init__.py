"""Python source as a tree, and the tree as text. Knows no network."""
