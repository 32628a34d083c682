"""Reading files: sheets into rows, headers into fields, and a module for each kind of row."""
