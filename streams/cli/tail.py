"""`tumen tail`: what is on a topic, live."""

from typing import Any

import click

from streams.cli.filters import filter_options
from streams.cli.intake import json_option

_NOUNS = ("articles", "enriched", "claims", "facts", "facts-archive", "alerts", "dead-letters")


@click.command(short_help="Show what is on a topic, as it comes.")
@click.argument("topic", type=click.Choice(_NOUNS))
@click.option(
    "--from-beginning", is_flag=True, help="Begin with the oldest record that Kafka has, not with the next one."
)
@click.option(
    "--until-end", is_flag=True, help="Stop at the last record that is there now, instead of waiting for more."
)
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many records.")
@filter_options
@json_option("the records")
def tail(topic: str, from_beginning: bool, until_end: bool, limit: int | None, as_json: bool, **chosen: Any) -> None:
    """Show the records of a topic as they come. Ctrl-C ends it.

    With --since, which looks back, it begins with the oldest record that Kafka has, as with --from-beginning.
    Different filters must all hold. One that the topic's records have nothing for is wrong use.

    With --json a record is printed as it is on the topic. A dead letter is an object with its headers, `key` and
    `value` (`key_base64`, `value_base64` where the bytes are not text); a deleted fact is {"id": …, "deleted": true},
    whatever the filters.

    \b
    Examples:
      tumen tail alerts
      tumen tail alerts --since 2024-10-21 --grade B3 --party CN
      tumen tail claims --from-beginning --type arms --type arms_use --language ko
      tumen tail facts --from-beginning --until-end --json > facts.jsonl
      tumen tail dead-letters --from-beginning
    """
    from streams.cli.clients import Records
    from streams.cli.filters import Filter
    from streams.cli.records import RecordPrinter
    from streams.settings import Settings

    printer = RecordPrinter(topic, Filter(topic, **chosen), as_json=as_json)
    settings = Settings.load()
    name = f"tumen.{topic}.v1"
    look_back = from_beginning or until_end or chosen["since"] is not None
    printed = 0
    try:
        with Records(settings, name, from_beginning=look_back) as records:
            click.echo(f"reading {name} at {settings.kafka_bootstrap_servers}; Ctrl-C ends", err=True)
            for record in records.rest() if until_end else records.follow():
                printed += printer.print(record)
                if printed == limit:
                    break
    except KeyboardInterrupt:
        pass  # the way to end it
