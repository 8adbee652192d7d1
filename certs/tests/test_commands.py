"""The commands for single certificates, on one store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from certs.cli import main
from certs.make import Leaf
from certs.whole import make

NAME = "own/my.test"


@pytest.fixture
def where(tmp_path: Path) -> Path:
    make(tmp_path, (Leaf("https", ("https.wireyard.test",), ()),))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_a_certificate_of_ones_own_is_issued_verified_exported_and_revoked(
    where: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ("--store", str(where))
    assert "made" in run(capsys, "issue", *place, "my.test", "10.0.0.7", "--days", "3")
    assert "kept" in run(capsys, "issue", *place, "my.test", "10.0.0.7", "--days", "3")
    for host in ("my.test", "10.0.0.7"):
        assert run(capsys, "verify", *place, NAME, host).endswith("CN=Wireyard Root,O=Wireyard\n")
    assert "subject   CN=my.test,O=Wireyard" in run(capsys, "show", *place, NAME)
    target = where / "my.p12"
    run(capsys, "export", *place, NAME, str(target), "--password", "secret")
    key, leaf, above = pkcs12.load_key_and_certificates(target.read_bytes(), b"secret")
    assert key
    assert leaf
    assert len(above) == 1
    assert target.stat().st_mode & 0o777 == 0o600
    run(capsys, "revoke", *place, NAME)
    line = next(line for line in run(capsys, "list", *place).splitlines() if line.startswith(NAME))
    assert line.endswith("revoked")


def test_certificates_are_issued_and_revoked_where_the_roots_key_is_not(
    where: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the container that renews, which is told its store by a variable."""
    shutil.rmtree(where / "authority/root")
    monkeypatch.setenv("WIREYARD_STORE", str(where))
    anchor = (where / "ca/ca.pem").read_bytes()
    run(capsys, "issue", "my.test")
    assert run(capsys, "verify", NAME, "my.test").endswith("CN=Wireyard Root,O=Wireyard\n")
    assert run(capsys, "export", NAME, "-").startswith("-----BEGIN PRIVATE KEY-----\n")
    run(capsys, "revoke", NAME)
    assert "revoked" in run(capsys, "list").partition(NAME)[2]
    assert (where / "ca/ca.pem").read_bytes() == anchor
    assert main(["revoke", "authority/intermediate"]) == 1
    assert "is the root's to revoke" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["issue", "my.test"], ["list"], ["revoke", "https"]])
def test_beside_containers_only_the_anchor_is_here_and_nothing_is_made_instead(
    command: list[str], where: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "host/ca").mkdir(parents=True)
    copy = tmp_path / "host/ca/ca.pem"
    shutil.copy(where / "ca/ca.pem", copy)
    assert main([*command, "--store", str(tmp_path / "host")]) == 1
    assert "docker compose exec renewal python3 -m certs" in capsys.readouterr().err
    assert copy.read_bytes() == (where / "ca/ca.pem").read_bytes()
    assert [path.name for path in (tmp_path / "host").iterdir()] == ["ca"]
    assert str(copy) in run(capsys, "trust", "--store", str(tmp_path / "host"))


def test_the_list_tells_good_from_expired_from_revoked(
    where: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = run(capsys, "list", "--store", str(where)).splitlines()
    states = {line.split()[0]: line.split("  ")[-1] for line in lines}
    assert states["https"] == "good"
    assert states["https/zoo/expired"] == "expired"
    assert states["https/zoo/not-yet-valid"] == "not yet valid"
    assert states["https/zoo/revoked"] == "revoked"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "https", "other.test"), "is not trusted as other.test"),
        (("verify", "https/zoo/expired", "expired.https.wireyard.test"), "is not trusted"),
        (("show", "own/none"), "there is no 'own/none'"),
        (("show", "../../etc"), "there is no '../../etc'"),
        (("revoke", "own/none"), "there is no 'own/none'"),
        (("issue", "bad name"), "'bad name' is neither a host name nor an address"),
        (("issue", "me@my.test", "--client"), "'me@my.test' is neither"),
        (("issue", "a/b"), "'a/b' is neither"),
        (("issue", "a.*.test"), "'a.*.test' is neither"),
        (("issue", "my.test", "--days", "0"), "--days 0: a certificate lasts from 1 to 825 days"),
        (("issue", "my.test", "--days", "800"), "--days 800: the authority itself ends on 2"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    where: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    command, *rest = arguments
    assert main([command, "--store", str(where), *rest]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_what_is_issued_again_is_what_is_asked_for_now(
    where: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ("--store", str(where))
    assert "made" in run(capsys, "issue", *place, "my.test")
    assert "made" in run(capsys, "issue", *place, "my.test", "--key", "p384")
    assert "made" in run(capsys, "issue", *place, "my.test", "--key", "p384", "--client")
    assert "kept" in run(capsys, "issue", *place, "my.test", "--key", "p384", "--client")
    run(capsys, "revoke", *place, NAME)
    assert "made" in run(capsys, "issue", *place, "my.test", "--key", "p384", "--client")
    assert "made" in run(capsys, "issue", *place, "my.test", "--key", "p384", "--client", "--days", "3")
    assert "kept" in run(capsys, "issue", *place, "my.test", "--key", "p384", "--client", "--days", "3")
    line = next(line for line in run(capsys, "list", *place).splitlines() if line.startswith(NAME))
    assert line.endswith("good")


def test_a_revoked_certificate_is_not_verified(where: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--store", str(where))
    run(capsys, "verify", *place, "https", "https.wireyard.test")
    run(capsys, "revoke", *place, "https")
    assert main(["verify", *place, "https", "https.wireyard.test"]) == 1
    assert "not trusted as https.wireyard.test: revoked on 2" in capsys.readouterr().err


def test_what_is_shown_names_whom_it_is_for(where: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "issue", "--store", str(where), "bücher.test", "*.my.test", "10.0.0.7")
    shown = run(capsys, "show", "--store", str(where), "own/bücher.test")
    assert "for       xn--bcher-kva.test, *.my.test, 10.0.0.7\n" in shown


def test_a_reader_that_has_had_enough_is_no_error(where: Path) -> None:
    list_and_stop = "from certs.cli import main; import os, sys; os.close(0); sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", list_and_stop, "list", "--store", str(where)]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_store_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--store", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith(f"certs: {tmp_path}/none holds no authority; `make up`")


def test_the_yards_own_store_is_where_its_state_is(
    where: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREYARD_STATE", str(where.parent / "state"))
    (where.parent / "state").mkdir()
    (where.parent / "state" / "certs").symlink_to(where)
    assert "https  " in run(capsys, "list")


def test_trust_names_the_file(where: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"--cacert {where}/ca/ca.pem" in run(capsys, "trust", "--store", str(where))
