"""Health and metrics over HTTP."""

import aiohttp
import pytest

from schemas.dead_letter import Stage
from streams.errors import SettingsError
from streams.metrics import Metrics
from streams.settings import Settings
from streams.web import Readiness, serving


async def get(port: int | None, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_a_worker_is_ready_once_it_has_joined_and_recovered() -> None:
    readiness = Readiness(joined=True, recovered=False)
    async with serving(Settings.load(web_enabled=True, web_port=0), Metrics(), lambda: readiness) as port:
        status, body = await get(port, "/readyz")
        assert status == 503
        assert '"recovered": false' in body
        assert (await get(port, "/healthz"))[0] == 200
        readiness = Readiness(joined=True, recovered=True)
        assert (await get(port, "/readyz"))[0] == 200


async def test_metrics_bear_the_agreed_names() -> None:
    metrics = Metrics()
    metrics.build(version="1", knowledge="k")
    metrics.received.inc()
    metrics.enriched("uk", ["troops"])
    metrics.dead_letter(Stage.DECODE, "invalid_json")
    metrics.lags({("tumen.articles.v1", 0): 3})
    with metrics.duration("enrich"):
        pass
    settings = Settings.load(web_enabled=True, web_port=0)
    async with serving(settings, metrics, lambda: Readiness(joined=True, recovered=True)) as port:
        _, body = await get(port, "/metrics")
    for line in (
        "tumen_articles_received_total 1.0",
        'tumen_articles_enriched_total{language="uk"} 1.0',
        'tumen_claims_total{type="troops"} 1.0',
        'tumen_dead_letters_total{code="invalid_json",stage="decode"} 1.0',
        'tumen_consumer_lag_messages{partition="0",topic="tumen.articles.v1"} 3.0',
        'tumen_stage_duration_seconds_count{stage="enrich"} 1.0',
        'tumen_build_info{knowledge="k",version="1"} 1.0',
        "tumen_last_record_processed_timestamp_seconds",
    ):
        assert line in body


async def test_nothing_is_served_unless_asked_for() -> None:
    async with serving(Settings.load(), Metrics(), lambda: Readiness(joined=True, recovered=True)) as port:
        assert port is None


async def test_a_taken_port_is_told_with_the_remedy() -> None:
    ready = Readiness(joined=True, recovered=True)
    async with serving(Settings.load(web_enabled=True, web_port=0), Metrics(), lambda: ready) as port:
        with pytest.raises(SettingsError, match="TUMEN_WEB_PORT"):
            async with serving(Settings.load(web_enabled=True, web_port=port), Metrics(), lambda: ready):
                pass
