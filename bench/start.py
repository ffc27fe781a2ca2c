"""Measures the time from the start of `tumen worker` to its first enriched record, on the embedded broker and on Kafka.

An article waits on its topic before the worker starts, with a new consumer group and a new data directory. The first
start has an empty cache of what is derived from the knowledge files, the others have what it left. Kafka is one node on
this machine with `group.initial.rebalance.delay.ms=0`; Kafka's own default adds three seconds to the first worker of
a group. Where no Kafka can be started (it needs Java 17 and Maven) the reason is printed.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from bench.support.stream import PATIENCE, alive, alone, embedded, kafka, publish, worker
from bench.support.tables import table, title
from bench.support.texts import varied
from streams.cli.clients import Records
from streams.errors import TumenError
from streams.settings import Settings
from streams.topics import ENRICHED


def first_record(settings: Settings, cache: Path, seed: int) -> float:
    """Return the seconds from a worker's start to its first enriched record."""
    settings = alone(settings)
    with Records(settings, ENRICHED, from_beginning=False) as records:
        publish(settings, varied(1, seed=seed))
        began = time.monotonic()
        with worker(settings, ["-m", "streams.cli", "worker"], cache) as process:
            return _arrival(records, process, began) - began


def _arrival(records: Records, process: "subprocess.Popen[bytes]", began: float) -> float:
    while time.monotonic() < began + PATIENCE:
        if records.poll() is not None:
            return time.monotonic()
        alive(process)
    raise TumenError(f"no enriched record after {PATIENCE:g} s")


def main(rounds: int) -> None:
    """Measure and print the table."""
    title("From `tumen worker` to its first enriched record")
    rows = []
    for name, broker in (("embedded", embedded), ("Kafka", kafka)):
        with tempfile.TemporaryDirectory() as cache, broker() as settings:
            if settings is None:
                continue
            times = [first_record(settings, Path(cache), seed) for seed in range(1 + rounds)]
        rows.append([name, f"{times[0]:.2f} s", *(f"{took:.2f} s" for took in times[1:])])
    table(["broker", "first start", *["later"] * rounds], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="starts after the first one, on each broker (3)")
    main(parser.parse_args().rounds)
