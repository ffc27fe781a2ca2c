"""Measures how long a worker takes to begin when its table is large, on a real Kafka: from the changelog, from disk.

The changelog is filled with the records of so many made-up facts (bench/facts.py), spread over the partitions by their
slots. An article waits on its topic; measured is the time from the worker's start to the first enriched record, which
has the start of Python and Faust in it: the first row, with an empty changelog, shows that part.
"""

import argparse
import time
import zlib

from confluent_kafka import Producer

from bench.facts import made_up
from bench.support.stream import PATIENCE, alone, kafka, publish
from bench.support.tables import table, title
from bench.support.texts import varied
from bench.support.workers import Workers
from streams.cli.clients import Records
from streams.errors import TumenError
from streams.facts import Assessor
from streams.settings import Settings, TableStore
from streams.topics import ENRICHED, FACTS_CHANGELOG


def filled(settings: Settings, count: int) -> int:
    """Write the table of so many facts to its changelog; return the number of records."""
    state: dict[str, str] = {}
    assessor, facts = Assessor(state), 0
    for claim in made_up(20):
        assessment = assessor.assess(claim, raised_at=claim.published_at)
        facts += len(assessment.alerts) > 0
        if facts >= count:
            break
    producer = Producer(settings.confluent_options() | {"linger.ms": 50})
    for key, value in state.items():
        partition = zlib.crc32(key.partition(" ")[0].encode()) % settings.partitions
        while True:
            try:
                producer.produce(FACTS_CHANGELOG, key=key, value=value, partition=partition)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    return len(state)


def first_record(workers: Workers, settings: Settings, name: str, seed: int) -> float:
    """Start a worker, return the seconds to its first enriched record, and stop it."""
    with Records(settings, ENRICHED, from_beginning=False) as records:
        publish(settings, varied(1, seed=seed))
        began = time.monotonic()
        workers.start(name)
        while records.poll() is None:
            if workers.ended() or time.monotonic() > began + PATIENCE:
                raise TumenError(f"no enriched record after {time.monotonic() - began:.0f} s")
        took = time.monotonic() - began
    workers.stop(name)
    return took


def main(count: int) -> None:
    """Measure and print the table."""
    title(f"From `tumen worker` to its first enriched record, with the table of {count:,} facts")
    with kafka() as broker:
        if broker is None:
            return
        settings = alone(broker).model_copy(update={"table_store": TableStore.ROCKSDB})
        with Workers(settings, ["-m", "bench.support.worker", "none"]) as workers:
            empty = first_record(workers, settings, "empty", 1)
            records = filled(settings, count)
            rows = [
                ["nothing to recover", "0", f"{empty:.1f} s"],
                ["changelog, empty disk", f"{records:,}", f"{first_record(workers, settings, 'full', 2):.1f} s"],
                ["disk kept", f"{records:,}", f"{first_record(workers, settings, 'full', 3):.1f} s"],
            ]
    table(["recovered from", "records", "took"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=int, default=20_000, help="how many facts the table holds (20000)")
    main(parser.parse_args().facts)
