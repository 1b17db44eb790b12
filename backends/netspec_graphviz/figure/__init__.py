"""Figures of a given width: repeated blocks are drawn once, with letters for arguments that vary."""
