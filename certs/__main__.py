"""`python -m certs`."""

import sys

from certs.cli import main

sys.exit(main(sys.argv[1:]))
