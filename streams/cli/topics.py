"""`tumen topics`: the topics that Tumen needs."""

import asyncio
import json

import click

from streams.cli.intake import json_option


@click.group(short_help="Make the topics, or show them.")
def topics() -> None:
    """The topics that Tumen needs."""


@topics.command()
def create() -> None:
    """Make the topics that are missing, with the settings they need.

    TUMEN_PARTITIONS (fixed once made) and TUMEN_REPLICATION say how large. A topic that exists and does not fit is
    named, with what to do, and nothing is changed.

    \b
    Example:
      TUMEN_PARTITIONS=12 TUMEN_REPLICATION=3 tumen topics create
    """
    from streams.settings import Settings
    from streams.topics import create_topics

    settings = Settings.load()
    made = asyncio.run(create_topics(settings))
    for name in made:
        click.echo(f"made {name} with {settings.partitions} partitions")
    if not made:
        click.echo(f"all topics are there at {settings.kafka_bootstrap_servers}")


@topics.command()
@json_option("the topics")
def show(as_json: bool) -> None:
    """Show the topics with their settings, and what is wrong with them (then the exit status is 1).

    \b
    Example:
      tumen topics show
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from streams.rendering import console
    from streams.settings import Settings
    from streams.topics import TOPICS, describe_topics, faults

    settings = Settings.load()
    states = asyncio.run(describe_topics(settings))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("topic", "partitions", "replication", "cleanup", "holds"):
        table.add_column(name, overflow="fold")
    for name, topic in TOPICS.items():
        state = states[name]
        if as_json:
            row = {
                "name": name,
                "exists": state.exists,
                "partitions": state.partitions,
                "replication": state.replication,
                "configs": dict(state.configs),
            }
            click.echo(json.dumps(row))
        elif state.exists:
            cleanup = state.configs.get("cleanup.policy", "not told")
            table.add_row(*map(Text, (name, str(state.partitions), str(state.replication), cleanup, topic.about)))
        else:
            table.add_row(*map(Text, (name, "missing", "", "", topic.about)))
    if not as_json:
        console().print(table)
    wrong = faults(settings, states)
    if not all(state.exists for state in states.values()):
        wrong.append("topics are missing: run `tumen topics create`")
    for message in wrong:
        click.echo(message, err=True)
    if wrong:
        raise click.exceptions.Exit(1)
