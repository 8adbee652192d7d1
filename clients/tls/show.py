"""A look, printed for a person."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509

from clients.tls.look import Look, Target


def lines(target: Target, look: Look) -> Iterator[str]:
    """The verdict first, then what was agreed, then each certificate that the server sent."""
    yield f"{target.name} at {target.address} port {target.port}: {look.verdict}"
    for name, value in look.agreed.items():
        yield f"  {name:10} {value}"
    if look.agreed or look.staple:
        yield f"  {'stapled':10} {look.staple or 'nothing'}"
    for number, certificate in enumerate(look.sent):
        mark = "!" if certificate == look.blamed else " "
        yield f"{mark} {number}  {_subject(certificate)}"
        yield f"     issued by {certificate.issuer.rfc4514_string() or 'nobody'}"
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        yield f"     valid {begin:%Y-%m-%d} to {end:%Y-%m-%d}"
        if names := _names(certificate):
            yield f"     for {names}"
    if not look.sent:
        yield "  no certificate was seen in the clear"


def _subject(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "nobody"


def _names(certificate: x509.Certificate) -> str:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    names = [str(name.value) for name in found]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
