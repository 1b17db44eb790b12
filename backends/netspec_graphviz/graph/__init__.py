"""The graph style: boxes in frames with edges between them, and the same as DOT source."""
