"""What a worker tells over HTTP: `/healthz`, `/readyz` and `/metrics`. Read-only, on loopback unless told otherwise."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.errors import SettingsError
from streams.metrics import Metrics
from streams.settings import Settings

log = structlog.get_logger(__name__)

IDLE_SECONDS = 75.0
"""After so long a connection is closed on which no whole request has come."""


@dataclass(frozen=True)
class Readiness:
    """Whether a worker takes records now."""

    joined: bool
    recovered: bool

    @property
    def ready(self) -> bool:
        return self.joined and self.recovered


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, metrics: Metrics, readiness: Callable[[], Readiness]
) -> AsyncIterator[int | None]:
    """Serve inside, where the settings ask for it; yields the port.

    Raises:
        SettingsError: the address is taken, or none of this machine's.
    """
    if not settings.web_enabled:
        yield None
        return

    metrics.ready(lambda: readiness().ready)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        now = readiness()
        last = datetime.fromtimestamp(metrics.last_progress, UTC).isoformat().replace("+00:00", "Z")
        told = {"ready": now.ready, "joined": now.joined, "recovered": now.recovered, "last_progress": last}
        return web.json_response(told, status=200 if now.ready else 503)

    async def scrape(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    site = web.Application()
    site.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", scrape)])
    # no body is ever read; aiohttp bounds the request line and each header to 8 KiB, and their number to 128
    runner = web.AppRunner(
        site, access_log=None, shutdown_timeout=1.0, keepalive_timeout=IDLE_SECONDS, lingering_time=1.0
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.web_host, settings.web_port).start()
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {settings.web_host}:{settings.web_port} ({error.strerror}): set TUMEN_WEB_HOST and "
                "TUMEN_WEB_PORT, 0 for a free port, or TUMEN_WEB_ENABLED=false"
            ) from error
        port = int(runner.addresses[0][1])
        log.info("serving health and metrics", address=f"http://{settings.web_host}:{port}")
        yield port
    finally:
        await runner.cleanup()
