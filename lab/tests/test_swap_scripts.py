"""A program that is installed but lacks what its role needs is told apart in one line, and not started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.topology import PROJECT

KNOT, SQUID = "services/dns/swaps/knot.sh", "services/proxy/swaps/squid.sh"
LACKING = [
    (KNOT, "knotd", "knotd (Knot DNS), version 3.2.6", "Knot 3.2.6 has no DNS over TLS"),
    (KNOT, "knotd", "knotd (Knot DNS), version 2.9", "Knot 2.9 has no DNS over TLS"),
    (SQUID, "squid", "configure options: '--with-gnutls'", "Debian's package squid-openssl"),
]
ABLE = [
    (KNOT, "knotd", "knotd (Knot DNS), version 3.4.6"),
    (KNOT, "knotd", "knotd (Knot DNS), version 3.10.0"),
    (SQUID, "squid", "configure options: '--with-openssl' '--enable-ssl'"),
]


def start(script: str, program: str, says: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What becomes of a swap's script where `program` is one that only says that."""
    stand_in = folder / program
    stand_in.write_text(f'#!/bin/sh\necho "{says}"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    environ = {
        "PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TMPDIR": str(folder),
        "WIREYARD_ADDRESS": "127.0.0.1",
        "WIREYARD_ALLOW": "127.0.0.0/8",
        "WIREYARD_CERTS": str(folder),
        "WIREYARD_PORT": "1",
        "WIREYARD_TLS_PORT": "2",
    }
    return subprocess.run(
        ["sh", script], cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("script", "program", "says", "told"), LACKING)
def test_what_a_program_lacks_is_one_line(
    script: str, program: str, says: str, told: str, tmp_path: Path
) -> None:
    done = start(script, program, says, tmp_path)
    assert done.returncode == 78
    assert told in done.stderr
    assert "Debian's package" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("script", "program", "says"), ABLE)
def test_a_program_that_has_it_is_started(script: str, program: str, says: str, tmp_path: Path) -> None:
    done = start(script, program, says, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
