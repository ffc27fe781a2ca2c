"""Health and metrics over HTTP."""

import asyncio

import aiohttp
import pytest
from prometheus_client import generate_latest

from schemas.dead_letter import Stage
from streams.errors import SettingsError
from streams.metrics import Metrics
from streams.settings import Settings
from streams.web import Readiness, serving

WEB = Settings.load(web_enabled=True, web_port=0)
READY = Readiness(joined=True, recovered=True)


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
        "tumen_worker_ready 1.0",
        "tumen_last_record_processed_timestamp_seconds",
    ):
        assert line in body


async def test_a_feeder_cannot_make_metrics_without_bounds() -> None:
    metrics = Metrics()
    for language in ("uk", "xx", "xy", "xz"):
        metrics.enriched(language, [])
    told = generate_latest(metrics.registry).decode()
    assert 'tumen_articles_enriched_total{language="uk"} 1.0' in told
    assert 'tumen_articles_enriched_total{language="other"} 3.0' in told
    assert "xy" not in told


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_nothing_can_be_changed(method: str, path: str) -> None:
    async with (
        serving(WEB, Metrics(), lambda: READY) as port,
        aiohttp.ClientSession() as session,
        session.request(method, f"http://127.0.0.1:{port}{path}", data=b"x") as response,
    ):
        assert response.status == 405


async def test_nothing_else_is_served() -> None:
    async with serving(WEB, Metrics(), lambda: READY) as port:
        for path in ("/", "/metrics/", "/..%2f..%2fetc/passwd", "/debug"):
            assert (await get(port, path))[0] == 404


async def test_only_this_machine_is_served_unless_told_otherwise() -> None:
    assert Settings.load().web_host == "127.0.0.1"
    async with serving(WEB, Metrics(), lambda: READY) as port:
        # another address of this machine: one that all addresses are served on would be served on this one too
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)


async def answer(port: int | None, request: bytes) -> bytes:
    """What comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    found = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return found


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
        b"\x00\xff" * 100 + b"\r\n\r\n",
    ],
    ids=["line", "header", "headers", "noise"],
)
async def test_a_request_beyond_the_limits_is_refused(request_: bytes) -> None:
    async with serving(WEB, Metrics(), lambda: READY) as port:
        assert b" 400 " in (await answer(port, request_)).split(b"\r\n")[0]
        assert (await get(port, "/healthz"))[0] == 200


@pytest.mark.parametrize("request_", [b"", b"GET /healthz HTTP/1.1\r\nHost:"], ids=["silent", "half"])
async def test_whoever_sends_no_whole_request_is_let_go(request_: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.web.IDLE_SECONDS", 0.2)
    async with serving(WEB, Metrics(), lambda: READY) as port:
        assert b"200" not in await answer(port, request_)


async def test_nothing_is_served_unless_asked_for() -> None:
    async with serving(Settings.load(), Metrics(), lambda: Readiness(joined=True, recovered=True)) as port:
        assert port is None


async def test_a_taken_port_is_told_with_the_remedy() -> None:
    ready = Readiness(joined=True, recovered=True)
    async with serving(Settings.load(web_enabled=True, web_port=0), Metrics(), lambda: ready) as port:
        with pytest.raises(SettingsError, match="TUMEN_WEB_PORT"):
            async with serving(Settings.load(web_enabled=True, web_port=port), Metrics(), lambda: ready):
                pass
