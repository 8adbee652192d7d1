"""`python -m services.http.hypercorn`: one HTTP role, told by WIREYARD_*."""

from __future__ import annotations

import sys

from services.http.hypercorn.service import HttpSettings, HypercornService
from services.kit.serve import main

sys.exit(main(HttpSettings, HypercornService))
