"""The tables, as a record sees them: a mapping of text to text, for one partition."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Protocol

import faust
from faust.stores.rocksdb import Store as RocksStore
from rocksdict import WriteBatch

from streams.fence import OvertakenError
from streams.sender import Sender

ROCKSDB = {
    "write_buffer_size": 4 * 1024 * 1024,
    "max_write_buffer_number": 2,
    "block_cache_size": 8 * 1024 * 1024,
}
"""What RocksDB may keep in memory, in bytes, of each partition of a table. Faust's own values are 64 MiB three times,
and 2 GiB: all that is written stays in memory until it has come to that, which a worker of many partitions never lives
to see."""


class Overlay(MutableMapping[str, str]):
    """Changes over something that can be read. They are kept apart until they are wanted; None is a deletion.

    `read` looks up a key, `scan` all keys from a beginning on.
    """

    def __init__(
        self, read: Callable[[str], str | None], scan: Callable[[str], Iterable[tuple[str, str]]] = lambda _: ()
    ) -> None:
        self._read = read
        self._scan = scan
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

    def under(self, start: str) -> Iterator[tuple[str, str]]:
        """Yield the keys that begin with `start`, and their values."""
        for key, value in self._scan(start):
            if key not in self.changes:
                yield key, value
        for key, changed in list(self.changes.items()):
            if changed is not None and key.startswith(start):
                yield key, changed

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a table is looked up by key; it cannot be listed")

    def __len__(self) -> int:
        raise TypeError("a table is looked up by key; it cannot be counted")


class _Store(Protocol):
    """The part of a table's store that holds one partition."""

    def get(self, key: bytes) -> bytes | None: ...

    def under(self, start: bytes) -> Iterator[tuple[bytes, bytes]]: ...

    def write(self, changes: Mapping[bytes, bytes | None], offset: int) -> None: ...


class RocksPartition:
    """A partition's RocksDB. Faust's own way would look up the partition by the event that it handles, for each key.

    The database is asked for each time: Faust closes it by forgetting it, so that nobody else may keep it.
    """

    def __init__(self, store: Any, partition: int) -> None:
        self._database: Callable[[int], Any] = store._db_for_partition
        self._partition = partition

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._database(self._partition).get(key)
        return value

    def under(self, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        return itertools.takewhile(
            lambda item: item[0].startswith(start), self._database(self._partition).items(from_key=start)
        )

    def write(self, changes: Mapping[bytes, bytes | None], offset: int) -> None:
        """Write changes and the offset up to which they hold the changelog, all or none."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(RocksStore.offset_key, str(offset).encode())
        self._database(self._partition).write(batch)


class _MemoryPartition:
    """A store that is a dictionary, of all partitions."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._store.get(key)
        return value

    def under(self, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        return (item for item in list(self._store.items()) if item[0].startswith(start))

    def write(self, changes: Mapping[bytes, bytes | None], offset: int) -> None:
        for key, value in changes.items():
            if value is None:
                self._store.pop(key, None)
            else:
                self._store[key] = value


class Table:
    """A Faust table whose writes are acknowledged before they count.

    Faust's own `table[key] = value` writes to the local store at once and to the changelog some time later. After a
    crash in between, the store is ahead of what was sent: a claim would count as known whose alert nobody got. Here
    the changelog comes first, then the local store, then the offset up to which the store holds the changelog.
    """

    def __init__(self, app: faust.App, name: str, changelog: str, *, partitions: int) -> None:
        self.name = name
        self._changelog = changelog
        self._table = app.Table(
            name,
            key_type=bytes,
            value_type=bytes,
            partitions=partitions,
            # Faust takes what it knows out of it
            options=dict(ROCKSDB),
            changelog_topic=app.topic(
                changelog,
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

    def state(self, partition: int) -> Overlay:
        """Return one partition of the table. It holds as long as this worker has the partition."""
        store = self._store(partition)

        def read(key: str) -> str | None:
            value = store.get(key.encode())
            return None if value is None else value.decode()

        def scan(start: str) -> Iterator[tuple[str, str]]:
            return ((key.decode(), value.decode()) for key, value in store.under(start.encode()))

        return Overlay(read, scan)

    async def write(self, partition: int, state: Overlay, sender: Sender, still_ours: Callable[[], bool]) -> None:
        """Write what was changed over a partition; returns when the changelog and then the store have it.

        Raises:
            OvertakenError: the changelog has it, and the store gets it from there: while the broker was waited for, the
                partition may have been another worker's, who wrote more.
        """
        if not state.changes:
            return
        encoded = {key.encode(): None if value is None else value.encode() for key, value in state.changes.items()}
        # all or none: half of it would be a state that never was, from which the next owner would go on
        offset = await sender.send_as_one(self._changelog, partition, encoded)
        if not still_ours():
            raise OvertakenError
        self._store(partition).write(encoded, offset)
        state.changes.clear()

    def _store(self, partition: int) -> _Store:
        store: Any = self._table.data
        return RocksPartition(store, partition) if isinstance(store, RocksStore) else _MemoryPartition(store)
