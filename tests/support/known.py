"""`--known-within SECONDS`: less time for what is known to fail each time, and its waits spread.

The tests stand in services/*/swaps/known*.yaml (lab/matrix/known.py), for what fills each role. Most fail by
waiting for what never comes, and they stand together: one worker would still wait when all others have ended.
"""

from __future__ import annotations

import os
from pathlib import Path
from zlib import crc32

import pytest

from lab.matrix import known
from lab.topology import PROJECT
from tests.support.features import roles
from tests.support.yard import open_yard


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    within = config.getoption("--known-within")
    if not within:
        return
    programs = {s.role: s.implementation for s in open_yard().topology.services.values()}
    found = known.load(Path(os.environ.get("WIREYARD_CONTRACTS", PROJECT)))
    entries = [e for e in found if e.implementation in programs.values() and not e.sometimes]
    for item in items:
        if any(known.find(entries, role, programs[role], item.nodeid) for role in roles(item)):
            item.add_marker(pytest.mark.timeout(within, func_only=True), append=False)
    items.sort(key=lambda item: crc32(item.nodeid.encode()))
