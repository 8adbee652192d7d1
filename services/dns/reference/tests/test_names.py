"""Names in presentation and wire form."""

from __future__ import annotations

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dns.reference import names
from services.dns.reference.errors import NameSyntaxError

ORIGIN = names.from_text("wireyard.test.")
LABELS = st.lists(st.binary(min_size=1, max_size=20), min_size=0, max_size=8)


@given(LABELS)
def test_presentation_form_is_what_dnspython_reads(labels: list[bytes]) -> None:
    """Any octets in labels survive the way out and back (RFC 1035 5.1), and an independent reader agrees."""
    wire = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    text = names.to_text(wire)
    assert names.from_text(text) == wire
    assert dns.name.from_text(text).to_wire() == wire


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("www", b"\x03www" + ORIGIN),
        ("www.", b"\x03www\0"),
        ("@", ORIGIN),
        (".", b"\0"),
        (r"a\.b", b"\x03a.b" + ORIGIN),
        (r"a\046b.", b"\x03a.b\0"),
        ("MiXed.", b"\x05MiXed\0"),
    ],
)
def test_text_is_relative_without_a_final_dot(text: str, wire: bytes) -> None:
    assert names.from_text(text, ORIGIN) == wire


@pytest.mark.parametrize("text", ["a..b.", ".a.", "", "a" * 64, r"a\25", r"a\256", "\\", "ü.test.", "a b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(NameSyntaxError):
        names.from_text(text, ORIGIN)


def test_a_name_has_at_most_255_octets() -> None:
    """RFC 1035 3.1: 255 octets, length octets and the root included."""
    longest = ".".join(["a" * 61] + ["a" * 63] * 3) + "."
    assert len(names.from_text(longest)) == 255
    with pytest.raises(NameSyntaxError, match="255"):
        names.from_text("a" + longest)


def test_within_goes_by_labels_and_not_by_octets() -> None:
    assert names.is_within(names.from_text("a.wireyard.test."), ORIGIN)
    assert names.is_within(ORIGIN, ORIGIN)
    assert not names.is_within(names.from_text("notwireyard.test."), ORIGIN)
    assert not names.is_within(b"\x0fa\x08wireyard\x04test\0" + b"", ORIGIN)


def test_the_reverse_name_of_each_family() -> None:
    assert names.to_text(names.reverse_of("10.77.0.11")) == "11.0.77.10.in-addr.arpa."
    assert names.to_text(names.reverse_of("fd77::11")).startswith("1.1.0.0.0.")
