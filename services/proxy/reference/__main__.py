"""Runs the CONNECT proxy."""

import sys

from services.kit.serve import main
from services.proxy.reference.service import ProxyService
from services.proxy.reference.settings import ProxySettings

if __name__ == "__main__":
    sys.exit(main(ProxySettings, ProxyService))
