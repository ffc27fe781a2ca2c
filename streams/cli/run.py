"""`tumen run` and `tumen worker`: the stream itself."""

from pathlib import Path
from typing import BinaryIO

import click

from streams.cli.intake import article_paths, history_option, json_option


@click.command(short_help="Try the whole stream: broker, worker and articles in one command.")
@article_paths(required=False)
@click.option("--once", is_flag=True, help="End when all articles are handled, instead of waiting for more.")
@json_option("the alerts")
def run(paths: tuple[Path | BinaryIO, ...], once: bool, as_json: bool) -> None:
    """Start an embedded broker and a worker, publish articles, and print each alert as it is raised.

    PATH is a .txt, .md, .html, .json or .jsonl file, a folder of them, or - for JSON lines on standard input. Without
    a PATH the sample articles in seeds/ are read. Without --once it goes on until Ctrl-C, and other programs can
    publish to the broker meanwhile: its address is printed. The broker keeps a few megabytes in memory and forgets
    all at the end.

    \b
    Examples:
      tumen run --once
      tumen run --once --json articles/ > alerts.jsonl
      tumen run
    """
    from streams.cli.trial import Trial, seed_paths

    Trial(paths or seed_paths(), once=once, as_json=as_json).run()


@click.command(short_help="Read articles from Kafka and raise alerts.")
@history_option("Learn the articles of this file or folder first: facts are known from them, no alerts raised.")
def worker(history: tuple[Path | BinaryIO, ...]) -> None:
    """Read articles from Kafka, and write enriched articles, claims, facts and alerts back to it.

    Workers of one group (TUMEN_GROUP_ID) share the work: start as many as you like, on as many machines. SIGTERM and
    Ctrl-C end a worker when it has finished what it has taken. `tumen settings` lists what can be set.

    With --history nothing is taken from the articles topic before the archive is read and assessed, so that a new
    installation does not announce what was known long ago. Start this worker first, and others when it says "history
    loaded". The same command started again goes on where it was, or begins at once where all is loaded.

    \b
    Examples:
      TUMEN_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 tumen worker
      tumen worker --history archive/2023.jsonl --history archive/2024.jsonl
    """
    import asyncio

    from streams import logging
    from streams.app import run_worker
    from streams.cli.intake import Intake
    from streams.history import Archive
    from streams.settings import Settings

    settings = Settings.load()
    logging.configure(settings)
    paths = tuple(path for path in history if isinstance(path, Path))
    if len(paths) < len(history):
        raise click.UsageError("--history - cannot be: an archive is read twice. Write it to a file first")
    archive = Archive(paths, Intake(paths).leave_out) if paths else None
    asyncio.run(run_worker(settings, archive=archive))
