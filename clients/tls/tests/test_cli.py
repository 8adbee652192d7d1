"""What the command line says of what it cannot do: one line, and the exit code of bad usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.tls.cli import main


@pytest.mark.parametrize("where", ["nonsense", "127.0.0.1:https", ":443"])
def test_an_address_without_a_port_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    ca = tmp_path / "ca.pem"
    ca.touch()
    assert main(["look", "a.test", "--connect", where, "--ca", str(ca)]) == 2
    assert capsys.readouterr().err == f"{where!r} is not ADDRESS:PORT\n"


def test_an_authority_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--ca", str(tmp_path / "none.pem")]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path}/none.pem is not there: is the yard up?")
