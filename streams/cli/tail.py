"""`tumen tail`: what is on a topic, live."""

import click

from streams.cli.intake import json_option

_NOUNS = ("articles", "enriched", "claims", "facts", "alerts", "dead-letters")


@click.command(short_help="Show what is on a topic, as it comes.")
@click.argument("topic", type=click.Choice(_NOUNS))
@click.option(
    "--from-beginning", is_flag=True, help="Begin with the oldest record that Kafka has, not with the next one."
)
@click.option(
    "--until-end", is_flag=True, help="Stop at the last record that is there now, instead of waiting for more."
)
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many records.")
@json_option("the records")
def tail(topic: str, from_beginning: bool, until_end: bool, limit: int | None, as_json: bool) -> None:
    """Show the records of a topic as they come. Ctrl-C ends it.

    With --json a record is printed as it is on the topic. A dead letter is an object with its headers, `key` and
    `value` (`key_base64`, `value_base64` where the bytes are not text); a deleted fact is {"id": …, "deleted": true}.

    \b
    Examples:
      tumen tail alerts
      tumen tail facts --from-beginning --until-end --json > facts.jsonl
      tumen tail dead-letters --from-beginning
    """
    from streams.cli.clients import Records
    from streams.cli.records import RecordPrinter
    from streams.settings import Settings

    settings = Settings.load()
    name = f"tumen.{topic}.v1"
    printer = RecordPrinter(topic, as_json=as_json)
    try:
        with Records(settings, name, from_beginning=from_beginning or until_end) as records:
            click.echo(f"reading {name} at {settings.kafka_bootstrap_servers}; Ctrl-C ends", err=True)
            for count, record in enumerate(records.rest() if until_end else records.follow(), start=1):
                printer.print(record)
                if count == limit:
                    break
    except KeyboardInterrupt:
        pass  # the way to end it
