"""What follows the certificates: index, revocation lists, the responders' own certificates, and staples."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from certs import status, store
from certs.extensions import Issuer
from certs.make import Authority, Made, Order, renew
from certs.staples import Found, Stapler
from certs.status import Entry
from certs.store import Owner, Pair
from certs.template import CLIENT, RESPONDER
from certs.zoo import BY_NAME, IDENTITIES


def publish(where: Path, authority: Authority, owner: Owner) -> list[Made]:
    """Bring everything that tells the status of certificates up to date."""
    issuers = (authority.root, authority.intermediate)
    responders = [_responder(where, issuer, owner) for issuer in issuers]
    made = [report for _, report in (*responders, _visitor(where, authority.intermediate, owner))]
    issued = list(_issued(where))
    known = status.read_index(where / "ca" / "index.json")
    entries = [_entry(where, found, known) for found in issued]
    status.write_index(where, entries)
    for issuer in issuers:
        own = [
            e for e, f in zip(entries, issued, strict=True) if f.chain[0].issuer == issuer.certificate.subject
        ]
        made.append(Made.signed(f"ca/{issuer.slug}.crl", *status.write_list(where, issuer, own), issuer))
        store.publish(where / "ca" / f"{issuer.slug}.crt", issuer.certificate.public_bytes(Encoding.DER))
    index = {entry.serial: entry for entry in entries}
    stapler = Stapler(where, index, authority.intermediate, responders[1][0], owner)
    return [*made, *filter(None, map(stapler.staple, issued))]


def revoke(where: Path, name: str) -> None:
    """Note that the certificate of that name in the store is revoked; `publish` then tells the world."""
    path = where / "authority" / "revoked"
    serial = f"{store.load_chain(where / name / 'cert.pem')[0].serial_number:x}"
    before = path.read_text().split() if path.exists() else []
    if serial not in before:
        store.write(path, "\n".join([*before, serial, ""]).encode(), 0o600, Owner())


def _issued(where: Path) -> Iterator[Found]:
    """Every certificate in the store that one of the two authorities signed, the intermediate among them."""
    for path in sorted(where.rglob("cert.pem")):
        chain = store.load_chain(path)
        if path.parent.name != "root":
            yield Found(path.parent, chain)


def _entry(where: Path, found: Found, known: status.Index) -> Entry:
    leaf, name = found.chain[0], str(found.place.relative_to(where))
    before = known.get(leaf.serial_number)
    if before and before.revoked:
        return Entry(leaf.serial_number, name, before.revoked)
    revoked = name in _born_revoked() or f"{leaf.serial_number:x}" in _noted(where)
    return Entry(leaf.serial_number, name, datetime.now(UTC).replace(microsecond=0) if revoked else None)


def _noted(where: Path) -> Iterable[str]:
    path = where / "authority" / "revoked"
    return path.read_text().split() if path.exists() else ()


def _born_revoked() -> set[str]:
    cases = {
        f"{role}/zoo/{case.name}" for case in BY_NAME.values() if case.revoked for role in ("https", "h2")
    }
    return cases | {f"client/{identity.name}" for identity in IDENTITIES if identity.revoked}


def _responder(where: Path, issuer: Issuer, owner: Owner) -> tuple[Pair, Made]:
    store.folder(where / "http1", 0o755, owner)
    name = f"ocsp-{issuer.slug}"
    return renew(Order(where / "http1" / name, f"http1/{name}", RESPONDER, issuer), owner)


def _visitor(where: Path, issuer: Issuer, owner: Owner) -> tuple[Pair, Made]:
    """The client identity that http1 hands to anyone who asks: it proves that its holder can read."""
    template = replace(
        CLIENT, subject="visitor.client.wireyard.test", names=("visitor.client.wireyard.test",)
    )
    place = where / "http1" / "visitor"
    return renew(Order(place, "http1/visitor", template, issuer, (issuer.certificate,)), owner)
