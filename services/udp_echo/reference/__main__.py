"""Runs the UDP echo service."""

import sys

from services.kit.serve import main
from services.udp_echo.reference.service import EchoService
from services.udp_echo.reference.settings import EchoSettings

if __name__ == "__main__":
    sys.exit(main(EchoSettings, EchoService))
