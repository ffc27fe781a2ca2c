"""Measures the whole stream: articles a second on one worker, and the time from publishing an article to its alert.

The worker is a process of its own, on the embedded broker or (--broker kafka) a real one, on the machine that measures.
Its extraction is passed through (no claims, or one claim and so one fact an article) or the real one. The
articles are those of seeds/ with their sentences shuffled and other figures, so that many tell something new; languages
are given. The rate is that from the first publish until all articles and all claims are committed as handled, after a
warm-up; commits come twice a second, so that short runs look slower than they are. In process is `Extractor.extract`
alone, in one process, after the same warm-up. The last columns are processor time for each article, which tells where
the time goes also on a machine that does other things: of the worker's own process (Kafka, assessing) and of its
children (reading).

The latency is measured at half of the rate that the worker with its default number of processes has reached: from the
call of the producer to the arrival of the first alert of an article at a subscriber; articles that raise none do not
count.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from pydantic_core import from_json

from bench.support.processes import processor_time
from bench.support.stream import PATIENCE, alive, alone, embedded, handled, kafka, publish, worker
from bench.support.tables import table, title
from bench.support.texts import Variation, varied
from schemas import Article
from streams.cli.clients import Publisher, Records
from streams.codec import encode
from streams.errors import TumenError
from streams.extract import Extractor
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, ENRICHED

WARM_UP = 100

Broker = Callable[[int], AbstractContextManager[Settings | None]]


class Run(NamedTuple):
    """What is measured."""

    name: str
    extraction: str
    processes: int
    articles: int


class Throughput(NamedTuple):
    """Articles a second, and seconds of processor time for each article in the worker and in its children."""

    rate: float
    own: float
    children: float


def articles(count: int, seed: int) -> list[Article]:
    """Return articles of which many tell something new."""
    return list(varied(count, Variation(figures=True), seed=seed))


def in_process(count: int) -> Throughput:
    """Measure extraction alone, in this process."""
    extractor = Extractor.load()
    for article in articles(WARM_UP, seed=1):
        extractor.extract(article)
    measured = articles(count, seed=2)
    began, spent = time.perf_counter(), time.process_time()
    for article in measured:
        extractor.extract(article)
    return Throughput(count / (time.perf_counter() - began), 0.0, (time.process_time() - spent) / count)


def through_the_stream(broker: Broker, run: Run) -> Throughput | None:
    """Measure one worker; None where there is no broker."""
    with broker(run.processes) as settings:
        if settings is None:
            return None
        settings = alone(settings)
        with worker(settings, ["-m", "bench.support.worker", run.extraction]) as process:
            publish(settings, articles(WARM_UP, seed=1))
            handled(settings, process)
            measured = articles(run.articles, seed=2)
            began, spent = time.perf_counter(), processor_time(process.pid)
            publish(settings, measured)
            handled(settings, process)
            took = time.perf_counter() - began
            own, children = processor_time(process.pid)
            return Throughput(
                run.articles / took, (own - spent[0]) / run.articles, (children - spent[1]) / run.articles
            )


class Times:
    """When articles were published, and how long it took until something came of each."""

    def __init__(self) -> None:
        self.published: dict[str, float] = {}
        self.took: dict[str, dict[str, float]] = {ENRICHED: {}, ALERTS: {}}

    def note(self, topic: str, value: bytes) -> None:
        """Take the first record of an article on a topic."""
        record = from_json(value)
        identifier = record["article"]["id"] if topic == ENRICHED else record["article_id"]
        if identifier in self.published:
            self.took[topic].setdefault(identifier, time.monotonic() - self.published[identifier])


def latencies(broker: Broker, rate: float, seconds: float, processes: int) -> Times | None:
    """Publish at a rate and return when what came of it arrived; None where there is no broker."""
    times = Times()
    with broker(processes) as settings:
        if settings is None:
            return None
        settings = alone(settings)
        with (
            worker(settings, ["-m", "bench.support.worker", "real"]) as process,
            Records(settings, ENRICHED, ALERTS, from_beginning=False) as records,
        ):
            publish(settings, articles(WARM_UP, seed=1))
            handled(settings, process)
            feed = articles(max(1, int(rate * seconds)), seed=3)
            feeder = threading.Thread(target=_feed, args=(settings, feed, rate, times), daemon=True)
            feeder.start()
            deadline = time.monotonic() + seconds + PATIENCE
            while feeder.is_alive() or len(times.took[ENRICHED]) < len(feed) or not records.at_end():
                record = records.poll()
                if record is not None and record.value is not None:
                    times.note(record.topic, record.value)
                alive(process)
                if time.monotonic() > deadline:
                    raise TumenError(f"not all articles were enriched {PATIENCE:g} s after the last one")
    return times


def _feed(settings: Settings, feed: Sequence[Article], rate: float, times: Times) -> None:
    def refused(origin: str, code: str, message: str) -> None:
        raise TumenError(f"{origin}: {message}", code=code)

    with Publisher(settings, ARTICLES, refused) as publisher:
        began = time.monotonic()
        for number, article in enumerate(feed):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            times.published[str(article.id)] = time.monotonic()
            publisher.send(ARTICLES, str(article.id).encode(), encode(article), [], str(article.id))


def quantiles(took: dict[str, float]) -> list[str]:
    """Return median and 99th percentile, in milliseconds, and of how many."""
    ordered = sorted(took.values())
    if not ordered:
        return ["none", "none", "0"]
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.99)]
    return [*(f"{value:,.0f} ms" for value in at), f"{len(ordered):,}"]


def main(count: int, quick: int, seconds: float, name: str) -> None:
    """Measure and print the tables."""
    broker: Broker = kafka if name == "kafka" else embedded
    title(f"Articles through the whole stream, one worker, broker: {name}")
    cores = os.cpu_count() or 1
    runs = [
        Run("stream, pass-through, no claims", "none", 1, quick),
        Run("stream, pass-through, one claim an article", "one", 1, quick),
        Run("stream, real extraction", "real", 1, count),
    ]
    if cores > 1:
        runs.append(Run("stream, real extraction", "real", cores, count))
    results = [(Run("in process, real extraction", "real", 1, count), in_process(count))]
    for run in runs:
        result = through_the_stream(broker, run)
        if result is None:
            return
        results.append((run, result))
    table(
        ["", "processes", "articles", "articles/s", "to in process", "worker", "children"],
        [
            [
                run.name,
                str(run.processes),
                f"{run.articles:,}",
                f"{result.rate:,.1f}",
                f"{result.rate / results[0][1].rate:.2f}",
                f"{result.own * 1000:.2f} ms",
                f"{result.children * 1000:.2f} ms",
            ]
            for run, result in results
        ],
    )

    half = results[-1][1].rate / 2
    title(f"From publishing to the alert, at half of that rate: {half:,.1f} articles/s, {runs[-1].processes} processes")
    times = latencies(broker, half, seconds, runs[-1].processes)
    if times is not None:
        rows = [
            ["to the enriched article", *quantiles(times.took[ENRICHED])],
            ["to the alert", *quantiles(times.took[ALERTS])],
        ]
        table(["", "p50", "p99", "articles"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=800, help="articles for the real extraction (800)")
    parser.add_argument("--quick", type=int, default=3000, help="articles for the pass-through ones (3000)")
    parser.add_argument("--seconds", type=float, default=20, help="how long latency is measured (20)")
    parser.add_argument("--broker", choices=("embedded", "kafka"), default="embedded", help="which one (embedded)")
    arguments = parser.parse_args()
    main(arguments.articles, arguments.quick, arguments.seconds, arguments.broker)
