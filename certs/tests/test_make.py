"""`make`: complete the first time, silent the second, and renewing what is due."""

import ssl
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from certs import keys, store
from certs import make as making
from certs.authority import sign
from certs.cli import main
from certs.errors import BadRequestError, StoreError
from certs.leaves import parse
from certs.make import Leaf
from certs.store import Owner, Pair
from certs.whole import make

HTTPS = Leaf("https", ("https.wireyard.test",), ("10.77.0.12", "fd77::12"))


def reasons(where: Path, *leaves: Leaf) -> dict[str, str]:
    return {made.name: made.why for made in make(where, leaves or (HTTPS,))}


def handshake(where: Path, name: str) -> None:
    """Both ends in memory; raises what the client's verification raises."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(where / "https/cert.pem", where / "https/key.pem")
    client = ssl.create_default_context(cafile=where / "ca/ca.pem")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(down, up, server_hostname=name),
        server.wrap_bio(up, down, server_side=True),
    )
    for end in ends * 2:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_the_first_run_makes_all_and_the_second_nothing(tmp_path: Path) -> None:
    assert set(reasons(tmp_path).values()) == {"new"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    assert set(reasons(tmp_path).values()) == {""}
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}


@pytest.mark.parametrize("name", ["https.wireyard.test", "10.77.0.12", "fd77::12"])
def test_a_strict_client_accepts_every_name_of_the_leaf(tmp_path: Path, name: str) -> None:
    """VERIFY_X509_STRICT, the default of Python 3.13, enforces RFC 5280's CA profile."""
    make(tmp_path, (HTTPS,))
    handshake(tmp_path, name)


def test_a_strict_client_refuses_another_name(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(tmp_path, "h2.wireyard.test")


def test_keys_are_for_the_owner_alone_and_the_anchor_for_all(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("key.pem")}
    assert len(modes) > 30
    assert set(modes.values()) == {0o400}
    assert stat.S_IMODE((tmp_path / "authority").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "ca/ca.pem").stat().st_mode) == 0o444


def test_a_loosened_key_is_tightened_again(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    key = tmp_path / "https/key.pem"
    key.chmod(0o644)
    make(tmp_path, (HTTPS,))
    assert stat.S_IMODE(key.stat().st_mode) == 0o400


def test_what_ends_within_a_day_is_renewed(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    authority = making.open_authority(tmp_path, [])
    short = replace(HTTPS.template, ends=timedelta(hours=23))
    key = keys.generate("p256")
    store.save(tmp_path / "https", Pair((sign(short, key, authority.intermediate),), key), Owner())
    assert reasons(tmp_path)["https"] == "its time is nearly up"
    assert reasons(tmp_path)["https"] == ""


def test_another_life_calls_for_new_leaves_and_for_no_other_authority(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    why = {made.name: made.why for made in make(tmp_path, (HTTPS,), life=timedelta(days=2))}
    assert (why["https"], why["client/good"]) == ("another life is asked for",) * 2
    assert (why["root"], why["intermediate"], why["https/expired"]) == ("", "", "")


def test_new_names_another_key_and_a_new_root_each_call_for_a_new_leaf(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    assert reasons(tmp_path, replace(HTTPS, addresses=("127.0.0.1",)))["https"] == "its names have changed"
    store.write(tmp_path / "https/key.pem", keys.to_pem(keys.generate("p256")), store.PRIVATE, Owner())
    assert reasons(tmp_path, replace(HTTPS, addresses=("127.0.0.1",)))["https"] == "the key is another one's"
    (tmp_path / "authority/root/cert.pem").unlink()
    gone = "signed by an authority that is gone"
    made = reasons(tmp_path)
    assert (made["root"], made["intermediate"], made["https"]) == ("new", gone, gone)
    handshake(tmp_path, "https.wireyard.test")


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    make(tmp_path, (HTTPS,))
    store.write(tmp_path / "https/cert.pem", b"junk", store.PUBLIC, Owner())
    assert "not certificates in PEM" in reasons(tmp_path)["https"]
    handshake(tmp_path, "https.wireyard.test")


def test_a_leaf_is_parsed_from_one_word() -> None:
    assert parse("https=https.wireyard.test,10.77.0.12,fd77::12") == HTTPS
    for text in ("https", "https=10.0.0.1", "=x.test", "../up=x.test"):
        with pytest.raises(BadRequestError):
            parse(text)


def test_the_command_line_says_what_it_did_and_why_it_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["make", "--out", str(tmp_path), "--leaf", "https=https.wireyard.test"]
    assert main(command) == 0
    assert "made (new)" in capsys.readouterr().out
    assert main(["make", "--out", str(tmp_path), "--leaf", "https"]) == 1
    assert capsys.readouterr().err == "certs: 'https' is not ROLE=NAME,ADDRESS,…\n"


def test_reading_a_store_that_is_not_there_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"key\.pem: No such file"):
        store.load(tmp_path)
