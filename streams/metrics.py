"""What a worker measures of itself, for Prometheus."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from schemas import Alert
from schemas.dead_letter import Stage
from streams.extract.language import SUPPORTED

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

_OTHER = "other"
"""All languages that are not read. Feeders choose what they call theirs, and each label value is kept for good."""


class Metrics:
    """The metrics of one worker, in a registry of their own."""

    def __init__(self) -> None:
        # when each counter began is a second series for each that nobody asks for
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.received = Counter("tumen_articles_received", "Articles taken from the topic.", registry=self.registry)
        self._enriched = Counter(
            "tumen_articles_enriched", "Articles enriched, by language.", ["language"], registry=self.registry
        )
        self._claims = Counter("tumen_claims", "Claims found in articles, by type.", ["type"], registry=self.registry)
        self.assessed = Counter("tumen_claims_assessed", "Claims assessed.", registry=self.registry)
        self._alerts = Counter(
            "tumen_alerts", "Alerts raised, by type of fact and kind.", ["type", "kind"], registry=self.registry
        )
        self._dead_letters = Counter(
            "tumen_dead_letters", "Records that could not be handled.", ["stage", "code"], registry=self.registry
        )
        self._duration = Histogram(
            "tumen_stage_duration_seconds",
            "Time that a stage took for a batch.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._lag = Gauge(
            "tumen_consumer_lag_messages",
            "Records that wait, by partition.",
            ["topic", "partition"],
            registry=self.registry,
        )
        self._progress = Gauge(
            "tumen_last_record_processed_timestamp_seconds",
            "When a record was last handled, at first when the worker started (Unix time).",
            registry=self.registry,
        )
        self._ready = Gauge(
            "tumen_worker_ready", "1 where /readyz says that the worker takes records, else 0.", registry=self.registry
        )
        self._build = Info("tumen_build", "What this worker runs.", registry=self.registry)
        # memory, processor time and open files of the worker's own process; its children are not in it
        ProcessCollector(registry=self.registry)
        self.last_progress = time.time()
        self._progress.set(self.last_progress)

    def lags(self, waiting: Mapping[tuple[str, int], int]) -> None:
        """Note how many records wait on each partition (topic and number) that the worker has."""
        self._lag.clear()
        for (topic, partition), count in waiting.items():
            self._lag.labels(topic, str(partition)).set(count)

    def ready(self, ask: Callable[[], bool]) -> None:
        """Ask this whenever the metrics are read: whether the worker takes records."""
        self._ready.set_function(lambda: float(ask()))

    def build(self, **info: str) -> None:
        """Tell what this worker runs."""
        self._build.info(info)

    def enriched(self, language: str, claim_types: list[str]) -> None:
        """Count an article whose results the broker has."""
        self._enriched.labels(language if language in SUPPORTED else _OTHER).inc()
        for type_ in claim_types:
            self._claims.labels(type_).inc()
        self.progress()

    def alert(self, alert: Alert) -> None:
        """Count an alert that the broker has."""
        self._alerts.labels(alert.claim.type, alert.kind).inc()

    def dead_letter(self, stage: Stage, code: str) -> None:
        """Count a dead letter that the broker has."""
        self._dead_letters.labels(stage, code).inc()
        self.progress()

    def progress(self) -> None:
        """Note that a record has been handled."""
        self.last_progress = time.time()
        self._progress.set(self.last_progress)

    @contextmanager
    def duration(self, stage: str) -> Iterator[None]:
        """Measure what is done inside."""
        with self._duration.labels(stage).time():
            yield
