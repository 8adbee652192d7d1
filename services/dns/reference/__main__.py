"""Runs the DNS service."""

import sys

from services.dns.reference.service import DNSService
from services.dns.reference.settings import DNSSettings
from services.kit.serve import main

if __name__ == "__main__":
    sys.exit(main(DNSSettings, DNSService))
