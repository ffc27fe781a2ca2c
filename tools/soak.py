"""Leaves two workers at their work for a long time, and looks whether anything grows.

    python tools/soak.py [--articles 100000]

A real Kafka, two workers with their real extraction (one process each), and articles made of seeds/: sentences
shuffled, names exchanged, two hours from each to the next, the same ones in every run. They are published as fast as
the workers handle them and what comes of them: about a thousand records always wait. Printed are, for each twentieth of
the articles, the rate, what waits, and memory and open files of each process.

After the first quarter, which is warming up, nothing may grow: memory and files of a process by no more than a tenth
from the second quarter to the last one, and the rate may fall by no more than a quarter. At the end every article must
have been enriched, none be a dead letter, and no alert have come twice.
"""

import argparse
import asyncio
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic_core import from_json

from bench.support.processes import open_files, resident
from bench.support.stream import kafka
from bench.support.tables import table, title
from bench.support.texts import Variation, varied
from bench.support.workers import Workers
from streams.cli.clients import Publisher, Records
from streams.codec import encode
from streams.errors import TumenError
from streams.progress import Progress, wait_until_handled
from streams.settings import LogLevel, Settings
from streams.topics import ALERTS, ARTICLES, DEAD_LETTERS, ENRICHED

WAITING = 1000
"""How many records may wait before more articles are published."""

STILL_SECONDS = 120.0
ROWS = 20
GROWTH, SLOWER = 0.10, 0.25
VARIATION = Variation(names=True, apart=timedelta(hours=2))
NAMES = ("a", "b")


@dataclass
class Sample:
    """How things stood at one moment."""

    seconds: float
    handled: int
    """Articles."""
    waiting: int
    """Articles, enriched articles and claims that were published and not yet handled."""
    memory: dict[str, float] = field(default_factory=dict)
    """MiB, by process."""
    files: dict[str, int] = field(default_factory=dict)
    """Open files, by process."""


class Soak:
    """One run."""

    def __init__(self, settings: Settings, workers: Workers, articles: int) -> None:
        self.samples: list[Sample] = []
        self._settings = settings
        self._workers = workers
        self._articles = articles
        self._progress = Progress()
        self._moved = time.monotonic()
        self._refused: list[str] = []
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        """Publish, watch and sample until all is handled."""
        began = time.monotonic()
        self._feeder.start()
        try:
            while not (self._progress.articles >= self._articles and self._progress.done):
                self._progress = asyncio.run(self._look())
                self._check()
                step = self._articles / ROWS
                if self._progress.articles_handled >= step * (len(self.samples) + 1):
                    self._sample(time.monotonic() - began)
        finally:
            self._over.set()
            self._feeder.join()

    async def _look(self) -> Progress:
        seen: list[Progress] = []
        looking = asyncio.create_task(wait_until_handled(self._settings, seen.append))
        await asyncio.wait([looking], timeout=1.0)
        looking.cancel()
        await asyncio.wait([looking])
        if not looking.cancelled():
            looking.result()
        if seen and seen[-1] != self._progress:
            self._moved = time.monotonic()
        return seen[-1] if seen else self._progress

    def _check(self) -> None:
        ended = self._workers.ended()
        if ended:
            said = "\n".join(self._workers.log(name)[-2000:] for name in ended)
            raise TumenError(f"workers have ended: {ended}\n{said}")
        if self._refused:
            raise TumenError(f"articles were refused: {self._refused[:3]}")
        if time.monotonic() - self._moved > STILL_SECONDS:
            raise TumenError(f"nothing moves any more: {self._progress}")

    def _sample(self, seconds: float) -> None:
        sample = Sample(seconds, self._progress.articles_handled, waiting(self._progress))
        for name, pid in self._workers.running.items():
            processes = {name: pid} | {f"{name}'s child": child for child in self._workers.children(name)}
            for each, number in processes.items():
                sample.memory[each] = resident(number) / 2**20
                sample.files[each] = open_files(number)
        self.samples.append(sample)
        told = ", ".join(f"{name} {size:.0f} MiB" for name, size in sample.memory.items())
        print(f"  {sample.handled:,} articles, {seconds:.0f} s: {told}", file=sys.stderr, flush=True)

    def _feed(self) -> None:
        def refused(origin: str, code: str, message: str) -> None:
            self._refused.append(f"{origin}: {message} [{code}]")

        with Publisher(self._settings, ARTICLES, refused) as publisher:
            for number, article in enumerate(varied(self._articles, VARIATION)):
                # by what is published here, not by what Kafka said a moment ago
                while number - self._progress.articles + waiting(self._progress) > WAITING:
                    if self._over.wait(0.2):
                        return
                publisher.send(ARTICLES, str(article.id).encode(), encode(article), [], str(article.id))


def waiting(progress: Progress) -> int:
    """Return how many records of all three topics are not handled."""
    published = progress.articles + progress.enriched + progress.claims
    return published - progress.articles_handled - progress.enriched_handled - progress.claims_handled


def outcome(settings: Settings, count: int) -> list[str]:
    """Return what is wrong with what the topics hold: nothing, if all went well."""
    enriched: set[str] = set()
    alerts: Counter[str] = Counter()
    letters = 0
    with Records(settings, ENRICHED, ALERTS, DEAD_LETTERS, from_beginning=True) as records:
        for record in records.rest():
            if record.topic == DEAD_LETTERS or record.value is None:
                letters += 1
            elif record.topic == ENRICHED:
                enriched.add(from_json(record.value)["article"]["id"])
            else:
                alerts[from_json(record.value)["id"]] += 1
    twice = sum(times > 1 for times in alerts.values())
    print(f"\n{len(enriched):,} articles enriched, {len(alerts):,} alerts, {letters:,} dead letters")
    wrong = {"articles without a result": count - len(enriched), "alerts sent twice": twice, "dead letters": letters}
    return [f"{number:,} {what}" for what, number in wrong.items() if number]


def grown(samples: Sequence[Sample]) -> list[str]:
    """Return what grew, or slowed down, from the second quarter of a run to its last one."""
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    found = []
    for what in ("memory", "files"):
        for process in early[0].__dict__[what]:
            before, after = (
                statistics.median(getattr(sample, what).get(process, 0) for sample in part) for part in (early, late)
            )
            if after > before * (1 + GROWTH):
                found.append(f"{what} of {process} grew from {before:,.0f} to {after:,.0f}")
    first, last = rate(samples[quarter - 1], early[-1]), rate(samples[-quarter - 1], late[-1])
    if last < first * (1 - SLOWER):
        found.append(f"the rate fell from {first:.0f} to {last:.0f} articles/s")
    return found


def rate(earlier: Sample, later: Sample) -> float:
    """Return articles a second between two samples."""
    return (later.handled - earlier.handled) / (later.seconds - earlier.seconds)


def report(samples: Sequence[Sample]) -> None:
    """Print the table."""
    processes = list(samples[-1].memory)
    rows = []
    before = Sample(0.0, 0, 0)
    for sample in samples:
        memory = [f"{sample.memory.get(each, 0):,.0f}" for each in processes]
        files = "/".join(str(sample.files.get(each, 0)) for each in processes)
        figures = [f"{sample.handled:,}", f"{sample.seconds:,.0f}", f"{rate(before, sample):.0f}"]
        rows.append([*figures, f"{sample.waiting:,}", *memory, files])
        before = sample
    heads = [f"{each}, MiB" for each in processes]
    table(["articles", "seconds", "articles/s", "waiting", *heads, "open files"], rows)


def main(articles: int) -> int:
    """Soak and tell; returns 1 where something grew or was lost."""
    with kafka(processes=1) as settings:
        if settings is None:
            return 1
        settings = settings.model_copy(update={"log_level": LogLevel.WARNING})
        title(f"{articles:,} articles through a real Kafka and two workers")
        with Workers(settings, ["-m", "streams.cli", "worker"]) as workers:
            workers.start(*NAMES)
            soak = Soak(settings, workers, articles)
            soak.run()
        report(soak.samples)
        wrong = outcome(settings, articles) + grown(soak.samples)
    print("flat after warm-up, nothing lost, nothing doubled" if not wrong else "\n".join(["NOT WELL:", *wrong]))
    return int(bool(wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000, help="how many (100000)")
    sys.exit(main(parser.parse_args().articles))
