"""The graph style: boxes in frames with edges between them, also as DOT source."""
