"""Bounded memories for what is derived from words: a stream brings new ones without end."""

from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Memories:
    """Memories that together hold what was asked for lately: `most` values, or up to twice as many.

    A memory has two generations. When the younger ones are full, the older ones are forgotten and the younger ones take
    their place; what is asked for again moves to the younger one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = 0
        self._all: list[Memory[Any]] = []

    def add(self, memory: "Memory[Any]") -> None:
        """Bound one more memory."""
        self._all.append(memory)

    def count(self) -> None:
        """Count a value that a memory is about to keep."""
        self._kept += 1
        if self._kept > self._most:
            self._kept = 1
            for memory in self._all:
                memory.age()


class Memory(Generic[Value]):
    """Remembers values by text."""

    def __init__(self, bound: Memories) -> None:
        self._bound = bound
        self._young: dict[str, Value] = {}
        self._old: dict[str, Value] = {}
        bound.add(self)

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
        self._bound.count()
        self._young[key] = value

    def age(self) -> None:
        """Forget the older generation, and begin a new one."""
        self._old, self._young = self._young, {}
