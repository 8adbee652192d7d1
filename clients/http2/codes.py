"""Numbers of HTTP/2 by their names: error codes, settings and flags (RFC 9113 6 and 7)."""

from __future__ import annotations

from h2.errors import ErrorCodes
from h2.settings import SettingCodes

_SETTINGS = {int(code): code.name for code in SettingCodes} | {9: "NO_RFC7540_PRIORITIES"}
_CODES = {int(code): code.name for code in ErrorCodes}


def code_name(code: int) -> str:
    """The name of an error code."""
    return _CODES.get(int(code), f"{int(code):#x}")


def setting_name(identifier: int) -> str:
    """The name of a setting."""
    return _SETTINGS.get(int(identifier), f"{int(identifier):#x}")
