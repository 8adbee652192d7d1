"""curl, nghttp, nc, socat, openssl, gnutls-cli, dig, kdig and Node understand every service."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.patience import SECOND
from tests.foreign.programs import NODE, PROGRAMS, Program
from tests.support.yard import Yard

# How long one program may take.
WITHIN = 15 * SECOND
NOT_INSTALLED = 127
"""A shell's exit status for a command that it does not find; our scripts', for a library."""


def _parameters() -> list[object]:
    return [
        pytest.param(
            program.role,
            program,
            id=f"{program.role}: {program.name}",
            marks=[pytest.mark.feature(program.feature)] if program.feature else [],
        )
        for program in PROGRAMS
    ]


@pytest.mark.parametrize(("role", "program"), _parameters())
async def test_a_foreign_client_is_answered(
    role: str, program: Program, yard: Yard, ca: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("client", program.executable)
    if shutil.which(program.executable) is None:
        pytest.skip(f"{program.executable} is not installed")
    words = [_fill(word, role, yard, ca) for word in shlex.split(program.words)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(WITHIN):
            output, errors = await process.communicate(_fill(program.stdin, role, yard, ca).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == NOT_INSTALLED:
        pytest.skip(errors.decode().strip())
    assert _fill(program.expected, role, yard, ca) in output.decode(), errors.decode()


def _fill(text: str, role: str, yard: Yard, ca: Path) -> str:
    where = yard.endpoint(role)
    vault = yard.topology.endpoint("vault", yard.view).port
    known = {"address": where.address, "port": where.port, "authority": where.authority}
    return text.format(**known, ca=ca, node=NODE, vault=vault)
