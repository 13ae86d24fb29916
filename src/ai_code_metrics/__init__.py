"""Code quality and AI attribution metrics for GitHub Actions, Prometheus and the terminal."""

__version__ = "0.1.0"
