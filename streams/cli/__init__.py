"""The command `tumen`. One module a group of commands; each imports what it needs only when it runs.

Results go to standard output, progress and messages to standard error. Exit status: 0, 1 (something failed or was left
out) or 2 (wrong use, wrong settings).
"""

from importlib import import_module

import click

from streams.errors import SettingsError, TumenError

# A command's module is imported when it is called or when the list of commands is shown.
_COMMANDS = {
    "run": "streams.cli.run:run",
    "worker": "streams.cli.run:worker",
    "publish": "streams.cli.publish:publish",
    "tail": "streams.cli.tail:tail",
    "extract": "streams.cli.extract:extract",
    "replay": "streams.cli.extract:replay",
    "topics": "streams.cli.topics:topics",
    "dead-letters": "streams.cli.dead_letters:dead_letters",
    "schemas": "streams.cli.schemas:schemas",
    "knowledge": "streams.cli.knowledge:knowledge",
    "settings": "streams.cli.settings:settings",
}


class _Tumen(click.Group):
    """A group that loads its commands when they are asked for, and tells of expected errors without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.UsageError(error.message) from error
        except TumenError as error:
            raise click.ClickException(error.message) from error


@click.group(cls=_Tumen, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tumen", message="tumen %(version)s")
def main() -> None:
    """Read a stream of news articles and tell what is newly reported about cooperation between North Korea and Russia.

    \b
    Try it without anything set up:
      tumen run --once                     the whole stream on sample articles
      tumen extract article.txt            what is claimed in one article

    \b
    On a Kafka of your own (see `tumen settings`):
      tumen topics create                  make the topics, once
      tumen worker                         read articles, raise alerts
      tumen publish articles/              feed articles
      tumen tail alerts                    see what is new

    Every command has --help. Exit status: 0, 1 (something failed or was left out), 2 (wrong use).
    """
