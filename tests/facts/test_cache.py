"""Values of the state that stay decoded: read once, written together or not at all, and not for ever."""

import pytest

from streams.facts.cache import Cache


class Counting(dict[str, str]):
    """A state that counts what is asked of it."""

    asked = 0

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked += 1
        return super().get(key, default)


def test_value_is_read_once_also_where_there_is_none() -> None:
    state = Counting({"a": "[1]"})
    cache = Cache(state)
    for _ in range(3):
        assert cache.get("a") == [1]
        assert cache.get("b") is None
    assert state.asked == 2


def test_changes_are_written_when_the_cache_is_left() -> None:
    state = {"a": "1", "b": "2"}
    with Cache(state) as cache:
        cache.put("c", {3}, sorted)
        cache.drop("b")
        assert (cache.get("b"), cache.look_up("b"), cache.look_up("c")) == (None, None, {3})
        assert state == {"a": "1", "b": "2"}
    assert state == {"a": "1", "c": "[3]"}


def test_after_an_error_all_is_as_before() -> None:
    state = {"a": "[1]"}
    cache = Cache(state)

    def fail() -> None:
        with cache:
            cache.get("a").append(2)
            cache.put("b", 1)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert state == {"a": "[1]"}
    assert (cache.get("a"), cache.get("b")) == ([1], None)


def test_what_is_not_asked_for_any_more_is_forgotten() -> None:
    state = Counting({str(number): "0" for number in range(100)})
    cache = Cache(state, size=10)
    for number in range(100):
        with cache:
            cache.get("0")
            cache.get(str(number))
    assert state.asked == 100  # what is asked for again and again stays
    state.asked = 0
    cache.get("1")
    assert state.asked == 1


def test_what_is_not_to_be_kept_is_not() -> None:
    state = Counting()
    cache = Cache(state)
    with cache:
        cache.put("a", 1, keep=False)
    assert cache.look_up("a") == 1
    assert state.asked == 1


def test_keys_that_begin_alike_are_listed() -> None:
    cache = Cache({"a 1": "1", "a 2": "2", "b 1": "3"})
    assert dict(cache.under("a ")) == {"a 1": 1, "a 2": 2}
