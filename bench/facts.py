"""Measures the table of facts: its size, how long a claim takes, and how fast it is there again after a restart.

Claims are made up: of all types and both directions, six in ten with a figure, from sixty origins and a hundred places;
nearly each tells a fact of its own. They come day after day, twenty a day, up to a week late: how crowded the days are
is what the time of a claim depends on, and --a-day changes it. The state is a RocksDB as the worker's table has it
(--store dict: a dictionary), one partition, written every 64 claims. At each mark the bytes of keys and values are
counted, which is what the changelog holds, and those on disk; the resident size is that of the process: what RocksDB
and the assessor keep in memory. 500 claims that tell something new are timed, and the same 500 again as told by another
outlet: with the assessor's memory as it is, and of an assessor that has just been made (cold). A filling that takes
longer than --seconds of processor time stops there, and says so. Last, the database is closed and opened again, and all
its records are written to an empty one in batches of 1,000, as a recovery from the changelog does that waits for no
broker.
"""

import argparse
import itertools
import math
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from faust.stores.rocksdb import RocksDBOptions

from bench.support.processes import resident
from bench.support.tables import megabytes, table, title
from schemas import Claim, ClaimType, Evidence, Plover, Status
from schemas.claim import Attribution, Place, Quantity, Unit, claim_id
from streams.agents.state import Overlay, RocksPartition
from streams.facts import Assessor, SourceTable
from streams.facts.lexicon import default_lexicon

SAMPLE = 500
BEGIN = date(2000, 1, 1)
BATCH = 64
"""Claims between two writes."""
TOPICS = ("soldiers", "shells", "missiles", "a satellite", "oil", "flights", "a bridge", "sappers", "a treaty", "coal")
UNITS = {
    ClaimType.TROOPS: Unit.PERSON,
    ClaimType.CASUALTIES: Unit.PERSON,
    ClaimType.LABOUR: Unit.PERSON,
    ClaimType.TRAINING: Unit.PERSON,
    ClaimType.ARMS: Unit.SHELL,
    ClaimType.ARMS_USE: Unit.MISSILE,
    ClaimType.TRANSPORT: Unit.CONTAINER,
}


def made_up(a_day: float, seed: int = 1) -> Iterator[Claim]:
    """Yield claims without end, so many of a day and up to a week late. The same `seed`, the same claims."""
    # randomness for variety, not for secrets
    rng = random.Random(seed)  # noqa: S311
    for number in itertools.count():
        type_ = rng.choice(list(ClaimType))
        actor, recipient = rng.choice([("KP", "RU"), ("RU", "KP")])
        day = BEGIN + timedelta(days=int(number / a_day) - rng.randrange(7))
        figure = round(20 * math.exp(rng.random() * 8.5))
        quantity = Quantity(low=figure, high=figure, unit=UNITS.get(type_, Unit.ITEM)) if rng.random() < 0.6 else None
        text = f"what is told of {rng.choice(TOPICS)} ({number})"
        identifier = claim_id(f"a{number}", type_, actor, recipient, Status.HAPPENED, False, quantity, text)
        origin = f"Ministry {rng.randrange(60)}"
        yield Claim(
            id=identifier,
            article_id=f"a{number}",
            url=f"https://bench.example/{number}",
            source=f"Outlet {rng.randrange(40)}",
            published_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            language=rng.choice(("uk", "ru", "en", "ko")),
            type=type_,
            plover=Plover.AID,
            actor=actor,
            recipient=recipient,
            quantity=quantity,
            status=Status.HAPPENED,
            negated=False,
            attributed_to=[Attribution(name=origin, text=origin)],
            place=Place(name=f"Place {rng.randrange(100)}") if rng.random() < 0.5 else None,
            when=day.isoformat() if rng.random() < 0.4 else None,
            background=False,
            confidence=0.9,
            evidence=Evidence(text=text, start=0, end=len(text)),
        )


def passed_on(claim: Claim, outlet: str) -> Claim:
    """Return the same claim as told by another outlet."""
    return claim.model_copy(
        update={"id": f"{claim.id}-{outlet}", "article_id": f"{claim.article_id}-{outlet}", "source": outlet}
    )


class Database:
    """One partition of the table in a folder, as Faust opens it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.rocks = RocksDBOptions().open(folder)
        self.partition = RocksPartition(self, 0)

    def _db_for_partition(self, _: int) -> Any:
        return self.rocks

    def overlay(self) -> Overlay:
        """Return the state that an assessor sees."""

        def read(key: str) -> str | None:
            value = self.partition.get(key.encode())
            return None if value is None else value.decode()

        return Overlay(read)

    def write(self, state: Overlay) -> None:
        """Write what has changed, as the worker does once the changelog has it."""
        changes = {key.encode(): None if value is None else value.encode() for key, value in state.changes.items()}
        self.partition.write(changes, 1)
        state.changes.clear()

    def on_disk(self) -> int:
        """Return the bytes of its files, all that is in memory written."""
        self.rocks.flush()
        return sum(each.stat().st_size for each in self._folder.rglob("*") if each.is_file())

    def close(self) -> None:
        """Close the files."""
        self.rocks.close()


class Told:
    """The facts that an assessor tells of, counted, and how long it takes."""

    def __init__(self, database: Database | None) -> None:
        self.facts: set[str] = set()
        self._database = database
        self._count = 0
        self.renew()

    def renew(self) -> None:
        """Go on with an assessor that remembers nothing of what it has read."""
        self.state: Any = {} if self._database is None else self._database.overlay()
        self._assessor = Assessor(self.state, SourceTable.load(), default_lexicon())

    def assess(self, claim: Claim) -> float:
        """Assess a claim and return the seconds of processor time that it took, without those of RocksDB's threads."""
        began = time.thread_time()
        assessment = self._assessor.assess(claim, raised_at=claim.published_at)
        took = time.thread_time() - began
        self.facts.update(fact.id for fact in assessment.facts)
        self.facts.difference_update(assessment.removed)
        self._count += 1
        if self._count % BATCH == 0:
            self.write()
        return took

    def write(self) -> None:
        """Write what has changed to the database."""
        if self._database is not None:
            self._database.write(self.state)


def quantiles(times: list[float]) -> list[str]:
    """Return median and 99th percentile, in milliseconds."""
    ordered = sorted(times)
    return [f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000:.2f} ms" for share in (0.5, 0.99)]


def main(count: int, seconds: float, a_day: float, store: str) -> None:
    """Fill the table and print what it takes at each mark."""
    title(f"{count:,} facts, {a_day:g} a day, in a {'dictionary' if store == 'dict' else 'RocksDB'}")
    with tempfile.TemporaryDirectory() as folder:
        database = None if store == "dict" else Database(Path(folder) / "facts.db")
        filled(Told(database), made_up(a_day), count, seconds, database)
        if database is not None:
            database.close()
            restarted(Path(folder))


def filled(told: Told, claims: Iterator[Claim], count: int, seconds: float, database: Database | None) -> None:
    """Fill the table up to each mark and print what is measured there."""
    empty, began, rows = resident(), time.thread_time(), []
    for mark in sorted({count // 100, count // 10, count // 2, count} - {0}):
        while len(told.facts) < mark and time.thread_time() - began < seconds:
            told.assess(next(claims))
        taken, facts = resident() - empty, len(told.facts)
        told.write()
        items = told.state.items() if database is None else database.partition.under(b"")
        size = sum(len(key) + len(value) for key, value in items)
        fresh = list(itertools.islice(claims, SAMPLE))
        new = quantiles([told.assess(claim) for claim in fresh])
        told.write()
        again = quantiles([told.assess(passed_on(claim, "b")) for claim in fresh])
        cold = ["", ""]
        if database is not None:
            told.write()
            told.renew()
            cold = quantiles([told.assess(passed_on(claim, "c")) for claim in fresh])
        disk = "" if database is None else megabytes(database.on_disk())
        rows.append(
            [f"{facts:,}", f"{size / facts:,.0f}", megabytes(size), disk, megabytes(taken), *new, *again, *cold]
        )
        if facts < mark:
            break
    told.write()
    table(
        ["facts", "bytes a fact", "together", "on disk", "resident", "new: p50", "p99", "passed on: p50", "p99",
         "cold: p50", "p99"],
        rows,
    )  # fmt: skip
    if len(told.facts) < count:
        print(f"stopped at {len(told.facts):,} facts: --seconds {seconds:g} were over")


def restarted(folder: Path) -> None:
    """Print how long the table takes to be there again, from its files and from its records."""
    began = time.perf_counter()
    database = Database(folder / "facts.db")
    next(database.partition.under(b""))
    opened = time.perf_counter() - began
    other = Database(folder / "recovered.db")
    records, began = 0, time.perf_counter()
    items = iter(database.partition.under(b""))
    while batch := list(itertools.islice(items, 1000)):
        other.partition.write(dict(batch), records)
        records += len(batch)
    written = time.perf_counter() - began
    print(f"opened again in {opened:.2f} s; {records:,} records written anew in {written:.1f} s")
    database.close()
    other.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=int, default=200_000, help="how many facts (200000)")
    parser.add_argument("--seconds", type=float, default=1200, help="stop filling after so much processor time (1200)")
    parser.add_argument("--a-day", type=float, default=20, help="how many facts there are of a day (20)")
    parser.add_argument("--store", choices=("rocksdb", "dict"), default="rocksdb", help="where the state is (rocksdb)")
    arguments = parser.parse_args()
    main(arguments.facts, arguments.seconds, arguments.a_day, arguments.store)
