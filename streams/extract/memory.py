"""A bounded memory for what is derived from words: a stream brings new ones without end."""

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Remembers values by text: those asked for lately, `most` of them or up to twice as many.

    It has two generations. When the younger is full, the older is forgotten and the younger takes its place; what is
    asked for again is moved to the younger one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[str, Value] = {}
        self._old: dict[str, Value] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: str) -> Value | None:
        """Return what was kept under a key, if it is remembered."""
        value = self._young.get(key)
        if value is None:
            value = self._old.pop(key, None)
            if value is not None:
                self.keep(key, value)
        return value

    def keep(self, key: str, value: Value) -> None:
        """Remember a value under a key."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = value
