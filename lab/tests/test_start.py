"""What a start costs: nothing is loaded before somebody asks for it, and nobody waits for the zoo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from certs.cli import main as certs
from certs.progress import SERVICES_READY
from lab.backends import certificates
from lab.errors import LabError
from lab.topology import PROJECT


@pytest.mark.parametrize(
    ("module", "late"),
    [
        ("lab.cli", {"httpx", "jinja2", "cryptography"}),
        ("services.http.reference.__main__", {"cryptography", "lab.topology", "yaml"}),
        ("services.console.__main__", {"cryptography", "dns.message"}),
    ],
)
def test_a_start_does_not_load_what_few_ask_for(module: str, late: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True)
    assert not late & set(done.stdout.decode().split())


def test_services_have_their_certificates_before_the_zoo_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert certs(["make", "--out", str(tmp_path), "--leaf", "https=a.test", "--leaf", "dns=b.test"]) == 0
    said = [line.split(" made ")[0].strip() for line in capsys.readouterr().out.splitlines()]
    assert said[:5] == ["root", "intermediate", "https", "dns", SERVICES_READY]
    assert "https/rsa4096" in said[5:]


def test_the_yard_goes_on_when_services_can_start_and_ends_with_the_whole_store(tmp_path: Path) -> None:
    with certificates.making(tmp_path) as services_ready:
        services_ready()
        assert (tmp_path / "https" / "cert.pem").exists()
        assert not (tmp_path / "ca" / "index.json").exists()
    assert (tmp_path / "ca" / "index.json").exists()


def test_a_store_that_cannot_be_made_is_told_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file, no folder", encoding="utf-8")
    with (
        pytest.raises(LabError, match=r"the certificates cannot be made: .*store"),
        certificates.making(tmp_path / "store") as services_ready,
    ):
        services_ready()
