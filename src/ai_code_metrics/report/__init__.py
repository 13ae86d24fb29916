"""Formats: pure functions from the summary to text."""
