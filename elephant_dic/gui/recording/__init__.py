"""A recording on the page: opened, read, looked at sweep by sweep and cell by cell."""
