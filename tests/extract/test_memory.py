"""What is remembered of words is bounded, and what is asked for again stays."""

from streams.extract.memory import Memories, Memory


def test_memories_are_bounded_together() -> None:
    bound = Memories(100)
    one: Memory[int] = Memory(bound)
    other: Memory[int] = Memory(bound)
    for number in range(1_000):
        (one if number % 3 else other).keep(str(number), number)
        assert len(one) + len(other) <= 200
    assert one.get("998") == 998
    assert one.get("1") is None


def test_what_is_asked_for_stays() -> None:
    memory: Memory[int] = Memory(Memories(100))
    memory.keep("often", 1)
    for number in range(1_000):
        memory.keep(str(number), number)
        assert memory.get("often") == 1
