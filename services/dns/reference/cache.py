"""Packed answers by the octets of the question: what makes the second query for a name cheap.

A query is looked up by everything behind its ID, in lower case, so that one entry serves every spelling
(0x20) of a name. Lowering touches nothing else as long as the header, type, class and OPT record, which
an entry keeps as they were, are compared in their own case too. An answer is then the ID, the stored
header, the question as this asker spelled it, and the stored records.

Names in the records point back at the question, and so follow its spelling by themselves.

Before all this, the spellings of late are found by their very octets, which is three times as fast. Answers
that are cheap to make have no other place here.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.dns.reference.exchange import Outcome
from services.dns.reference.wire import HEADER

GENERATION, SPELLINGS = 8 << 20, 32 << 20  # the latter for a hundred thousand names as they are asked
LARGEST = 1_232
_OVERHEAD = 320  # octets that Python spends on an entry beside its content; half of that on a spelling
_PATIENCE = 4  # how many times what it holds is missed before spellings are forgotten
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
Entry = tuple[bytes, int, bytes, bytes]  # query's octets behind the name, their offset, header, records


class AnswerCache:
    """Bounded by two generations: when the young one is full it becomes the old one, and that is dropped.

    Args:
        generation: octets of memory for one generation, of which there are two.
        spellings: octets for what is found by its very octets.
    """

    def __init__(self, generation: int = GENERATION, spellings: int = SPELLINGS) -> None:
        self._generation, self._free = generation, generation
        self._spellings, self._free_spelled = spellings, spellings
        self._young: dict[bytes, Entry] = {}
        self._old: dict[bytes, Entry] = {}
        self._spelled: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        """Entries kept; what is kept in more than one place is counted there too."""
        return len(self._young) + len(self._old) + len(self._spelled)

    def spelled(self, queries: Iterable[bytes]) -> list[bytes | None]:
        """Return for each query its answer behind the ID, if the very same octets were answered of late."""
        kept = self._spelled.get
        return [kept(data[2:]) for data in queries]

    def get(self, data: bytes) -> bytes | None:
        """Return the answer to the query `data` however its name is spelled, or None."""
        asked = data[2:]
        key = asked.lower()
        entry = self._young.get(key) or self._promoted(key)
        if entry is None:
            return None
        behind, end, header, records = entry
        if not data.endswith(behind):
            return None
        answer = b"".join((header, data[12:end], records))
        self._remember(asked, answer)
        return data[:2] + answer

    def _promoted(self, key: bytes) -> Entry | None:
        entry = self._old.get(key)
        if entry is not None:
            self._keep(key, entry)
        return entry

    def keep(self, data: bytes, outcome: Outcome) -> None:
        """Keep the answer to a judged query, if whoever asks the same gets the same."""
        if outcome.keep and outcome.query is not None:
            end = outcome.query.question_end
            self.put(data, end - 4, end, outcome.deliveries[0].wire)

    def put(self, data: bytes, name_end: int, question_end: int, answer: bytes) -> None:
        """Keep `answer` to the query `data`, whose name and question end at these offsets."""
        if len(answer) > LARGEST or not _LETTERS.isdisjoint(data[2 : HEADER.size]):
            return
        behind = data[name_end:]
        entry = (behind, question_end, answer[2:12], answer[question_end:])
        self._keep(data[2:].lower(), entry)

    def put_spelled(self, data: bytes, answer: bytes) -> None:
        """Keep `answer` for queries that are spelled like `data`, and no others."""
        self._remember(data[2:], answer[2:])

    def clear(self) -> None:
        """Forget everything, as when a zone has changed."""
        self._young.clear()
        self._old.clear()
        self._spelled.clear()
        self._free, self._free_spelled = self._generation, self._spellings

    def _keep(self, key: bytes, entry: Entry) -> None:
        self._free -= _OVERHEAD + len(key) + len(entry[0]) + len(entry[3])
        if self._free < 0:
            self._old, self._young, self._free = self._young, {}, self._generation
        self._young[key] = entry

    def _remember(self, asked: bytes, answer: bytes) -> None:
        """Keep a spelling while there is room; what is full starts anew when much was asked that it lacks."""
        self._free_spelled -= _OVERHEAD // 2 + len(asked) + len(answer)
        if self._free_spelled < -_PATIENCE * self._spellings:
            self._spelled.clear()
            self._free_spelled = self._spellings
        elif self._free_spelled >= 0:
            self._spelled[asked] = answer
