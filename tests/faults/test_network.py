"""A network between worker and broker that stalls, and that breaks."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from stage import QUICK, SESSION_SECONDS, Stage, settings_on
from support.proxy import Proxy

from tools.kafka.launch import Cluster, free_port


@pytest.fixture
def proxy(started: Callable[[Cluster], Cluster]) -> Iterator[tuple[Proxy, Cluster]]:
    """A proxy before a broker that tells its clients the proxy's address as its own."""
    front, back = free_port(), free_port()
    with Proxy(front, back) as standing:
        cluster = started(Cluster(ports=[back], advertised_ports=[front], properties=QUICK))
        yield standing, cluster
        cluster.stop()


async def test_a_network_that_stalls_and_breaks_loses_and_doubles_nothing(proxy: tuple[Proxy, Cluster]) -> None:
    standing, cluster = proxy
    # who publishes and looks on does so by the nodes' own listener, which the proxy does not stand before
    aside = settings_on(f"127.0.0.1:{cluster.nodes[0].broker_port}")
    through = aside.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{standing.port}"})
    async with Stage(aside, workers=through) as stage:
        stage.workers.start("a", "b")
        stage.publish(range(2000))
        for number in range(4):
            handled = 300 * (number + 1)
            await stage.until(lambda progress, handled=handled: progress.articles_handled >= handled)
            if number % 2:
                standing.cut()
            else:
                # longer than the group waits for a member, so that it is shut out
                standing.stall()
                await asyncio.sleep(SESSION_SECONDS * 2)
                standing.resume()
        await stage.handled(2000)
        stage.check(2000)
