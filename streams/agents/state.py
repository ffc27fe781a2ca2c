"""The table of facts, as a claim sees it: a mapping of text to text, for one partition."""

import weakref
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import faust
from faust.streams import _current_event
from faust.types import TP

from streams.sender import Outgoing, Sender
from streams.topics import CHANGELOG


class Overlay(MutableMapping[str, str]):
    """Changes over something that can be read. They are kept apart until they are wanted; None is a deletion."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self.changes: dict[str, str | None] = {}

    def look_up(self, key: str) -> str | None:
        """Return the value of a key, or None where it has none."""
        return self.changes[key] if key in self.changes else self._read(key)

    def __getitem__(self, key: str) -> str:
        value = self.look_up(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: str) -> None:
        self.changes[key] = value

    def __delitem__(self, key: str) -> None:
        if self.look_up(key) is None:
            raise KeyError(key)
        self.changes[key] = None

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the table of facts is looked up by key; it cannot be listed")

    def __len__(self) -> int:
        raise TypeError("the table of facts is looked up by key; it cannot be counted")


class FactTable:
    """A Faust table whose writes are acknowledged before they count.

    Faust's own `table[key] = value` writes to the local store at once and to the changelog some time later. After a
    crash in between, the store is ahead of what was sent: a claim would count as known whose alert nobody got. Here
    the changelog comes first, then the local store, then the offset up to which the store holds the changelog.
    """

    def __init__(self, app: faust.App, sender: Sender, *, partitions: int) -> None:
        self._sender = sender
        self._table = app.Table(
            "facts",
            key_type=bytes,
            value_type=bytes,
            partitions=partitions,
            changelog_topic=app.topic(
                CHANGELOG,
                key_type=bytes,
                value_type=bytes,
                key_serializer="raw",
                value_serializer="raw",
                partitions=partitions,
                compacting=True,
                acks=False,
                internal=True,
                # events of the changelog are not committed: Faust's own size for such topics
                maxsize=131_072,
                allow_empty=True,
            ),
        )

    def state(self, event: Any) -> Overlay:
        """Return the part of the table that belongs to the partition of `event`."""

        def read(key: str) -> str | None:
            with _current(event):
                value = self._table.data.get(key.encode())
            return None if value is None else value.decode()

        return Overlay(read)

    async def write(self, event: Any, changes: Mapping[str, str | None]) -> None:
        """Write changes to the partition of `event`; returns when the changelog and then the store have them."""
        if not changes:
            return
        partition = event.message.partition
        encoded = {key.encode(): None if value is None else value.encode() for key, value in changes.items()}
        sent = await self._sender.send(
            [Outgoing(CHANGELOG, key, value, [], partition) for key, value in encoded.items()]
        )
        store: Any = self._table.data
        with _current(event):
            for key, value in encoded.items():
                if value is None:
                    store.pop(key, None)
                else:
                    store[key] = value
        store.set_persisted_offset(TP(CHANGELOG, partition), max(record.offset for record in sent))


@contextmanager
def _current(event: Any) -> Iterator[None]:
    """Make `event` Faust's current one: its partition is the one that tables read and write."""
    token = _current_event.set(weakref.ref(event))
    try:
        yield
    finally:
        _current_event.reset(token)
