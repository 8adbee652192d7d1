"""Code points of IANA's TLS registries in words, as far as clients of the yard use them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VERSIONS: Mapping[int, str] = MappingProxyType(
    {0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
)

GROUPS: Mapping[int, str] = MappingProxyType(
    {
        23: "secp256r1",
        24: "secp384r1",
        25: "secp521r1",
        29: "x25519",
        30: "x448",
        256: "ffdhe2048",
        257: "ffdhe3072",
        258: "ffdhe4096",
        259: "ffdhe6144",
        260: "ffdhe8192",
        4587: "SecP256r1MLKEM768",
        4588: "X25519MLKEM768",
        4589: "SecP384r1MLKEM1024",
    }
)

SIGNATURES: Mapping[int, str] = MappingProxyType(
    {
        0x0201: "rsa_pkcs1_sha1",
        0x0203: "ecdsa_sha1",
        0x0401: "rsa_pkcs1_sha256",
        0x0403: "ecdsa_secp256r1_sha256",
        0x0501: "rsa_pkcs1_sha384",
        0x0503: "ecdsa_secp384r1_sha384",
        0x0601: "rsa_pkcs1_sha512",
        0x0603: "ecdsa_secp521r1_sha512",
        0x0804: "rsa_pss_rsae_sha256",
        0x0805: "rsa_pss_rsae_sha384",
        0x0806: "rsa_pss_rsae_sha512",
        0x0807: "ed25519",
        0x0808: "ed448",
        0x0809: "rsa_pss_pss_sha256",
        0x080A: "rsa_pss_pss_sha384",
        0x080B: "rsa_pss_pss_sha512",
    }
)

SUITES: Mapping[int, str] = MappingProxyType(
    {
        0x1301: "TLS_AES_128_GCM_SHA256",
        0x1302: "TLS_AES_256_GCM_SHA384",
        0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0x1304: "TLS_AES_128_CCM_SHA256",
        0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        0x00FF: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    }
)

STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "ECDHE-ECDSA-AES128-GCM-SHA256": SUITES[0xC02B],
        "ECDHE-ECDSA-AES256-GCM-SHA384": SUITES[0xC02C],
        "ECDHE-RSA-AES128-GCM-SHA256": SUITES[0xC02F],
        "ECDHE-RSA-AES256-GCM-SHA384": SUITES[0xC030],
        "ECDHE-RSA-CHACHA20-POLY1305": SUITES[0xCCA8],
        "ECDHE-ECDSA-CHACHA20-POLY1305": SUITES[0xCCA9],
    }
)
"""OpenSSL's name of a TLS 1.2 suite -> IANA's. In TLS 1.3 the two are the same."""


def words(table: Mapping[int, str], numbers: tuple[int, ...]) -> list[str]:
    """Each number in words; in hexadecimal where there are none, GREASE told apart (RFC 8701)."""
    return [_word(table, number) for number in numbers]


def _word(table: Mapping[int, str], number: int) -> str:
    if number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF:
        return "GREASE"
    return table.get(number, f"{number:#06x}")
