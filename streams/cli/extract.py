"""`tumen extract` and `tumen replay`: articles to claims and to alerts, without Kafka."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import click

from streams.cli.filters import filter_options
from streams.cli.intake import Intake, Progress, article_paths, history_option, json_option


@click.command(short_help="Show what is claimed in articles (no Kafka).")
@article_paths()
@json_option("the enriched articles")
def extract(paths: tuple[Path | BinaryIO, ...], as_json: bool) -> None:
    """Read articles and show the claims in them, in the order of the input. Needs no Kafka.

    PATH is a .txt, .md, .html, .json or .jsonl file, a folder of them, or - for JSON lines on standard input.

    \b
    Examples:
      tumen extract article.txt
      tumen extract --json archive/ > enriched.jsonl
      curl -s https://example.org/feed.jsonl | tumen extract -
    """
    from streams import logging
    from streams.cli.extraction import extracted
    from streams.rendering import console, enriched_article, json_line
    from streams.settings import Settings

    settings = Settings.load()
    logging.configure(settings)
    with Progress("articles", alone=False) as progress:
        intake = Intake(paths, progress)
        out = None if as_json else console()
        for found, enriched in extracted(intake, settings):
            if out:
                out.print(*enriched_article(enriched, out.width, str(found.origin)), sep="\n")
            else:
                click.echo(json_line(enriched))
            progress.advance()
    intake.close()


@click.command(short_help="Show the alerts that articles would have raised (no Kafka).")
@article_paths()
@history_option("Learn the articles of this file or folder first, without alerts.")
@filter_options
@json_option("the alerts")
def replay(
    paths: tuple[Path | BinaryIO, ...], history: tuple[Path | BinaryIO, ...], as_json: bool, **chosen: Any
) -> None:
    """Read articles in order of their date and show the alerts that they raise. Needs no Kafka.

    Every run begins with nothing known but what --history tells. Articles of the same date keep the order of the
    input; those without a date come last. All articles are assessed; filters, which must all hold, choose among the
    alerts. An article that comes twice, changed, tells what is new in it.

    \b
    Examples:
      tumen replay archive/
      tumen replay --history archive/2023/ archive/2024/
      tumen replay --since 2024-10-21 --kind update --type troops archive/
      tumen replay --json archive.jsonl > alerts.jsonl
    """
    from streams import logging
    from streams.cli.extraction import Report, assessed, extracted
    from streams.cli.filters import Filter
    from streams.rendering import AlertTable, console, json_line
    from streams.settings import Settings

    wanted = Filter("alerts", **chosen)
    settings = Settings.load()
    logging.configure(settings)
    with Progress("articles read") as progress:
        intakes = [Intake(each, progress) for each in (history, paths)]
        # only the claims are kept while the articles are put in order, not the texts
        learnt, read = (
            [
                Report(found.published_at, str(found.article.id), enriched.claims)
                for found, enriched in progress.counted(extracted(intake, settings))
            ]
            for intake in intakes
        )

    table = AlertTable(console())
    claims = alerts = shown = 0
    facts: set[str] = set()
    for assessment in assessed(read, learnt, min_confidence=settings.alerts_min_confidence):
        claims += 1
        facts.update(fact.id for fact in assessment.facts)
        facts.difference_update(assessment.removed)
        for alert in assessment.alerts:
            alerts += 1
            if not wanted.takes(alert):
                continue
            shown += 1
            if as_json:
                click.echo(json_line(alert))
            else:
                table.add(alert)
    known = f", {len(learnt):,} of history" if history else ""
    counts = f"{len(read):,} articles{known}, {claims:,} claims, {len(facts):,} facts, {alerts:,} alerts"
    click.echo(f"{counts}, {shown:,} of them shown" if wanted.chooses else counts, err=True)
    with ExitStack() as closing:
        for intake in intakes:
            closing.callback(intake.close)
