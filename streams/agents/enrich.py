"""enrich: an article in; the enriched article out, or a dead letter."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog

from schemas import Article
from schemas.dead_letter import Stage
from schemas.headers import ARTICLE_OFFSET, ARTICLE_TIMESTAMP
from streams.agents.dead_letters import Received, dead_letter, headers_of, received_at
from streams.agents.lasting import lasting
from streams.cloudevents import Headers, history_header, is_history, traceparent_of
from streams.cloudevents import headers_of as cloudevents
from streams.codec import decode_article, encode
from streams.errors import BadInputError
from streams.metrics import Metrics
from streams.pool import Failure, Limits, Pool
from streams.sender import Outgoing, RefusedError, Sender
from streams.settings import Settings
from streams.topics import ENRICHED

log = structlog.get_logger(__name__)


class Job(NamedTuple):
    """What a child process gets of an article's record."""

    value: bytes | None
    received_at: float
    traceparent: str | None
    passed_on: Headers
    """Headers that the enriched article gets besides its own."""


class Enriched(NamedTuple):
    """What a child process makes of it."""

    article_id: str
    language: str
    claim_types: list[str]
    record: Outgoing


def read_article(extractor: Any, job: Job) -> Enriched | Failure:
    """Decode an article, extract, and write the record that tells the outcome. Runs in a child process."""
    try:
        article = decode_article(job.value, datetime.fromtimestamp(job.received_at, UTC))
    except BadInputError as error:
        return Failure(Stage.DECODE, error.code, error.message)
    enriched = extractor.extract(article)
    identifier = _id(enriched.article)
    headers = cloudevents(enriched, job.traceparent) + job.passed_on
    return Enriched(
        identifier,
        enriched.language,
        [claim.type.value for claim in enriched.claims],
        Outgoing(ENRICHED, identifier.encode(), encode(enriched), headers),
    )


def _id(article: Article) -> str:
    if article.id is None:
        raise ValueError("an article must be completed before it is enriched")
    return article.id


_Begun = tuple[list[Any], asyncio.Task[list[Enriched | Failure]]]
"""A batch of events, and the reading of their articles."""


class Enricher:
    """The agent's engine: batches to the pool, results to the broker, acknowledgements in order of arrival."""

    def __init__(self, settings: Settings, sender: Sender, metrics: Metrics, load: Callable[[], Any]) -> None:
        self._batch_size = settings.batch_size
        self._sender = sender
        self._metrics = metrics
        self._pool: Pool[Job, Enriched] = Pool(
            load,
            read_article,
            processes=settings.processes,
            limits=Limits(settings.extraction_time_limit, settings.extraction_memory_limit, settings.max_tries),
        )
        # one batch more than there are processes: no process waits while results are sent
        self._in_flight = settings.processes + 1

    async def start(self) -> None:
        """Start the processes."""
        await self._pool.start()

    async def stop(self) -> None:
        """Stop the processes."""
        await self._pool.stop()

    async def run(self, events: AsyncIterator[Any]) -> None:
        """Handle events until cancelled. An error ends the worker: nothing is acknowledged that was not handled."""
        arrived: asyncio.Queue[Any] = asyncio.Queue(self._batch_size)
        begun: asyncio.Queue[_Begun] = asyncio.Queue()
        capacity = asyncio.Semaphore(self._in_flight)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lasting(self._receive(events, arrived)))
            tasks.create_task(lasting(self._dispatch(arrived, begun, capacity, tasks)))
            tasks.create_task(lasting(self._acknowledge(begun, capacity)))

    async def _receive(self, events: AsyncIterator[Any], arrived: asyncio.Queue[Any]) -> None:
        async for event in events:
            self._metrics.received.inc()
            await arrived.put(event)

    async def _dispatch(
        self,
        arrived: asyncio.Queue[Any],
        begun: asyncio.Queue[_Begun],
        capacity: asyncio.Semaphore,
        tasks: asyncio.TaskGroup,
    ) -> None:
        while True:
            # first the capacity, then the batch: what arrives while we wait comes along
            await capacity.acquire()
            batch = [await arrived.get()]
            while len(batch) < self._batch_size and not arrived.empty():
                batch.append(arrived.get_nowait())
            begun.put_nowait((batch, tasks.create_task(self._read([event.message for event in batch]))))

    async def _acknowledge(self, begun: asyncio.Queue[_Begun], capacity: asyncio.Semaphore) -> None:
        """Send and acknowledge batches in their order of arrival.

        So an offset never stands for an article still in the works, and results lie in the order of their articles,
        whichever process was first: what comes of them does not depend on it.
        """
        while True:
            batch, reading = await begun.get()
            outcomes = await reading
            with self._metrics.duration("send"):
                messages = [event.message for event in batch]
                await asyncio.gather(*map(self._send, messages, outcomes))
            for event in batch:
                event.ack()
            capacity.release()

    async def _read(self, messages: list[Received]) -> list[Enriched | Failure]:
        with self._metrics.duration("enrich"):
            return await self._pool.run([_job(message) for message in messages])

    async def learn(self, articles: Sequence[tuple[int, Article]]) -> list[Failure | None]:
        """Enrich articles of an archive, each with its number in it, and send them to be learnt in silence.

        Returns what went wrong with each, when the broker has all the others.
        """
        outcomes = await self._pool.run([_archived(number, article) for number, article in articles])
        return list(await asyncio.gather(*map(self._send_learnt, outcomes)))

    async def _send_learnt(self, outcome: Enriched | Failure) -> Failure | None:
        if isinstance(outcome, Failure):
            return outcome
        try:
            await self._sender.send([outcome.record])
        except RefusedError as error:
            return Failure(Stage.SEND, error.code, error.message)
        self._metrics.enriched(outcome.language, outcome.claim_types)
        return None

    async def _send(self, message: Received, outcome: Enriched | Failure) -> None:
        if isinstance(outcome, Enriched):
            try:
                await self._sender.send([outcome.record])
            except RefusedError as error:
                outcome = Failure(
                    Stage.SEND,
                    "result_too_large",
                    f"the article's result was refused ({error.message}): split the article, or raise "
                    "max.message.bytes of the topic",
                )
            else:
                self._metrics.enriched(outcome.language, outcome.claim_types)
                log.debug("enriched", article=outcome.article_id, claims=len(outcome.claim_types), **_place(message))
                return
        # what decoding says may quote the article; what the other stages say does not
        reason = {} if outcome.stage is Stage.DECODE else {"reason": outcome.message}
        log.warning(
            "dead letter",
            stage=str(outcome.stage),
            code=outcome.code,
            attempt=outcome.attempt,
            **_place(message),
            **reason,
        )
        await self._sender.send([dead_letter(message, outcome)])
        self._metrics.dead_letter(outcome.stage, outcome.code)


def _job(message: Received) -> Job:
    given = headers_of(message)
    received = received_at(message).timestamp()
    passed_on = _stamp(received, message.offset)
    if is_history(given):
        passed_on += history_header()
    return Job(message.value, received, traceparent_of(given), passed_on)


def _archived(number: int, article: Article) -> Job:
    if article.published_at is None:
        raise ValueError("articles are read completed")
    # of one date, a revision that comes by the stream is newer
    return Job(encode(article), article.published_at.timestamp(), None, _stamp(0.0, number) + history_header())


def _stamp(received: float, offset: int) -> Headers:
    return [(ARTICLE_TIMESTAMP, str(round(received * 1000)).encode()), (ARTICLE_OFFSET, str(offset).encode())]


def _place(message: Received) -> dict[str, Any]:
    place: dict[str, Any] = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
    trace = traceparent_of(headers_of(message))
    return place if trace is None else {**place, "traceparent": trace}
