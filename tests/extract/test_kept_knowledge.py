"""What is derived from the knowledge files is kept, and made anew where that is damaged."""

from pathlib import Path

from streams.extract.cache import Cache
from streams.extract.knowledge import Knowledge


def test_knowledge_is_kept_as_it_was_read(tmp_path: Path) -> None:
    read = Knowledge.load()
    cache = Cache("a state", tmp_path)
    assert cache.knowledge() == read
    [kept] = tmp_path.glob("knowledge-*.json")
    before = kept.read_bytes()
    assert Cache("a state", tmp_path).knowledge() == read
    assert kept.read_bytes() == before


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    cache = Cache("a state", tmp_path)
    cache.store_keys("uk", {"солдат": ["солдат"]})
    assert cache.keys("uk") == {"солдат": ["солдат"]}
    cache.knowledge()
    for kept in tmp_path.iterdir():
        kept.write_bytes(kept.read_bytes()[:-1])
    assert cache.keys("uk") == {}
    assert cache.knowledge() == Knowledge.load()


def test_other_states_are_dropped(tmp_path: Path) -> None:
    Cache("one", tmp_path).store_keys("uk", {"солдат": ["солдат"]})
    assert Cache("other", tmp_path).keys("uk") == {}
    Cache("other", tmp_path).store_keys("uk", {})
    assert len(list(tmp_path.iterdir())) == 1
