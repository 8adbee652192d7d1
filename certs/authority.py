"""A certificate authority: an issuer, and a function that signs a template in its name.

No file is touched here; `certs.store` keeps what this makes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from certs import keys
from certs.errors import BadRequestError
from certs.template import Template, alternative_names, key_usage

PKI_URL = "http://http1.wireyard.test/pki"
"""Where the yard serves its revocation data: plain HTTP, as RFC 5280 8 and RFC 6960 A.1 intend."""


@dataclass(frozen=True)
class Issuer:
    """A certificate together with its private key; `slug` names its files under `PKI_URL`."""

    certificate: x509.Certificate
    key: keys.PrivateKey
    slug: str


def subject(common_name: str) -> x509.Name:
    """The distinguished name of everything that the yard makes; empty without a common name."""
    if not common_name:
        return x509.Name([])
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Wireyard"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def sign(template: Template, key: keys.PrivateKey, issuer: Issuer | None = None) -> x509.Certificate:
    """Sign a template for `key`; without an issuer the certificate signs itself.

    Raises BadRequestError for names and addresses that no certificate can carry.
    """
    signer = issuer.key if issuer else key
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject(template.subject))
            .issuer_name(issuer.certificate.subject if issuer else subject(template.subject))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + template.starts)
            .not_valid_after(now + template.ends)
        )
        for extension, critical in extensions(template, key, issuer):
            builder = builder.add_extension(extension, critical)
    except (ValueError, UnicodeError) as error:
        raise BadRequestError(f"{template.subject or 'a certificate'}: {error}") from error
    return builder.sign(signer, keys.digest_for(signer))


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
        yield x509.ExtendedKeyUsage(template.purposes), False
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
