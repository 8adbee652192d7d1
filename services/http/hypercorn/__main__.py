"""`python -m services.http.hypercorn`: one HTTP role, told by WIREYARD_*."""

from __future__ import annotations

import sys

from services.http.asgi.settings import HttpSettings
from services.http.hypercorn.service import HypercornService
from services.kit.serve import main

sys.exit(main(HttpSettings, HypercornService))
