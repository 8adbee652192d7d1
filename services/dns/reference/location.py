"""LOC record data (RFC 1876): a place on Earth with its size and the precision of the figures."""

from __future__ import annotations

import struct
from decimal import Decimal, InvalidOperation

_EQUATOR = 2**31
_ALTITUDE_BASE = 10_000_000  # centimetres below the WGS 84 spheroid
_DEFAULTS = ("1m", "10000m", "10m")  # size, horizontal and vertical precision
_LIMITS = {"N": 90, "S": 90, "E": 180, "W": 180}


def from_words(words: list[str]) -> bytes:
    """Return the 16 octets of `d [m [s]] N|S d [m [s]] E|W altitude[m] [size [hp [vp]]]`.

    Raises:
        ValueError: a field is missing, malformed or out of range.
    """
    latitude, rest = _angle(words, "NS")
    longitude, rest = _angle(rest, "EW")
    if not rest or len(rest) > 4:
        raise ValueError("an altitude and at most three precisions must follow the longitude")
    altitude = _centimetres(rest[0]) + _ALTITUDE_BASE
    if not 0 <= altitude < 2**32:
        raise ValueError(f"altitude {rest[0]} is out of range")
    precisions = [*rest[1:], *_DEFAULTS[len(rest) - 1 :]]
    return struct.pack("!4B3I", 0, *map(_precision, precisions), latitude, longitude, altitude)


def _angle(words: list[str], hemispheres: str) -> tuple[int, list[str]]:
    """Read degrees, minutes, seconds and a hemisphere; give thousandths of a second of arc."""
    at = next((i for i, word in enumerate(words) if word.upper() in hemispheres), None)
    if at is None or not 1 <= at <= 3:
        raise ValueError(f"degrees [minutes [seconds]] {hemispheres[0]} or {hemispheres[1]} are expected")
    hemisphere = words[at].upper()
    figures = [_decimal(word) for word in words[:at]]
    degrees, minutes, seconds = (figures + [Decimal(0)] * 3)[:3]
    if not (0 <= minutes < 60 and 0 <= seconds < 60 and degrees >= 0):
        raise ValueError("minutes and seconds run from 0 to 59")
    thousandths = int((degrees * 3600 + minutes * 60 + seconds) * 1000)
    if thousandths > _LIMITS[hemisphere] * 3_600_000:
        raise ValueError(f"more than {_LIMITS[hemisphere]} degrees {hemisphere}")
    return _EQUATOR + (thousandths if hemisphere in "NE" else -thousandths), words[at + 1 :]


def _centimetres(text: str) -> int:
    return int(_decimal(text.removesuffix("m")) * 100)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no number") from error


def _precision(text: str) -> int:
    """Return mantissa and power of ten of a length in centimetres, four bits each."""
    centimetres = _centimetres(text)
    power = max(0, len(str(centimetres)) - 1)
    if centimetres < 0 or power > 9:
        raise ValueError(f"{text!r} is out of range")
    return int(str(centimetres)[0]) << 4 | power
