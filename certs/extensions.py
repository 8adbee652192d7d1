"""The extensions of a template, as X.509 writes them (RFC 5280, 4.2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from types import MappingProxyType

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from certs import keys
from certs.errors import BadRequestError, KeyElsewhereError
from certs.template import Template
from certs.term import LIFE

PKI_URL = "http://http1.wireyard.test/pki"
"""Where the yard serves its revocation data: plain HTTP, as RFC 5280 8 and RFC 6960 A.1 intend."""

USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)

PURPOSES: Mapping[str, x509.ObjectIdentifier] = MappingProxyType(
    {
        "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
        "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
        "ocsp_signing": ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)


@dataclass(frozen=True)
class Issuer:
    """A certificate together with its private key; `slug` names its files under `PKI_URL`.

    `life` is how long leaves, lists and answers last that it signs. One whose key is elsewhere (None) signs
    nothing: what it signed is kept, however old.
    """

    certificate: x509.Certificate
    key: keys.PrivateKey | None
    slug: str
    life: timedelta = LIFE

    @property
    def signer(self) -> keys.PrivateKey:
        """The key to sign with. Raises KeyElsewhereError."""
        if self.key is None:
            raise KeyElsewhereError(f"the key of {self.slug} is not here: `make up` signs with it")
        return self.key


def lasting(template: Template, issuer: Issuer | None) -> timedelta:
    """From its issue to its end: as the template says, or else as its issuer does."""
    if template.ends is not None:
        return template.ends
    return issuer.life if issuer else LIFE


def extensions(
    template: Template, key: keys.PrivateKey, issuer: Issuer | None
) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """The extensions of a template, each with its criticality, in the order of RFC 5280 4.2."""
    yield from _identifiers(key, issuer)
    if template.authority is not None:
        yield x509.BasicConstraints(template.authority, template.path_length), True
    if template.usages:
        yield key_usage(template.usages), True
    if template.purposes:
        yield x509.ExtendedKeyUsage([PURPOSES[name] for name in template.purposes]), False
    if names := alternative_names(template):
        yield names, not template.subject  # RFC 5280 4.2.1.6: critical when the subject is empty
    if template.permitted:
        yield x509.NameConstraints([x509.DNSName(name) for name in template.permitted], None), True
    if template.must_staple:
        yield x509.TLSFeature([x509.TLSFeatureType.status_request]), False
    if template.nocheck:
        yield x509.OCSPNoCheck(), False
    if template.status and issuer:
        yield from _status(issuer)


def key_usage(usages: tuple[str, ...]) -> x509.KeyUsage:
    """The extension with exactly the named bits set (RFC 5280, 4.2.1.3)."""
    bits = {name: name in usages for name in USAGES}
    return x509.KeyUsage(**bits, encipher_only=False, decipher_only=False)


def alternative_names(template: Template) -> x509.SubjectAlternativeName | None:
    """The names and addresses of a template as subjectAltName, IDNs as A-labels; None when there are none."""
    names: list[x509.GeneralName] = [x509.DNSName(a_label(name)) for name in template.names]
    names += [x509.IPAddress(ip_address(address)) for address in template.addresses]
    return x509.SubjectAlternativeName(names) if names else None


def a_label(name: str) -> str:
    """A name as DNS carries it (RFC 5890, 2.3.2.1). Raises BadRequestError."""
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadRequestError(f"{name!r} is no name: {error}") from error


def _identifiers(key: keys.PrivateKey, issuer: Issuer | None) -> Iterator[tuple[x509.ExtensionType, bool]]:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    yield own, False
    if issuer:
        theirs = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        yield x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(theirs), False


def _status(issuer: Issuer) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """Where to ask whether the certificate still stands (RFC 5280, 4.2.1.13 and 4.2.2.1)."""
    access = x509.AuthorityInformationAccess(
        [
            _access(AuthorityInformationAccessOID.OCSP, f"{PKI_URL}/ocsp"),
            _access(AuthorityInformationAccessOID.CA_ISSUERS, f"{PKI_URL}/{issuer.slug}.crt"),
        ]
    )
    crl = x509.UniformResourceIdentifier(f"{PKI_URL}/{issuer.slug}.crl")
    yield access, False
    yield x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)]), False


def _access(method: x509.ObjectIdentifier, url: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
