"""Workers on one machine do not share a directory, and one that starts again finds its own."""

from pathlib import Path

import pytest

from streams.data_directory import data_directory
from streams.errors import SettingsError


def test_each_worker_has_its_own(tmp_path: Path) -> None:
    with data_directory(tmp_path, "one") as first, data_directory(tmp_path, "one") as second:
        assert first != second


def test_the_next_worker_finds_what_the_last_one_left(tmp_path: Path) -> None:
    with data_directory(tmp_path, "one") as last:
        (last / "table").touch()
    with data_directory(tmp_path, "one") as following:
        assert (following / "table").exists()


def test_clusters_are_kept_apart(tmp_path: Path) -> None:
    with data_directory(tmp_path, "one") as one, data_directory(tmp_path, "two") as other:
        assert one.parent != other.parent


def test_a_directory_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SettingsError, match=r"TUMEN_DATA_DIR: .*file.*TUMEN_TABLE_STORE"),
        data_directory(tmp_path / "file", None),
    ):
        pass
