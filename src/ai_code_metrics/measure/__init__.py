"""Qualities: pure functions from collected records to the parts of the summary."""
