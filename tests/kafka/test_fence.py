"""What a worker still sends after its partition has gone to another: the broker refuses it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from support.topics import records

from streams.agents import holdings
from streams.agents.holdings import FENCE, Holdings
from streams.agents.sent import SentAlerts
from streams.fence import FencedError, Fencing, OvertakenError
from streams.sender import Outgoing, RefusedError, Sender
from streams.settings import Settings
from streams.topics import ALERTS, CLAIMS, FACTS, FACTS_CHANGELOG, TOPICS, create_topics
from tests.pipeline.driving import worker
from tests.pipeline.extractors import load_word


class Owner:
    """A member of the group with the assessing keeper's partitions."""

    def __init__(self, settings: Settings) -> None:
        self._fencing = Fencing(settings)
        self._consumer = AIOKafkaConsumer(CLAIMS, **settings.aiokafka_options(), group_id=settings.group_id)
        self.holdings = Holdings(
            settings,
            self._fencing,
            stage="assess",
            changelog=FACTS_CHANGELOG,
            silenced=[ALERTS],
            member_id=lambda: self._consumer._coordinator.member_id,
        )

    async def join(self) -> int:
        """Join the group; returns its generation."""
        await self._fencing.start()
        await self._consumer.start()
        return self._consumer._coordinator.generation

    async def shut_out(self) -> None:
        """The group goes on without it, and it has not heard of that: its senders stay."""
        await self._consumer.stop()

    async def stop(self) -> None:
        await self._consumer.stop()
        await self.holdings.stop()
        await self._fencing.stop()


@asynccontextmanager
async def owner(settings: Settings) -> AsyncIterator[Owner]:
    made = Owner(settings)
    try:
        yield made
    finally:
        await made.stop()


def values(settings: Settings, topic: str) -> list[bytes | None]:
    """Values on a topic, without the records by which a changelog hears of a new owner."""
    return [message.value() for message in records(settings, topic) if message.key() != FENCE]


def alert(number: int) -> Outgoing:
    return Outgoing(ALERTS, b"fact", b'{"id":"%d"}' % number, [], 0)


def fact(value: bytes) -> Outgoing:
    return Outgoing(FACTS, b"fact", value, [], 0)


def change(value: bytes) -> Outgoing:
    return Outgoing(FACTS_CHANGELOG, b"key", value, [], 0)


async def test_what_a_former_owner_still_sends_is_refused(settings: Settings) -> None:
    await create_topics(settings)
    async with owner(settings) as former, owner(settings) as latter:
        generation = await former.join()
        await former.holdings.take([0], generation)
        zombie = await former.holdings.sender(0, generation)
        await zombie.send([alert(1), change(b"1"), fact(b"1")])
        await former.shut_out()

        later = await latter.join()
        await latter.holdings.take([0], later)
        # what is read now is all that there will ever be of the former owner
        assert await SentAlerts(settings).ids(0) == {"1"}
        for late in (alert(2), change(b"2")):
            with pytest.raises(FencedError):
                await zombie.send([late])
        sender = await latter.holdings.sender(0, later)
        await sender.send([alert(3), change(b"3"), fact(b"3")])
        # nor does it stand last where the new owner has written
        with pytest.raises(FencedError):
            await zombie.send([fact(b"2")])

        # it does not get the partition back, and its trying does not disturb the owner
        former.holdings.lose(0)
        with pytest.raises(OvertakenError):
            await former.holdings.sender(0, generation)
        await sender.send([alert(4)])
    assert values(settings, ALERTS) == [alert(number).value for number in (1, 3, 4)]
    assert values(settings, FACTS_CHANGELOG) == [b"1", b"3"]
    assert values(settings, FACTS) == [b"1", b"3"]


async def test_an_owner_that_was_fenced_for_nothing_takes_its_partition_again(settings: Settings) -> None:
    await create_topics(settings)
    async with owner(settings) as only, Fencing(settings) as stray:
        generation = await only.join()
        await only.holdings.take([0], generation)
        sender = await only.holdings.sender(0, generation)
        # the request of a worker that was shut out, and lay about
        late = Sender(settings, lambda: stray.identity(f"{settings.group_id}-assess-0"))
        await late.start()
        await late.send([change(b"")])
        with pytest.raises(FencedError):
            await sender.send([change(b"1")])
        only.holdings.lose(0)
        sender = await only.holdings.sender(0, generation)
        await sender.send([alert(1), change(b"1")])
        await late.stop()
    assert values(settings, ALERTS) == [alert(1).value]


async def test_an_ownership_is_renewed_before_kafka_forgets_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_topics(settings)
    async with owner(settings) as only:
        generation = await only.join()
        await only.holdings.take([0], generation)
        early = await only.holdings.sender(0, generation)
        monkeypatch.setattr(holdings, "LASTS", 0.0)
        renewed = await only.holdings.sender(0, generation)
        await renewed.send([alert(1)])
        assert renewed is not early
    assert values(settings, ALERTS) == [alert(1).value]


async def test_a_refused_record_does_not_end_an_ownership(settings: Settings) -> None:
    await create_topics(settings)
    async with owner(settings) as only:
        generation = await only.join()
        await only.holdings.take([0], generation)
        sender = await only.holdings.sender(0, generation)
        too_large = "x" * (int(TOPICS[ALERTS].all_configs["max.message.bytes"]) + 1)
        with pytest.raises(RefusedError):
            await sender.send([alert(1), Outgoing(ALERTS, b"fact", too_large.encode(), [], 0)])
        await sender.send([alert(2)])
    assert values(settings, ALERTS)[-1] == alert(2).value


async def test_changes_that_are_too_large_together_are_refused_together(settings: Settings) -> None:
    await create_topics(settings)
    async with owner(settings) as only:
        generation = await only.join()
        await only.holdings.take([0], generation)
        sender = await only.holdings.sender(0, generation)
        assert await sender.send_as_one(FACTS_CHANGELOG, 0, {b"a": b"1", b"b": None}) == 2
        with pytest.raises(RefusedError):
            await sender.send_as_one(FACTS_CHANGELOG, 0, {b"%d" % number: b"x" * 1024**2 for number in range(17)})
        await sender.send_as_one(FACTS_CHANGELOG, 0, {b"a": b"2"})
    assert values(settings, FACTS_CHANGELOG) == [b"1", None, b"2"]


async def test_a_held_partition_is_held_on_in_the_next_generation(settings: Settings) -> None:
    await create_topics(settings)
    async with owner(settings) as first:
        generation = await first.join()
        await first.holdings.take([0, 1], generation)
        sender = await first.holdings.sender(0, generation)
        await first.holdings.take([0], generation + 1)
        assert await first.holdings.sender(0, generation + 1) is sender
        for partition, asked in ((0, generation), (1, generation + 1)):
            with pytest.raises(OvertakenError):
                await first.holdings.sender(partition, asked)


async def test_nothing_gets_into_a_changelog_that_a_worker_has_read(settings: Settings, tmp_path: Path) -> None:
    await create_topics(settings)
    settings = settings.model_copy(update={"data_dir": tmp_path})
    async with Fencing(settings) as fencing:
        former = Sender(settings, lambda: fencing.identity(f"{settings.group_id}-assess-0"))
        await former.start()
        await former.send([change(b"before")])
        async with worker(settings, load_word):
            with pytest.raises(FencedError):
                await former.send([change(b"after")])
        # the changelogs end with a fence: the next recovery comes to its end too
        async with worker(settings, load_word):
            pass
        await former.stop()
    assert values(settings, FACTS_CHANGELOG) == [b"before"]
