"""Where a worker keeps its tables: a directory of its own for each Kafka cluster, below the one of the settings."""

import fcntl
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.errors import SettingsError


@contextmanager
def data_directory(base: Path, cluster: str | None) -> Iterator[Path]:
    """Take the first directory for a cluster that no other worker on this machine holds, and hold it.

    What was learnt from one Kafka says nothing of the offsets of another; and RocksDB lets only one process in. A
    worker that starts again finds the directory that the last one left.

    Raises:
        SettingsError: the directory cannot be made or written to.
    """
    home = base / cluster if cluster else base
    for number in itertools.count():
        directory = home / f"worker-{number}"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            lock = (directory / "lock").open("w")
        except OSError as error:
            raise SettingsError(
                f"TUMEN_DATA_DIR: {directory} cannot be written to ({error.strerror}): choose another directory, or "
                "set TUMEN_TABLE_STORE=memory"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield directory
            return
