"""Both sides in one order of time."""

from __future__ import annotations

from clients.trace import Step
from services.console.ladder import KEPT, LONGEST, Traces, rungs


def event(t: float, name: str) -> dict[str, object]:
    return {"t": t, "event": name, "stream": 1, "data": {"a": 1}, "seq": 1}


def test_the_two_sides_are_merged_by_time_from_the_first_rung() -> None:
    steps = [Step(10.0, "connect"), Step(10.5, "receive", {"bytes": 3, "data": b"abc"})]
    ladder = rungs([event(10.25, "request")], steps)
    assert [(rung["side"], rung["t"], rung["event"]) for rung in ladder] == [
        ("client", 0.0, "connect"),
        ("service", 250.0, "request"),
        ("client", 500.0, "receive"),
    ]


def test_what_a_client_tells_keeps_its_shape_and_octets_are_text() -> None:
    data = {"settings": {"ENABLE_PUSH": 0}, "flags": ["ACK"], "data": b"a\xff", "stream": 3, "alpn": None}
    [rung] = rungs([], [Step(1.0, "frame", data)])
    assert rung["data"] == {"settings": {"ENABLE_PUSH": 0}, "flags": ["ACK"], "data": "a\\xff", "alpn": None}
    assert rung["stream"] == 3


def test_a_ladder_of_a_long_connection_keeps_its_beginning_and_its_end() -> None:
    ladder = rungs([event(float(number), str(number)) for number in range(LONGEST + 7)], [])
    assert len(ladder) == LONGEST + 1
    assert (ladder[0]["event"], ladder[-1]["event"]) == ("0", str(LONGEST + 6))
    assert ladder[LONGEST // 2] == {
        "side": "none",
        "t": ladder[LONGEST // 2 - 1]["t"],
        "event": "7 more",
        "stream": None,
        "data": {},
    }


def test_a_service_alone_makes_a_ladder_too() -> None:
    assert [rung["side"] for rung in rungs([event(1.0, "connection")], [])] == ["service"]


def test_traces_are_found_by_the_clients_address_and_bounded() -> None:
    traces = Traces()
    for number in range(KEPT + 1):
        traces.keep([Step(1.0, "connect", local=f"127.0.0.1:{number}")])
    assert list(traces.of("127.0.0.1:0")) == []
    assert [step.local for step in traces.of(f"127.0.0.1:{KEPT}")] == [f"127.0.0.1:{KEPT}"]
