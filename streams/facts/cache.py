"""The cache: values of the state, decoded, as long as they are used; and what is to be written."""

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

import orjson

Encode = Callable[[Any], Any]

SIZE = 5_000
"""Values that are kept at least when they are not asked for: some 20 MB a partition at the most."""


@runtime_checkable
class Ordered(Protocol):
    """A state that finds the keys that begin alike without looking at all of them."""

    def under(self, start: str) -> Iterable[tuple[str, str]]:
        """Return keys that begin with `start`, and their values."""
        ...


def unchanged(value: Any) -> Any:
    """Return a value that JSON has as it is."""
    return value


class Cache:
    """Reads and writes a state of JSON texts through values that stay decoded.

    It must be the only writer of the state. A context manager: changes are written when it is left, all or none.
    At most about twice `size` values are kept: those asked for since the last turn, and those of the turn before.
    """

    def __init__(self, state: MutableMapping[str, str], size: int = SIZE) -> None:
        self._state = state
        self._size = size
        self._young: dict[str, Any] = {}
        self._old: dict[str, Any] = {}
        self._changed: dict[str, Encode | None] = {}
        self._passing: list[str] = []

    def get(self, key: str, decode: Callable[[Any], Any] = unchanged) -> Any:
        """Return a value, None where the state has none; `decode` makes it of what JSON has."""
        young = self._young
        if key in young:
            return young[key]
        if key in self._old:
            value = self._old.pop(key)
        else:
            text = self._state.get(key)
            value = None if text is None else decode(orjson.loads(text))
        young[key] = value
        return value

    def look_up(self, key: str) -> Any:
        """Return a value as JSON has it, None where the state has none; it is not kept."""
        if key in self._changed:
            return self._young[key]
        text = self._state.get(key)
        return None if text is None else orjson.loads(text)

    def under(self, start: str) -> Iterator[tuple[str, Any]]:
        """Yield the keys that begin with `start`, and their values as JSON has them; as they were written last."""
        state = self._state
        items = state.under(start) if isinstance(state, Ordered) else state.items()
        for key, text in items:
            if key.startswith(start):
                yield key, orjson.loads(text)

    def put(self, key: str, value: Any, encode: Encode = unchanged, *, keep: bool = True) -> None:
        """Set a value that belongs to the cache from now on; `encode` makes of it what JSON can have.

        A value that was changed in place is put again. One that will hardly be asked for is not to be kept.
        """
        self._young[key] = value
        self._changed[key] = encode
        if not keep:
            self._passing.append(key)

    def drop(self, key: str) -> None:
        """Delete a value, if there is one."""
        self._young[key] = None
        self._changed[key] = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what has changed to the state; after an error forget it."""
        if error is None:
            self._write()
        else:
            self.forget()

    def _write(self) -> None:
        for key, encode in self._changed.items():
            value = self._young[key]
            if value is not None and encode is not None:
                self._state[key] = orjson.dumps(encode(value)).decode()
            elif key in self._state:
                del self._state[key]
        self._changed.clear()
        for key in self._passing:
            self._young.pop(key, None)
        self._passing.clear()
        if len(self._young) > self._size:
            self._old, self._young = self._young, {}

    def forget(self) -> None:
        """Forget everything, also what was not yet written."""
        self._young.clear()
        self._old.clear()
        self._changed.clear()
        self._passing.clear()
