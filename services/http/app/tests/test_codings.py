"""RFC 9110 8.4 and 12.5.3: content codings, both directions."""

from __future__ import annotations

import gzip
import json

import pytest

from services.http.app.codings import ENCODERS, decoders, encode
from services.http.app.errors import Refused
from services.http.app.negotiation import best_coding, best_media
from services.http.app.tests.memory import ask

CODINGS = list(ENCODERS)
LIMIT = 1000


@pytest.mark.parametrize("coding", CODINGS)
async def test_what_is_encoded_can_be_decoded(coding: str) -> None:
    content = b"over the hump " * 50
    (decode,) = decoders(coding.upper().encode())
    assert decode(encode(coding, content), LIMIT) == content


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_stopped_at_the_limit(coding: str) -> None:
    (decode,) = decoders(coding.encode())
    with pytest.raises(Refused) as refused:
        decode(encode(coding, bytes(50_000_000)), LIMIT)
    assert refused.value.status == 413


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("cut", [-3, 5])
def test_truncated_content_is_refused(coding: str, cut: int) -> None:
    (decode,) = decoders(coding.encode())
    whole = encode(coding, bytes(range(256)))
    with pytest.raises(Refused) as refused:
        decode(whole[:cut], LIMIT)
    assert refused.value.status == 400


@pytest.mark.parametrize("coding", CODINGS)
def test_garbage_is_refused(coding: str) -> None:
    (decode,) = decoders(coding.encode())
    with pytest.raises(Refused) as refused:
        decode(b"this is not coded at all", LIMIT)
    assert refused.value.status == 400


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_several_members_are_one_content(coding: str) -> None:
    """RFC 1952 2.2, RFC 8878 3."""
    (decode,) = decoders(coding.encode())
    assert decode(encode(coding, b"one ") + encode(coding, b"two"), LIMIT) == b"one two"


async def test_codings_are_taken_off_in_reverse_order() -> None:
    """8.4. Listed in the order in which they were applied."""
    body = encode("br", gzip.compress(b'{"a":1}'))
    answer = await ask(
        "POST", "/post", {"content-type": "application/json", "content-encoding": "gzip, br"}, body
    )
    assert answer.json["json"] == {"a": 1}


async def test_an_unknown_coding_is_answered_415_with_those_known() -> None:
    """15.5.16."""
    answer = await ask("POST", "/post", {"content-encoding": "compress"}, b"x")
    assert answer.status == 415
    assert answer.value("accept-encoding") == "gzip, deflate, br, zstd"


# Accept-Encoding, what is answered: RFC 9110 12.5.3.
ACCEPTED = [
    (None, "identity"),
    (b"", "identity"),
    (b"gzip", "gzip"),
    (b"GZip;q=0.5, deflate;q=0.4", "gzip"),
    (b"gzip;q=0.1, br;q=1.0", "br"),
    (b"*", "zstd"),
    (b"zstd;q=0, *;q=0.5", "br"),
    (b"gzip;q=0", "identity"),
    (b"identity;q=0.9, gzip;q=0.8", "identity"),
    (b"identity;q=0", None),
    (b"*;q=0", None),
    (b"*;q=0, gzip", "gzip"),
    (b"x-gzip", "gzip"),
    (b"gzip;q=0, x-gzip", "identity"),
    (b"identity, *;q=0", "identity"),
    (b"compress", "identity"),
    (b"gzip;q=2, br;q=x", "identity"),
]


@pytest.mark.parametrize(("field", "coding"), ACCEPTED)
def test_the_coding_that_the_client_likes_best(field: bytes | None, coding: str | None) -> None:
    assert best_coding(field, ("zstd", "br", "gzip", "deflate")) == coding


@pytest.mark.parametrize(
    ("field", "media_type"),
    [
        (None, "application/json"),
        (b"*/*", "application/json"),
        (b"text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        (b"text/*", "text/html"),
        (b"text/*, text/html;q=0, application/json;q=0.1", "application/json"),
        (b"image/png", None),
    ],
)
def test_the_media_type_that_the_client_likes_best(field: bytes | None, media_type: str | None) -> None:
    """12.5.1. The most specific range counts."""
    assert best_media(field, ("application/json", "text/html")) == media_type


async def test_negotiated_content_varies_and_is_coded() -> None:
    answer = await ask("GET", "/coding", {"accept-encoding": "gzip"})
    assert (answer.value("content-encoding"), answer.value("vary")) == ("gzip", "accept-encoding")
    assert json.loads(gzip.decompress(answer.body))["gzipped"] is True


async def test_a_client_that_refuses_every_coding_is_told() -> None:
    assert (await ask("GET", "/coding", {"accept-encoding": "*;q=0"})).status == 406
