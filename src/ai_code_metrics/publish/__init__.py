"""Destinations: where the summary is sent, each failing on its own."""
