"""Statistics in the standard library alone, each function with its source; nothing in here knows of code or commits."""
