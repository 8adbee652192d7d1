"""Runs the console."""

import sys

from services.console.service import ConsoleService
from services.console.settings import ConsoleSettings
from services.kit.serve import main

if __name__ == "__main__":
    sys.exit(main(ConsoleSettings, ConsoleService))
