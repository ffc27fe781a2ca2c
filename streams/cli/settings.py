"""`tumen settings`: what can be set, and what is set."""

import json

import click

from streams.cli.intake import json_option


@click.command(short_help="List the settings (environment variables) and their values.")
@json_option("the settings")
def settings(as_json: bool) -> None:
    """List every setting with its value now, and what it means. Passwords are not shown.

    Settings are environment variables. Those that differ from the default are marked with a star.

    \b
    Example:
      TUMEN_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 tumen settings
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from streams.rendering import console, line, safe_json
    from streams.settings import Settings, variables

    current = Settings.load()
    values = current.model_dump(mode="json")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("variable", "value", "meaning"):
        table.add_column(name, overflow="fold")
    for variable, name in variables().items():
        about = Settings.model_fields[name].description or ""
        if as_json:
            row = {"variable": variable, "value": values[name], "meaning": about}
            click.echo(safe_json(json.dumps(row, ensure_ascii=False)))
        else:
            value = "" if values[name] is None else str(values[name])
            star = "* " if name in current.model_fields_set else "  "
            table.add_row(Text(variable), Text(star + line(value)), Text(about))
    if not as_json:
        console().print(table)
