"""Dead letters to the topics they came from, once each."""

from collections import defaultdict
from types import TracebackType
from typing import Self

from schemas import DeadLetter
from schemas.dead_letter import PREFIX
from streams.cli.clients import Group, Publisher, Received
from streams.cli.intake import Progress
from streams.errors import BrokerError
from streams.settings import Settings
from streams.topics import DEAD_LETTERS

_BATCH = 200


class Redelivery:
    """Publishes dead letters in batches, and marks a batch as done when Kafka has all of it. A context manager.

    How far it was done is kept apart for each code, so that a replay of some codes leaves the others for later.
    """

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._settings = settings
        self._progress = progress
        self._publisher = Publisher(settings, DEAD_LETTERS, self._refused)
        self._groups: dict[str, Group] = {}
        self._done: dict[tuple[str, int], int] = {}
        self._batch: list[tuple[Received, DeadLetter]] = []
        self._refusals = 0
        self.earlier = 0
        """Dead letters that were published again by an earlier run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._send()
        finally:
            for group in self._groups.values():
                group.close()

    @property
    def published(self) -> int:
        """Dead letters that Kafka has taken again."""
        return self._publisher.delivered

    def add(self, record: Received, letter: DeadLetter, *, end: int) -> None:
        """Take a dead letter, unless it was published before; `end` is that of its partition."""
        if record.offset < self._position(letter.code, record.partition, end):
            self.earlier += 1
            return
        self._batch.append((record, letter))
        if len(self._batch) >= _BATCH:
            self._send()

    def _position(self, code: str, partition: int, end: int) -> int:
        """Return the offset behind the last dead letter of this code that was published again."""
        if (code, partition) not in self._done:
            if code not in self._groups:
                self._groups[code] = Group(self._settings, f"{self._settings.group_id}-dead-letters-{code}")
            place = DEAD_LETTERS, partition
            committed = self._groups[code].committed([place])[place]
            # beyond the end: the topic was deleted and made anew since then
            self._done[code, partition] = committed if committed <= end else 0
        return self._done[code, partition]

    def _send(self) -> None:
        for record, letter in self._batch:
            headers = [(name, value) for name, value in record.headers if not name.startswith(PREFIX)]
            # dated as it was: which revision of an article is the newest must not change
            self._publisher.send(letter.topic, record.key, record.value, headers, record.place, letter.timestamp)
        self._publisher.flush()
        if self._refusals:
            raise BrokerError(
                f"{self._refusals:,} dead letters were refused; mend that and run it again", code="refused"
            )
        done: dict[str, dict[tuple[str, int], int]] = defaultdict(dict)
        for record, letter in self._batch:
            done[letter.code][DEAD_LETTERS, record.partition] = record.offset + 1
        for code, offsets in done.items():
            self._groups[code].commit(offsets)
        self._batch.clear()

    def _refused(self, origin: str, code: str, message: str) -> None:
        self._refusals += 1
        self._progress.say(f"{origin}: {message} [{code}]")
