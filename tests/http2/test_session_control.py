"""`/h2/…`: what the server does to its session, seen by a client that watches frames."""

from __future__ import annotations

import pytest

from clients.http2 import Origin, Session, SessionEndedError, StreamResetError

rfc, feature = pytest.mark.rfc, pytest.mark.feature

pytestmark = [pytest.mark.role("h2c", "h2"), pytest.mark.feature("h2-session-control")]

INITIAL_WINDOW_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS = 4, 2, 3


async def test_the_session_tells_how_it_came_about(session: Session, role: str) -> None:
    told = (await session.get("/h2/session")).json()
    assert (told["alpnProtocol"], told["encrypted"]) == (role, role == "h2")
    assert told["remoteSettings"]["INITIAL_WINDOW_SIZE"] == 65_535
    assert told["streamId"] in told["streams"]


async def test_the_words_of_nodes_documentation(session: Session, role: str) -> None:
    """Node's programs for `finish`, the stream's `close` and the session's `close` print these lines."""
    call = await session.start("GET", "/h2/state", end=True)
    reply = await call.reply()
    assert reply.text.splitlines() == [
        "priority weight : 16",
        "The sum weight of all Http2Stream : 0",
        f"session protocol : {role}",
    ]
    assert f"RST_STREAM error code : {await call.closed()}" == "RST_STREAM error code : 0"


@rfc("9113", "6.7")
async def test_ping_is_timed_by_the_server(session: Session) -> None:
    reply = await session.get("/h2/ping")
    assert 0 < reply.json()["milliseconds"] < 5_000


@rfc("9113", "6.5.3")
async def test_a_setting_is_answered_once_it_is_acknowledged(session: Session) -> None:
    reply = await session.get("/h2/settings?name=INITIAL_WINDOW_SIZE&value=70000")
    assert reply.json()["localSettings"]["INITIAL_WINDOW_SIZE"] == 70_000
    assert session.engine.remote_settings.initial_window_size == 70_000


async def test_a_setting_out_of_its_range_is_400_and_the_session_goes_on(session: Session) -> None:
    reply = await session.get("/h2/settings?name=MAX_FRAME_SIZE&value=1")
    assert reply.status == 400
    assert (await session.get("/h2/state")).status == 200


@rfc("9113", "6.9.1")
async def test_the_session_window_grows(session: Session) -> None:
    before = session.engine.outbound_flow_control_window
    await session.get("/h2/window?size=4000000")
    assert session.engine.outbound_flow_control_window == 4_000_000 > before


@rfc("9113", "6.8")
async def test_goaway_tells_code_last_stream_and_debug_data_and_the_stream_goes_on(session: Session) -> None:
    await session.get("/h2/state")
    reply = await session.get("/h2/goaway?code=11&debug=enough")
    assert reply.status == 200
    (goaway,) = session.goaways
    assert (goaway.code, goaway.last_stream, goaway.debug) == (11, reply.stream, b"enough")


@rfc("9113", "6.8")
async def test_after_goaway_new_streams_are_ignored_and_open_ones_finish(session: Session) -> None:
    slow = await session.start("GET", "/delay/0.2", end=True)
    await session.get("/h2/goaway?code=0")
    ignored = await session.start("GET", "/h2/state", end=True)
    assert (await slow.reply()).status == 200
    await session.ping()
    assert ignored.status is None


@rfc("9113", "6.8")
async def test_a_graceful_close_takes_two_goaways_and_lets_streams_finish(session: Session) -> None:
    slow = await session.start("GET", "/delay/0.2", end=True)
    await session.get("/h2/close")
    assert (await slow.reply()).status == 200
    with pytest.raises(SessionEndedError):
        await session.until(lambda: False, "end of the session")
    assert [goaway.last_stream for goaway in session.goaways] == [2**31 - 1, 3]


@rfc("7838", "4")
async def test_altsvc_for_this_stream_and_for_an_origin(session: Session) -> None:
    await session.get("/h2/altsvc?value=h2%3D%22%3A8443%22&origin=https://h2.wireyard.test")
    await session.get("/h2/altsvc?value=h3")
    assert session.alternatives[0] == (b"https://h2.wireyard.test", b'h2=":8443"')
    assert session.alternatives[1][1] == b"h3"


@rfc("7838", "3")
async def test_what_is_no_field_value_is_no_alternative(session: Session) -> None:
    await session.get("/h2/altsvc?value=h3")
    assert (await session.get("/h2/altsvc?value=h3%0D%0Ax")).status == 400
    assert [value for _, value in session.alternatives] == [b"h3"]


@rfc("8336", "2")
async def test_origin_names_every_origin(session: Session) -> None:
    await session.get("/h2/origin?origins=https://a.wireyard.test,https://b.wireyard.test")
    assert session.origins == [b"https://a.wireyard.test", b"https://b.wireyard.test"]


@rfc("9113", "8.4")
async def test_a_push_is_promised_and_then_answered(session: Session) -> None:
    reply = await session.get("/h2/push?path=/todos?name=lisi")
    (promise,) = session.promises
    assert promise.parent == reply.stream
    assert (b":path", b"/todos?name=lisi") in promise.fields
    pushed = await session.calls[promise.stream].reply()
    assert pushed.json()[0]["name"] == "hospital"


@rfc("9113", "6.5.2")
async def test_a_client_that_takes_no_pushes_gets_none(origin: Origin) -> None:
    async with Session(origin, settings={ENABLE_PUSH: 0}) as session:
        reply = await session.get("/h2/push")
        assert reply.status == 409
        assert session.promises == []


@rfc("9113", "6.4")
@pytest.mark.parametrize("code", [0, 1, 2, 7, 8, 11, 13, 4_294_967_295])
async def test_a_stream_is_reset_with_any_code(session: Session, code: int) -> None:
    with pytest.raises(StreamResetError) as caught:
        await session.get(f"/h2/reset/{code}")
    assert caught.value.code == code
    assert (await session.get("/h2/state")).status == 200


@rfc("9113", "5.4.2")
async def test_a_stream_without_activity_is_cancelled(session: Session) -> None:
    with pytest.raises(StreamResetError) as caught:
        await session.get("/h2/timeout/0.05")
    assert caught.value.code == 8


@rfc("9218", "7.1")
async def test_a_priority_update_is_seen(session: Session) -> None:
    call = await session.start("POST", "/h2/session")
    await call.reset()
    value = b"\0\0\0\x03" + b"u=1, i"
    await session.send_frame(len(value).to_bytes(3, "big") + b"\x10" + bytes(5) + value)
    told = (await session.get("/h2/session")).json()
    assert (told["streamId"], told["urgency"], told["incremental"]) == (3, 1, True)


@rfc("9218", "4")
async def test_the_priority_field_is_seen(session: Session) -> None:
    told = (await session.get("/h2/session", ((b"priority", b"u=0"),))).json()
    assert (told["urgency"], told["incremental"]) == (0, False)


@rfc("7540", "5.3")
async def test_weight_and_dependencies_are_reported(session: Session) -> None:
    frame = b"\0\0\x05\x02\0\0\0\0"
    await session.send_frame(frame + b"\x07" + b"\0\0\0\x01" + b"\x31")
    await session.send_frame(frame + b"\x01" + b"\0\0\0\0" + b"\xc8")
    told = (await session.get("/h2/session")).json()
    assert (told["weight"], told["sumDependencyWeight"]) == (201, 50)
