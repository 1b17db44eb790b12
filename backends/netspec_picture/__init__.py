"""Pictures: shapes on a page, their fonts, and the file formats that they are written in."""
