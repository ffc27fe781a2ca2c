"""`tumen dead-letters`: what could not be handled, once more."""

import click

from streams.cli.intake import Progress


@click.group("dead-letters", short_help="Publish dead letters again, after a fix.")
def dead_letters() -> None:
    """Records that could not be read or handled. `tumen tail dead-letters --from-beginning` shows them."""


@dead_letters.command()
@click.option("--code", "codes", multiple=True, help="Only dead letters with this code, such as too_large. Repeatable.")
def replay(codes: tuple[str, ...]) -> None:
    """Publish dead letters again: to the topic they came from, with the same key, value and headers.

    Each is published once, however often this is run: Kafka keeps for every code how far it was done (consumer groups
    GROUP-dead-letters-CODE). One that fails again is a new dead letter. Not to be run twice at the same time.

    \b
    Examples:
      tumen dead-letters replay
      tumen dead-letters replay --code extract_failed --code refused
    """
    from streams.cli.clients import Records
    from streams.cli.records import dead_letter
    from streams.cli.redelivery import Redelivery
    from streams.errors import BadInputError
    from streams.rendering import line
    from streams.settings import Settings
    from streams.topics import DEAD_LETTERS, TOPICS

    settings = Settings.load()
    failed = 0
    with (
        Records(settings, DEAD_LETTERS, from_beginning=True) as records,
        Progress("dead letters read") as progress,
        Redelivery(settings, progress) as redelivery,
    ):
        for record in records.rest():
            progress.advance()
            try:
                letter = dead_letter(record)
                if letter.topic not in TOPICS or letter.topic == DEAD_LETTERS:
                    raise BadInputError(
                        f"it says it came from {letter.topic}, no topic of Tumen", code="no_dead_letter"
                    )
            except BadInputError as error:
                failed += 1
                progress.say(f"{record.place}: {line(error.message)} [{error.code}]")
                continue
            if not codes or letter.code in codes:
                redelivery.add(record, letter, end=records.ends[DEAD_LETTERS, record.partition])
    click.echo(f"published {redelivery.published:,} dead letters again; {redelivery.earlier:,} had been already")
    if failed:
        click.echo(f"left out {failed:,}", err=True)
        raise click.exceptions.Exit(1)
