"""How an HTTP/1.1 request is answered: from its head, from its head and content, or by an exchange.

What needs no more than its head, or the content that came along, is answered as it arrives; every other
request is an exchange, with a task where it has to wait, and one at a time.
"""

from __future__ import annotations

from abc import abstractmethod

from services.http.app.content import OfContent
from services.http.app.message import problem
from services.http.app.routing import Immediate
from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.framing import NONE
from services.http.reference.http1_exchange import Http1Exchange
from services.http.reference.http1_life import BUSY, CLOSED, DRAIN, HEAD, LINGER, Life
from services.http.reference.http1_output import NEVER
from services.http.reference.plans import Plan, Plans
from services.http.reference.site import Site


class Answering(Life):
    """What http1.py adds the reading to."""

    def __init__(self, site: Site, plans: Plans) -> None:
        super().__init__(site)
        self._plans = plans
        self._number = 0
        self._head_deadline: float | None = None
        self._beginning = False
        """An exchange begins, and may end at once: what comes behind it is up to whoever began it."""

    @abstractmethod
    def _advance(self) -> None:
        """Goes as far as the bytes at hand carry."""

    def _begin(self, plan: Plan) -> None:
        self._head_deadline = None
        if "h2c" in plan.head.upgrade and plan.head.content == NONE and self._become_http2(plan):
            return
        limit = self.site.settings.requests
        goes_on = not self.site.stopping and (limit == 0 or self._number + 1 < limit)
        if plan.simple is not None and goes_on:
            self._simple(plan, plan.simple)
        elif plan.last is not None:
            self._last(plan, plan.last)
        elif plan.prompt is not None and goes_on and self.reader.pending >= plan.head.content:
            self._prompt(plan, plan.prompt)
        else:
            self._begin_exchange(plan, goes_on=goes_on)

    def _simple(self, plan: Plan, immediate: Immediate) -> None:
        """Answers from the head alone: no task, no exchange."""
        self._number = number = self._number + 1
        response = self.site.run(immediate, self.connection, number, plan.request)
        self.answer(response, number, plan.facts)

    def _prompt(self, plan: Plan, handler: OfContent) -> None:
        """The same from the head and the content, which is here as well."""
        self._number = number = self._number + 1
        content = self.reader.take(plan.head.content)
        response = self.site.run(handler.at_once, self.connection, number, plan.request, content)
        self.answer(response, number, plan.facts)

    def _last(self, plan: Plan, immediate: Immediate) -> None:
        """The same for a request that ends the connection."""
        self._number = number = self._number + 1
        response = self.site.run(immediate, self.connection, number, plan.request)
        self.answer_last(response, number, plan.facts)
        self.close()

    def _become_http2(self, plan: Plan) -> bool:
        """`Upgrade: h2c` (RFC 7540 3.2): the connection goes on without us, if the role has it."""
        if self.site.h2c is None:
            return False
        self.flush()
        session = self.site.h2c(self.transport, self.connection, plan.request)
        if session is None:
            return False
        self._leave(CLOSED)
        self.site.leave(self)
        rest = self.reader.rest()
        if rest:
            session.data_received(rest)
        return True

    def _begin_exchange(self, plan: Plan, *, goes_on: bool) -> None:
        self.flush()
        self.reader.expect(plan.head.content)
        self._number += 1
        self._state, self.connection.state = BUSY, "busy"
        self.deadline = NEVER
        persistent = goes_on and plan.head.persistent
        exchange = self._exchange = Http1Exchange(self, plan, self._number, persistent=persistent)
        self._beginning = True
        exchange.begin()
        self._beginning = False

    def completed(self, *, persistent: bool) -> None:
        """The exchange under way has ended, and its response is with the kernel."""
        self._exchange = None
        if self._state in (CLOSED, LINGER):
            return
        self._resume_reading()
        if persistent:
            self._state = HEAD if self.reader.done else DRAIN
            self.deadline = self.site.now + self.site.settings.body_within
            if not self._beginning:
                self._advance()
        else:
            self._drop_next()
            self.close()

    def _drop_next(self) -> None:
        """503 to the request that is here already when the connection has had its last."""
        limit = self.site.settings.requests
        if self._number < limit or not limit or not self.reader.done:
            return
        try:
            raw = self.reader.head()
            plan = self._plans.read(raw) if raw is not None else None
        except BadMessage:
            return
        if plan is not None:
            self._emit("dropRequest", self.connection, None, plan.facts)
            self.last_words(problem(503, f"this connection has had its {limit} requests"))
