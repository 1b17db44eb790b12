"""The page to explore: a network as one HTML file that works offline."""
