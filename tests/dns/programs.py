"""Programs of others that ask a name server."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import pytest


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


async def run(*words: str) -> str:
    process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()
    return out.decode()
