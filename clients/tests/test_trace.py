"""A trace keeps the order, tells each step at once, and is bounded."""

from __future__ import annotations

from clients import trace
from clients.trace import Step, Trace


def test_steps_are_kept_in_order_with_rising_time() -> None:
    kept = Trace(local="127.0.0.1:5000")
    kept.step("connect", port=80)
    kept.step("close")
    assert [(s.event, s.local) for s in kept.steps] == [
        ("connect", "127.0.0.1:5000"),
        ("close", "127.0.0.1:5000"),
    ]
    assert kept.steps[0].t <= kept.steps[1].t
    assert kept.steps[0].data == {"port": 80}


def test_each_step_is_told_at_once() -> None:
    told: list[Step] = []
    Trace(tell=told.append).step("send", bytes=3)
    assert [s.event for s in told] == ["send"]


def test_steps_past_the_limit_are_counted_only() -> None:
    full = Trace()
    for _ in range(trace.LONGEST + 2):
        full.step("receive")
    assert (len(full.steps), full.left_out) == (trace.LONGEST, 2)
