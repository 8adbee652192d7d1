"""Content of many media types: pages, data, images, texts, and what a client asks to have made."""

from __future__ import annotations

import base64
import binascii
import uuid as uuids
from pathlib import Path

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import LARGEST, Choice, Text
from services.http.app.message import Request, Response, json_response, text
from services.http.app.negotiation import best_media
from services.http.app.routing import Immediate, Route

_FOLDER = Path(__file__).with_name("samples")
_IMAGES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
_KIND = Choice(name="kind", where="path", meaning="The image's format", words=tuple(_IMAGES))
_DATA = Text(
    name="data", where="path", meaning="What is coded or decoded", longest=LARGEST, examples=("d2lyZXlhcmQ=",)
)
_OPERATION = Choice(name="operation", where="path", meaning="Which way", words=("encode", "decode"))
_TYPES = ("text/plain", "application/octet-stream", "application/json")
_MEDIA_TYPE = Choice(
    name="content-type", meaning="The answer's media type", words=_TYPES, default="text/plain"
)
_FEATURE = "samples"
_SLIDES = [
    {"title": "Wake up to Wireyard!", "type": "all"},
    {"title": "Overview", "type": "all", "items": ["Why Wireyard is great", "Who uses Wireyard"]},
]
_SLIDESHOW = {
    "author": "Wireyard",
    "date": "date of publication",
    "title": "Sample Slide Show",
    "slides": _SLIDES,
}


def _file(name: str, media_type: str) -> Immediate:
    response = Response(200, ((b"content-type", media_type.encode()),), (_FOLDER / name).read_bytes())

    def handler(_request: Request) -> Response:
        return response

    handler.__doc__ = f"The sample {name}."
    return handler


async def image(exchange: Exchange) -> Response:
    """`/image/{kind}`."""
    kind = _KIND.of(exchange)
    return _image(_IMAGES[kind])


def best_image(request: Request) -> Response:
    """`/image`: in the format that Accept likes best (RFC 9110 12.5.1)."""
    media_type = best_media(request.value(b"accept"), tuple(_IMAGES.values()))
    if media_type is None:
        raise Refused(406, f"an image is one of {', '.join(_IMAGES.values())}", ((b"vary", b"accept"),))
    return _image(media_type, varies=True)


def _image(media_type: str, *, varies: bool = False) -> Response:
    kind = next(kind for kind, known in _IMAGES.items() if known == media_type)
    fields = ((b"content-type", media_type.encode()), *(((b"vary", b"accept"),) if varies else ()))
    return Response(200, fields, (_FOLDER / f"image.{kind}").read_bytes())


async def base64_text(exchange: Exchange) -> Response:
    """`/base64/{data}` and `/base64/{operation}/{data}`: RFC 4648, the alphabet safe in URLs or the other."""
    data = _DATA.of(exchange).encode()
    encode = "operation" in exchange.parameters and _OPERATION.of(exchange) == "encode"
    media_type = _MEDIA_TYPE.of(exchange)
    made = base64.urlsafe_b64encode(data) if encode else _decoded(data)
    charset = "" if media_type == "application/octet-stream" else "; charset=utf-8"
    return Response(200, ((b"content-type", f"{media_type}{charset}".encode()),), made)


def _decoded(data: bytes) -> bytes:
    try:
        return base64.b64decode(data.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except binascii.Error as error:
        raise Refused(400, f"that is not base64: {error}") from error


def uuid(_request: Request) -> Response:
    """`/uuid`: a random one (RFC 9562 5.4)."""
    return json_response({"uuid": str(uuids.uuid4())})


def robots(_request: Request) -> Response:
    """`/robots.txt` (RFC 9309)."""
    return text(200, "User-agent: *\nDisallow: /deny\n")


def deny(_request: Request) -> Response:
    """`/deny`: what robots never see."""
    return text(200, "Robots are asked not to come here.\n")


def document(_request: Request) -> Response:
    """`/json`."""
    return json_response({"slideshow": _SLIDESHOW})


_HTML = ("text/html",)
_ANY_TEXT = ("text/plain", "application/octet-stream", "application/json")

ROUTES = (
    Route(("GET",), "/html", _file("page.html", "text/html; charset=utf-8"), "A page", _FEATURE, media=_HTML),
    Route(
        ("GET",),
        "/encoding/utf8",
        _file("utf8.html", "text/html; charset=utf-8"),
        "UTF-8, widely",
        _FEATURE,
        media=_HTML,
    ),
    Route(
        ("GET",),
        "/forms/post",
        _file("form.html", "text/html; charset=utf-8"),
        "A form that posts",
        _FEATURE,
        media=_HTML,
    ),
    Route(("GET",), "/json", document, "A document in JSON", _FEATURE),
    Route(
        ("GET",),
        "/xml",
        _file("sample.xml", "application/xml"),
        "A document in XML",
        _FEATURE,
        media=("application/xml",),
    ),
    Route(
        ("GET",),
        "/image",
        best_image,
        "The image you like best",
        _FEATURE,
        (),
        (200, 406),
        tuple(_IMAGES.values()),
    ),
    Route(("GET",), "/image/{kind}", image, "An image", _FEATURE, (_KIND,), media=tuple(_IMAGES.values())),
    Route(
        ("GET",),
        "/base64/{data}",
        base64_text,
        "Decodes base64",
        _FEATURE,
        (_DATA, _MEDIA_TYPE),
        media=_ANY_TEXT,
    ),
    Route(
        ("GET",),
        "/base64/{operation}/{data}",
        base64_text,
        "Encodes or decodes base64",
        _FEATURE,
        (_OPERATION, _DATA, _MEDIA_TYPE),
        media=_ANY_TEXT,
    ),
    Route(("GET",), "/uuid", uuid, "A random UUID", _FEATURE),
    Route(("GET",), "/robots.txt", robots, "What robots may read", _FEATURE, media=("text/plain",)),
    Route(("GET",), "/deny", deny, "What robots may not read", _FEATURE, media=("text/plain",)),
)
