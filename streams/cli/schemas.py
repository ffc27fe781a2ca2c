"""`tumen schemas`: the contract, for other programs."""

from pathlib import Path

import click


@click.group(short_help="Write the contract of the topics (JSON Schema, AsyncAPI).")
def schemas() -> None:
    """The contract of the topics, for programs in any language."""


@schemas.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path("schemas"))
def export(directory: Path) -> None:
    """Write JSON Schemas (json/*.v1.json) and asyncapi.yaml to DIRECTORY, and print the files' names.

    \b
    Example:
      tumen schemas export contract/
    """
    from schemas.export import export as write

    for path in write(directory):
        click.echo(path)
