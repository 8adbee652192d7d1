"""Runs the command line."""

import sys

from clients.http1.cli import main

if __name__ == "__main__":
    sys.exit(main())
