"""More than a worker can take, and a worker that takes nothing any more."""

import os
import signal

from reports import SLOW
from stage import Stage

from bench.support.processes import resident
from streams.progress import Progress
from streams.settings import Settings

_MEBIBYTE = 2**20


async def test_a_feeder_ten_times_faster_than_the_worker_costs_time_and_no_memory(stage: Stage) -> None:
    stage.workers.variables[SLOW] = "0.02"
    stage.workers.start("a")
    stage.publish(range(100))
    await stage.handled(100)
    worker = stage.workers.running["a"]
    before = resident(worker)
    most = 0

    def sampled(progress: Progress) -> bool:
        nonlocal most
        most = max(most, resident(worker))
        return progress.articles_handled >= 300

    # 120 MB wait while these two hundred are read
    stage.publish(range(100, 3100), padding=40_000)
    await stage.until(sampled)
    assert stage.progress.articles - stage.progress.articles_handled > 2000
    assert (most - before) / _MEBIBYTE < 64

    stage.workers.stop("a")
    del stage.workers.variables[SLOW]
    stage.workers.start("a")
    await stage.handled(3100)
    stage.check(3100)


async def test_a_worker_that_stands_still_while_records_wait_ends_and_the_next_one_goes_on(settings: Settings) -> None:
    async with Stage(settings.model_copy(update={"stall_limit": 15.0})) as stage:
        stage.publish(range(1500))
        stage.workers.start("a")
        await stage.until(lambda progress: progress.articles_handled >= 200)
        # neither dead nor alive, so that no limit of the article's own ends it
        for child in stage.workers.children("a"):
            os.kill(child, signal.SIGSTOP)
        stage.publish(range(1500, 1700))  # however quick it was, these wait
        assert await stage.ended("a") == 1
        assert "no record has been handled for" in stage.workers.log("a")
        stage.workers.start("a")
        await stage.handled(1700)
        stage.check(1700)
