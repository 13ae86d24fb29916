"""Make ``python -m ai_code_metrics`` the same as the console script."""

from ai_code_metrics.cli import main

if __name__ == "__main__":
    main()
