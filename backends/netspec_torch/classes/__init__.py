"""From bodies to classes: uses of one structure become one class, what differs between them becomes arguments."""
