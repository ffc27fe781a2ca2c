# Tumen in a container: `docker build --tag tumen .`, then `docker run tumen --help`; docker-compose.yml runs it with a Kafka.

FROM python:3.11-slim AS build
RUN python -m venv /opt/tumen
ENV PATH=/opt/tumen/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
# first what seldom changes: a build after an edit of Tumen begins at the second COPY
COPY requirements.lock ./
# wheels only, so that no compiler is needed; each of the very hash that the lock names
RUN pip install --require-hashes --no-deps --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas/ schemas/
COPY streams/ streams/
COPY seeds/ seeds/
# the build backend is locked too, so nothing else is fetched; once Tumen is built, neither it nor pip has work to do
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes editables hatchling pip

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home tumen \
    && install --directory --owner tumen /data
COPY --from=build /opt/tumen /opt/tumen
ENV PATH=/opt/tumen/bin:$PATH PYTHONUNBUFFERED=1 TUMEN_DATA_DIR=/data TUMEN_LOG_FORMAT=json
USER tumen
WORKDIR /home/tumen
# the worker's tables: kept, it is at work again in seconds; lost, it reads them again from the changelog topic
VOLUME /data
# asks only where the pages of health are served; other commands, and a worker without them, count as healthy while they run
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-c", "\
from urllib.request import urlopen; from streams.settings import Settings; s = Settings.load(); \
s.web_enabled and urlopen(f'http://127.0.0.1:{s.web_port}/healthz', timeout=5)"]
ENTRYPOINT ["tumen"]
CMD ["worker"]
