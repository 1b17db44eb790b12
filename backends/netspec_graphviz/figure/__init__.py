"""Figures that fit a given width: blocks drawn once, letters for what differs, and a layout of our own."""
