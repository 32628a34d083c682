"""Writing files: rows into sheets, and a module for each kind of row."""
