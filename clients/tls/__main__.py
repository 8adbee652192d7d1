"""`python -m clients.tls`."""

import sys

from clients.tls.cli import main

sys.exit(main())
