"""Records with a header whose name is not UTF-8. Kafka takes them from any client, and aiokafka raises on them.

The record would be fetched again after each restart of the worker, and raise again: whoever may write articles could
stop all workers for good. Here a batch that raises is read once more by aiokafka's own parser, the one that is written
in Python, with U+FFFD in place of the bytes that are no characters.
"""

import functools
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record import default_records, memory_records


def tolerate_any_header_name() -> None:
    """Let every aiokafka consumer of this process read such records; a second call changes nothing."""
    fetcher.MemoryRecords = _Records


class _Slice(bytearray):
    """Bytes of which nothing is refused when they are decoded."""

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, "replace")


class _Buffer(bytearray):
    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return _Slice(found) if isinstance(key, slice) else found


class _Records:
    """What a fetch brings of a partition: aiokafka's, whose batches are read by `_read`."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._records: Any = memory_records.MemoryRecords(raw)
        self._taken = 0
        # these two are asked for most
        self.has_next = self._records.has_next
        self.size_in_bytes = self._records.size_in_bytes

    def next_batch(self) -> Any:
        batch = self._records.next_batch()
        self._taken += 1
        return batch if batch is None else _Batch(batch, functools.partial(_again, self._raw, self._taken))


class _Batch:
    def __init__(self, batch: Any, again: Any) -> None:
        self._batch = batch
        self._again = again

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from list(self._again())[read:]


def _again(raw: bytes, number: int) -> Iterator[Any]:
    """Read the batch of this number, counted from 1, and take any header's name."""
    records = memory_records._MemoryRecordsPy(raw)
    batch: Any = None
    for _ in range(number):
        start = records._next_slice
        batch = records.next_batch()
    batch = default_records._DefaultRecordBatchPy(start or b"")
    batch._maybe_uncompress()
    batch._buffer = _Buffer(batch._buffer)
    return iter(batch)
