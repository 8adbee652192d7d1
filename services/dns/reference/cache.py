"""Packed answers by the octets of the question: what makes the second query for a name cheap.

A query is looked up by everything behind its ID, in lower case, so that one entry serves every spelling
(0x20) of a name. Lowering touches nothing else as long as the header, type, class and OPT record, which
an entry keeps as they were, are compared in their own case too. An answer is then the ID, the stored
header, the question as this asker spelled it, and the stored records.

Names in the records point back at the question, and so follow its spelling by themselves.

Before all this, the spellings of late are found by their very octets, which is three times as fast.
"""

from __future__ import annotations

from services.dns.reference.wire import HEADER

GENERATION = 65_536
SPELLINGS = 8_192
LARGEST = 1_232
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
Entry = tuple[bytes, int, bytes, bytes]  # query's octets behind the name, their offset, header, records


class AnswerCache:
    """Bounded by two generations: when the young one is full it becomes the old one, and that is dropped.

    Args:
        generation: entries in one generation; at most twice as many are kept.
    """

    def __init__(self, generation: int = GENERATION) -> None:
        self._generation = generation
        self._young: dict[bytes, Entry] = {}
        self._old: dict[bytes, Entry] = {}
        self._spelled: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        """Entries kept, those counted twice that were promoted from the old generation."""
        return len(self._young) + len(self._old)

    def get(self, data: bytes) -> bytes | None:
        """Return the answer to the query `data`, or None."""
        asked = data[2:]
        spelled = self._spelled.get(asked)
        if spelled is not None:
            return data[:2] + spelled
        key = asked.lower()
        entry = self._young.get(key) or self._promoted(key)
        if entry is None:
            return None
        behind, end, header, records = entry
        if not data.endswith(behind):
            return None
        answer = b"".join((header, data[12:end], records))
        if len(self._spelled) >= SPELLINGS:
            self._spelled.clear()
        self._spelled[asked] = answer
        return data[:2] + answer

    def _promoted(self, key: bytes) -> Entry | None:
        entry = self._old.get(key)
        if entry is not None:
            self._keep(key, entry)
        return entry

    def put(self, data: bytes, name_end: int, question_end: int, answer: bytes) -> None:
        """Keep `answer` to the query `data`, whose name and question end at these offsets."""
        if len(answer) > LARGEST or not _LETTERS.isdisjoint(data[2 : HEADER.size]):
            return
        behind = data[name_end:]
        entry = (behind, question_end, answer[2:12], answer[question_end:])
        self._keep(data[2:].lower(), entry)

    def clear(self) -> None:
        """Forget everything, as when a zone has changed."""
        self._young.clear()
        self._old.clear()
        self._spelled.clear()

    def _keep(self, key: bytes, entry: Entry) -> None:
        if len(self._young) >= self._generation:
            self._old, self._young = self._young, {}
        self._young[key] = entry
