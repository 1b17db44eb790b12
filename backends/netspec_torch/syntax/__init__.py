"""Python source as a tree, and a printer for it. Independent of networks."""
