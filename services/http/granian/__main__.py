"""`python -m services.http.granian`: one HTTP role, told by WIREYARD_*."""

from __future__ import annotations

import sys

from services.http.asgi.settings import HttpSettings
from services.http.granian.service import GranianService
from services.kit.serve import main

sys.exit(main(HttpSettings, GranianService))
