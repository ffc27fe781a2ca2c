"""The table of facts as claims see it: what is read shines through, what is written is kept apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.agents.state import Overlay

keys = st.sampled_from("abcd")


def test_what_is_below_shines_through_until_it_is_changed() -> None:
    below = {"a": "1", "b": "2"}
    state = Overlay(below.get)
    state["a"] = "3"
    del state["b"]
    assert (state["a"], state.get("b"), "b" in state, "c" in state) == ("3", None, False, False)
    assert below == {"a": "1", "b": "2"}
    assert state.changes == {"a": "3", "b": None}


def test_what_is_not_there_cannot_be_deleted() -> None:
    with pytest.raises(KeyError):
        del Overlay({}.get)["a"]


def test_keys_that_begin_alike_are_listed_as_they_now_are() -> None:
    below = {"a 1": "1", "a 2": "2", "a 3": "3", "b 1": "4"}
    state = Overlay(below.get, lambda start: [item for item in below.items() if item[0].startswith(start)])
    state["a 2"] = "5"
    state["a 4"] = "6"
    state["b 2"] = "7"
    del state["a 3"]
    assert dict(state.under("a ")) == {"a 1": "1", "a 2": "5", "a 4": "6"}


@given(st.dictionaries(keys, st.text()), st.lists(st.tuples(keys, st.none() | st.text())))
def test_it_behaves_as_a_dictionary_does(below: dict[str, str], changes: list[tuple[str, str | None]]) -> None:
    state, expected = Overlay(dict(below).get), dict(below)
    for key, value in changes:
        if value is None:
            state.pop(key, None)
            expected.pop(key, None)
        else:
            state[key] = value
            expected[key] = value
    assert {key: state[key] for key in "abcd" if key in state} == expected
