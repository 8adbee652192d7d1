"""`python -m services.http.reference`: the role that WIREYARD_ROLE names."""

from __future__ import annotations

import sys

from services.http.reference.service import HttpService
from services.http.reference.settings import HttpSettings
from services.kit.serve import main

if __name__ == "__main__":
    sys.exit(main(HttpSettings, HttpService))
