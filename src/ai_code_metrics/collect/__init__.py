"""Sources: everything that is read from outside, each module named after where it reads from."""
