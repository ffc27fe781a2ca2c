"""Workers and their children that are killed."""

import asyncio
import os
import signal

import pytest
from confluent_kafka import Producer
from stage import Stage

from streams.settings import Settings, TableStore
from streams.topics import FACTS_CHANGELOG
from tools import recovery_rounds

RECOVERING, RECOVERED = "Restoring state from changelog topics", "Done reading from changelog topics"


async def test_a_worker_that_is_killed_in_the_midst_loses_and_doubles_nothing(stage: Stage) -> None:
    stage.publish(range(5000))
    stage.workers.start("a")
    for handled in (1000, 3000):
        await stage.until(lambda progress, handled=handled: progress.articles_handled >= handled)
        stage.workers.kill("a")
        stage.workers.start("a")
    await stage.handled(5000)
    stage.check(5000)


async def test_a_child_of_the_pool_that_is_killed_costs_nothing(stage: Stage) -> None:
    stage.publish(range(2000))
    stage.workers.start("a")
    for handled in (300, 800):
        await stage.until(lambda progress, handled=handled: progress.articles_handled >= handled)
        # a pool that has just been made anew starts its processes with the next articles
        await stage.until(lambda _: bool(stage.workers.children("a")))
        children = stage.workers.children("a")
        for child in children:
            os.kill(child, signal.SIGKILL)
    await stage.handled(2000)
    stage.check(2000)


@pytest.mark.parametrize("store", TableStore)
async def test_a_worker_that_is_killed_twice_while_it_recovers_its_table_loses_nothing(
    settings: Settings, store: TableStore
) -> None:
    async with Stage(settings.model_copy(update={"table_store": store})) as stage:
        stage.publish(range(1000))
        stage.workers.start("a")
        await stage.handled(1000)
        stage.workers.kill("a")
        # records that nobody asks for, and that the worker has not seen: a recovery that takes its time
        producer = Producer(settings.confluent_options())
        for number in range(20_000):
            producer.produce(FACTS_CHANGELOG, key=f"filler:{number}", value=f"{number:0115d}", partition=number % 4)
        assert producer.flush(60) == 0
        stage.publish(range(1000, 2000))
        recovered = stage.workers.log("a").count(RECOVERED)
        for kills in (1, 2):
            stage.workers.start("a")
            await stage.said("a", RECOVERING, recovered + kills)
            stage.workers.kill("a")
        assert stage.workers.log("a").count(RECOVERED) == recovered
        stage.workers.start("a")
        await stage.handled(2000)
        stage.check(2000)


async def test_of_two_rounds_of_kills_none_loses_a_record(kafka: str) -> None:
    """The rounds that `make soak` plays 20 times, and with Faust's own recovery for comparison."""
    settings = recovery_rounds.settings_on(kafka)
    shown = await asyncio.to_thread(recovery_rounds.play, settings, "tumen", rounds=2, articles=600)
    assert [(each.left, each.lost) for each in shown] == [(0, 0)] * 2
