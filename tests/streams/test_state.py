"""The table of facts as claims see it: what is read shines through, what is written is kept apart."""

import os
from pathlib import Path
from typing import Any

import pytest
from faust.stores.rocksdb import RocksDBOptions
from faust.stores.rocksdb import Store as RocksStore
from hypothesis import given
from hypothesis import strategies as st

from bench.support.processes import resident
from streams.agents.state import ROCKSDB, Overlay, RocksPartition

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


class OneDatabase:
    """A store as Faust's is, with one partition."""

    def __init__(self, folder: Path) -> None:
        self.database = RocksDBOptions().open(folder)

    def _db_for_partition(self, _: int) -> Any:
        return self.database


def test_partition_of_a_rocksdb_is_read_listed_and_written_with_its_offset(tmp_path: Path) -> None:
    store = OneDatabase(tmp_path)
    partition = RocksPartition(store, 0)
    partition.write({b"a 1": b"1", b"a 2": b"2", b"b 1": b"3"}, 41)
    partition.write({b"a 2": None, b"a 3": b"4"}, 42)
    assert partition.get(b"a 1") == b"1"
    assert partition.get(b"a 2") is None
    assert dict(partition.under(b"a ")) == {b"a 1": b"1", b"a 3": b"4"}
    assert store.database.get(RocksStore.offset_key) == b"42"
    store.database.close()


def test_what_a_rocksdb_keeps_in_memory_does_not_grow_with_what_is_written(tmp_path: Path) -> None:
    database = RocksDBOptions(**ROCKSDB).open(tmp_path / "database")
    before = resident()
    for number in range(48):
        database[number.to_bytes(2)] = os.urandom(1024 * 1024)
    assert (resident() - before) / 2**20 < 32
