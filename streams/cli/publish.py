"""`tumen publish`: articles to the articles topic."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from streams.cli.intake import Intake, Progress, article_paths

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(short_help="Feed articles to Kafka.")
@article_paths()
@click.option("--history", is_flag=True, help="Mark the articles as an archive: facts are learnt, no alerts raised.")
def publish(paths: tuple[Path | BinaryIO, ...], history: bool) -> None:
    """Publish articles to the topic tumen.articles.v1 and wait until Kafka has them.

    PATH is a .txt, .md, .html, .json or .jsonl file, a folder of them, or - for JSON lines on standard input. What
    cannot be read is named and left out; the rest is published.

    \b
    Examples:
      tumen publish articles/
      tail -f feed.jsonl | tumen publish -
      tumen publish --history archive/
      TUMEN_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 tumen publish article.html
    """
    from streams.settings import Settings

    settings = Settings.load()
    with Progress("articles sent") as progress:
        intake = Intake(paths, progress)
        delivered = publish_articles(intake, settings, progress, history=history)
    from streams.topics import ARTICLES

    click.echo(f"published {delivered:,} articles to {ARTICLES} at {settings.kafka_bootstrap_servers}")
    intake.close()


def publish_articles(
    intake: Intake, settings: "Settings", progress: Progress | None = None, *, history: bool = False
) -> int:
    """Send the articles and return how many the broker has acknowledged; refused ones are left out of `intake`."""
    from schemas.base import content_id, schema_id
    from streams import cloudevents
    from streams.cli.clients import Publisher
    from streams.codec import encode
    from streams.topics import ARTICLES

    mark = cloudevents.history_header() if history else []
    with Publisher(settings, ARTICLES, intake.leave_out) as publisher:
        for found in intake:
            article = found.article
            if article.id is None:
                raise ValueError("articles are read completed")
            revision = content_id("published", article.id, article.title, article.text)
            headers = cloudevents.headers(
                cloudevents.ARTICLE_PUBLISHED, revision, cloudevents.PUBLISH, found.published_at, schema_id("article")
            )
            publisher.send(ARTICLES, article.id.encode(), encode(article), headers + mark, str(found.origin))
            if progress:
                progress.advance()
    return publisher.delivered
