"""images/mirror carries the machine's own apt sources over to another Debian release."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

MIRROR = Path(__file__).parent.parent / "mirror"
DEBIAN = 'PRETTY_NAME="Debian 12"\nID=debian\nVERSION_CODENAME=bookworm\n'
MAIN = """\
# a comment, which may name another host
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
SECURITY = MAIN.replace("example/debian", "example/security").replace(
    "bookworm bookworm-updates", "bookworm-security"
)


def _mirror(etc: Path, files: dict[str, str], os_release: str = DEBIAN) -> subprocess.CompletedProcess[str]:
    (etc / "apt/sources.list.d").mkdir(parents=True)
    (etc / "os-release").write_text(os_release)
    for name, text in files.items():
        (etc / "apt" / name).write_text(text)
    environ = {"PATH": os.environ["PATH"], "WIREYARD_ETC": str(etc)}
    return subprocess.run([MIRROR, "trixie"], capture_output=True, text=True, check=False, env=environ)


def _stanzas(text: str) -> list[dict[str, str]]:
    blocks = [block for block in text.split("\n\n") if block.strip()]
    return [dict(line.split(": ", 1) for line in block.strip().splitlines()) for block in blocks]


def test_release_names_change_and_hosts_stay(tmp_path: Path) -> None:
    done = _mirror(tmp_path, {"sources.list.d/debian.sources": f"{MAIN}\n{SECURITY}"})
    assert [(s["URIs"], s["Suites"], s["Components"]) for s in _stanzas(done.stdout)] == [
        ("http://mirror.example/debian", "trixie trixie-updates", "main"),
        ("http://mirror.example/security", "trixie-security", "main"),
    ]
    assert all(s["Signed-By"].endswith("debian-archive-keyring.gpg") for s in _stanzas(done.stdout))
    assert "#" not in done.stdout


def test_files_without_a_last_blank_line_do_not_run_together(tmp_path: Path) -> None:
    done = _mirror(
        tmp_path, {"sources.list.d/a.sources": MAIN.rstrip(), "sources.list.d/b.sources": SECURITY}
    )
    assert [s["Suites"] for s in _stanzas(done.stdout)] == ["trixie trixie-updates", "trixie-security"]


def test_one_line_sources_are_understood(tmp_path: Path) -> None:
    lines = (
        "deb [arch=amd64] http://mirror.example/debian bookworm main contrib\n"
        "deb-src http://source.example/debian bookworm main\n"
        "deb [signed-by=/usr/share/keyrings/vendor.gpg] http://vendor.example/ bookworm main\n"
    )
    done = _mirror(tmp_path, {"sources.list": lines})
    assert [(s["URIs"], s["Suites"], s["Components"]) for s in _stanzas(done.stdout)] == [
        ("http://mirror.example/debian", "trixie", "main contrib")
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(MAIN.replace("debian-archive-keyring", "vendor"), id="another vendor's key"),
        pytest.param(MAIN.replace("Types", "Enabled: no\nTypes"), id="switched off"),
        pytest.param(MAIN.replace("bookworm", "stable"), id="another release"),
    ],
)
def test_what_is_not_debian_of_this_release_stays_out(other: str, tmp_path: Path) -> None:
    done = _mirror(
        tmp_path, {"sources.list.d/debian.sources": SECURITY, "sources.list.d/other.sources": other}
    )
    assert [s["Suites"] for s in _stanzas(done.stdout)] == ["trixie-security"]


@pytest.mark.parametrize(
    ("files", "os_release", "complaint"),
    [
        ({}, DEBIAN, "no apt source for bookworm"),
        (
            {"sources.list.d/debian.sources": MAIN},
            'ID=other\nPRETTY_NAME="Other 1"\n',
            "this machine runs Other 1",
        ),
    ],
)
def test_a_machine_it_cannot_serve_is_told_why(
    files: dict[str, str], os_release: str, complaint: str, tmp_path: Path
) -> None:
    done = _mirror(tmp_path, files, os_release)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert not done.stdout
