"""Everything that the authority can refuse to do, in one tree.

CertsError
├── UnknownNameError       no certificate, case or identity goes by that name
├── BadRequestError        an argument that no certificate can be made of
├── KeyElsewhereError      the issuer's key is kept where this program cannot reach it
├── StoreError             a file of the store is missing, damaged, or not ours to read
└── NotTrustedError        a certificate that a correct client must refuse
"""


class CertsError(Exception):
    """The root of the tree; its text is one line for a person."""


class UnknownNameError(CertsError):
    """No certificate, case or identity goes by that name."""


class BadRequestError(CertsError):
    """An argument that no certificate can be made of."""


class KeyElsewhereError(CertsError):
    """The issuer's key is kept where this program cannot reach it."""


class StoreError(CertsError):
    """A file of the store is missing, damaged, or not ours to read."""


class NotTrustedError(CertsError):
    """A certificate that a correct client must refuse; the text is the verifier's reason."""
