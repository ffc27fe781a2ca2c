"""Workers that join and leave while articles flow."""

import os

from stage import Stage
from support.topics import until_shared


def stop_seconds() -> float:
    """What a worker that is told to stop is given to finish, commit and go: 10 s, more where it gets no processor."""
    return 10.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def test_workers_that_come_and_go_lose_and_double_nothing(stage: Stage) -> None:
    workers = stage.workers
    workers.start("a")
    stage.publish(range(1000))
    await stage.until(lambda progress: progress.articles_handled >= 200)
    workers.start("b", "c", "d")
    stage.publish(range(1000, 2000))
    await until_shared(stage.settings, 4)
    stage.publish(range(2000, 3000))
    workers.kill("c")
    await stage.until(lambda progress: progress.articles_handled >= 2200)
    status, took = workers.stop("d")
    assert (status, took < stop_seconds()) == (0, True), f"{took:.1f} s"
    stage.publish(range(3000, 4000))
    workers.start("c")
    await stage.until(lambda progress: progress.articles_handled >= 3200)
    status, took = workers.stop("a")
    assert (status, took < stop_seconds()) == (0, True), f"{took:.1f} s"
    await stage.handled(4000)
    stage.check(4000)


async def test_a_worker_that_is_told_to_stop_finishes_what_it_has_taken(stage: Stage) -> None:
    """Nobody takes over: what it has enriched it has committed, and what it has not is there for the next one."""
    stage.workers.start("a")
    stage.publish(range(600))
    await stage.until(lambda progress: progress.articles_handled >= 100)
    status, took = stage.workers.stop("a")
    assert (status, took < stop_seconds()) == (0, True), f"{took:.1f} s"
    assert stage.enriched_twice() == []
    stage.workers.start("a")
    await stage.handled(600)
    stage.check(600)
    assert stage.enriched_twice() == []
