"""The tables and small parts: every transition, budgets, priorities, the caches of header compression."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hpack import Decoder, Encoder
from hypothesis import given
from hypothesis import strategies as st

from services.http.reference import h2
from services.http.reference.h2 import frames, settings
from services.http.reference.h2.compression import FieldDecoder, encode
from services.http.reference.h2.errors import ConnectionFault, PeerFault, StreamFault, code_name
from services.http.reference.h2.headers import request_head
from services.http.reference.h2.inbound import HANDLERS
from services.http.reference.h2.limits import BUDGETS, Budgets, Cost
from services.http.reference.h2.priority import Urgency, parse_urgency
from services.http.reference.h2.streams import FAULTS, TRANSITIONS, Input, State, receive, send
from tests.http2.wire import GET, block, literal


def test_the_core_does_no_io() -> None:
    forbidden = {"asyncio", "socket", "time", "ssl", "uvloop", "threading"}
    for file in Path(h2.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not forbidden & {name.partition(".")[0] for name in names}, file.name


def test_every_known_frame_type_has_a_layout_and_a_handler() -> None:
    assert set(frames.LAYOUTS) == set(HANDLERS)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", [event for event in Input if event.name.startswith("RECV")])
def test_what_is_not_in_the_table_is_a_fault(state: State, event: Input) -> None:
    if (state, event) in TRANSITIONS:
        assert receive(state, event, 1) is TRANSITIONS[state, event]
        return
    with pytest.raises(PeerFault) as caught:
        receive(state, event, 1)
    assert caught.value.code is FAULTS[state].code
    assert isinstance(caught.value, StreamFault) is FAULTS[state].costs_only_the_stream


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", [event for event in Input if event.name.startswith("SEND")])
def test_what_may_not_be_sent_is_refused(state: State, event: Input) -> None:
    if (state, event) in TRANSITIONS:
        assert send(state, event, 1) is TRANSITIONS[state, event]
        return
    with pytest.raises(h2.StreamGone):
        send(state, event, 1)


def test_only_closed_is_final() -> None:
    assert {after for (state, _), after in TRANSITIONS.items() if state is State.CLOSED} == {State.CLOSED}


@pytest.mark.parametrize("cost", Cost)
def test_a_budget_is_spent_and_refilled(cost: Cost) -> None:
    budgets = Budgets(BUDGETS)
    for _ in range(BUDGETS[cost].burst):
        budgets.spend(cost)
    with pytest.raises(ConnectionFault, match=r"RFC 9113 10\.5"):
        budgets.spend(cost)
    budgets.refill(1.0)
    budgets.spend(cost)


@pytest.mark.parametrize(
    ("value", "urgency", "incremental"),
    [
        (b"", 3, False),
        (b"u=0", 0, False),
        (b"u=7, i", 7, True),
        (b"i=?0,u=5", 5, False),
        (b"u=8", 3, False),
        (b"u=-1, i=?1", 3, True),
        (b"u=2;x=1, foo=bar", 2, False),
        (b"u=1, u=4", 4, False),
        (b"\xff", 3, False),
    ],
)
def test_priority_field_values(value: bytes, urgency: int, incremental: bool) -> None:
    """RFC 9218 4: what is out of range or unknown is ignored, and the last of equal keys holds."""
    assert parse_urgency(value) == Urgency(urgency, incremental)


def test_equal_blocks_are_read_once_while_the_table_stays_as_it_is() -> None:
    decoder = FieldDecoder(65_536)
    first, again = (decoder.request(block(GET), lambda f: request_head(f, False)) for _ in range(2))
    assert first is again
    decoder.section(literal(b"x-new", b"1", 0x40))
    assert decoder.request(block(GET), lambda f: request_head(f, False)) is not first


def test_a_block_that_changes_the_table_is_never_remembered() -> None:
    decoder = FieldDecoder(65_536)
    adding = block(GET) + literal(b"x-new", b"1", 0x40)
    first, again = (decoder.request(adding, lambda f: request_head(f, False)) for _ in range(2))
    assert first is not again
    assert first.fields == again.fields == ((b"x-new", b"1"),)


def test_a_named_field_changes_its_meaning_with_the_table() -> None:
    decoder = FieldDecoder(65_536)
    named = block(GET) + b"\xbe"
    for value in (b"1", b"2"):
        decoder.section(literal(b"x-new", value, 0x40))
        assert decoder.request(named, lambda f: request_head(f, False)).fields == ((b"x-new", value),)


def test_encoded_fields_are_decoded_alike_and_never_touch_the_table() -> None:
    fields = (
        (b":status", b"200"),
        (b":status", b"418"),
        (b"content-type", b"text/plain"),
        (b"x-name", b"value"),
        (b"x-octets", bytes(range(128, 256))),
        (b"x-long", b"a" * 5_000),
        (b"x-empty", b""),
    )
    decoder = FieldDecoder(65_536)
    assert decoder.section(encode(fields)) == fields
    assert decoder.section(encode(fields)) == fields
    assert not decoder._table.dynamic_entries


def test_codes_and_settings_have_names() -> None:
    assert code_name(7) == "REFUSED_STREAM"
    assert code_name(0x1234) == "0x1234"
    assert settings.initial_settings()[settings.Setting.INITIAL_WINDOW_SIZE] == 65_535


_NAMES = st.sampled_from([b"x-a", b"x-b", b"cookie", b":path", b"user-agent", b"x-long-name-of-a-field"])
_VALUES = st.binary(max_size=40) | st.sampled_from([b"", b"/", b"a" * 300])
_SECTIONS = st.lists(st.tuples(_NAMES, _VALUES, st.booleans()), max_size=6)


@given(st.lists(_SECTIONS, max_size=6), st.sampled_from([0, 60, 4_096]))
def test_our_decoding_is_that_of_the_hpack_package(
    sections: list[list[tuple[bytes, bytes, bool]]], size: int
) -> None:
    """Literals of every kind, Huffman or not, a table that is full, or none at all."""
    encoder, ours, theirs = Encoder(), FieldDecoder(65_536), Decoder()
    encoder.header_table_size = size
    for number, section in enumerate(sections):
        octets = encoder.encode(section, huffman=bool(number % 2))
        assert ours.section(octets) == tuple((n, v) for n, v in theirs.decode(octets, raw=True))
        assert list(ours._table.dynamic_entries) == list(theirs.header_table.dynamic_entries)
