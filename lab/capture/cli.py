"""`python -m lab capture`: one role, for some seconds, into a file that Wireshark opens decrypted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from lab.capture.take import take
from lab.runner import Runner


def capture(
    role: Annotated[str, typer.Option(envvar="ROLE", help="the role to capture")],
    seconds: Annotated[int, typer.Option(envvar="SECONDS", min=1, max=300, help="for how long")] = 10,
    out: Annotated[
        Path | None, typer.Option(envvar="OUT", help="default: .wireyard/captures/ROLE.pcapng")
    ] = None,
    backend: Annotated[str, typer.Option(envvar="BACKEND")] = "auto",
) -> None:
    """Capture one role's packets, with the TLS secrets inside the file."""
    runner = Runner.open(backend, lambda text: typer.echo(text, err=True))
    runner.require_up()
    file = out or runner.state.root / "captures" / f"{role}.pcapng"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = take(
        runner, role, seconds, file, lambda: typer.echo(f"capturing {role} for {seconds} s …", err=True)
    )
    cut = "; it was cut at the size limit" if done.full else ""
    typer.echo(f"{os.path.relpath(done.file)}: {done.packets} packets, {done.secrets} TLS secrets{cut}")
    typer.echo("Wireshark opens it, decrypted; find an event's packet by its peer and time", err=True)
