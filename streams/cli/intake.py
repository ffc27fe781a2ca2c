"""What the commands share that read articles: the argument PATH, the faults they tell of, and progress."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar

import click

if TYPE_CHECKING:
    from streams.reading import Found

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Item = TypeVar("Item")

_NAMED_AT_THE_END = 20


class ArticlePath(click.ParamType):
    """A file or folder that exists, or `-` for standard input."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | BinaryIO:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click converts a value at most twice
        if value == "-":
            return click.get_binary_stream("stdin")
        path = Path(value)
        if not path.exists():
            self.fail(f"there is no file or folder {value!r}; check the path", param, ctx)
        return path


def article_paths(*, required: bool = True) -> Callable[[Decorated], Decorated]:
    """Give a command the argument PATH…, as `paths: tuple[Path | BinaryIO, ...]`."""
    return click.argument(
        "paths", metavar="PATH..." if required else "[PATH...]", nargs=-1, required=required, type=ArticlePath()
    )


def history_option(about: str) -> Callable[[Decorated], Decorated]:
    """Give a command the option --history PATH, as `history: tuple[Path | BinaryIO, ...]`."""
    return click.option("--history", metavar="PATH", multiple=True, type=ArticlePath(), help=f"{about} Repeatable.")


def json_option(what: str) -> Callable[[Decorated], Decorated]:
    """Give a command the option --json, as `as_json: bool`."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON, one object a line.")


class Progress:
    """How far long work is, on standard error: a moving line on a terminal, else a line every ten seconds.

    `alone` is False where results are printed to the same terminal meanwhile: they tell enough.
    """

    def __init__(self, what: str, *, alone: bool = True) -> None:
        self._what = what
        self._done = 0
        self._began = self._told = time.monotonic()
        self._live: Any = None
        if sys.stderr.isatty() and (alone or not sys.stdout.isatty()):
            from rich import progress

            from streams.rendering import console

            # results on standard output must stay there: rich would send them to its own console
            self._live = progress.Progress(
                progress.SpinnerColumn(),
                progress.TextColumn("{task.description}"),
                progress.TimeElapsedColumn(),
                console=console(sys.stderr),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
            self._task = self._live.add_task(self._text())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def advance(self, done: int = 1) -> None:
        """Count what is done."""
        self._done += done
        if self._live:
            self._live.update(self._task, description=self._text())
        elif not sys.stderr.isatty() and time.monotonic() - self._told >= 10:
            self._told = time.monotonic()
            click.echo(self._text(), err=True)

    def counted(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield what is done, counting it."""
        for item in items:
            yield item
            self.advance()

    def say(self, message: str) -> None:
        """Print a line to standard error, above the moving one."""
        if self._live:
            self._live.console.print(message, soft_wrap=True)
        else:
            click.echo(message, err=True)

    def _text(self) -> str:
        elapsed = time.monotonic() - self._began
        rate = f", {self._done / elapsed:,.0f}/s" if elapsed >= 1 else ""
        return f"{self._what}: {self._done:,}{rate}"


class Intake:
    """The articles of the paths that a command was given.

    Iterating yields them in order. Whatever is left out is told on standard error, one line each, when it is met.
    """

    def __init__(self, paths: tuple[Path | BinaryIO, ...], progress: Progress | None = None) -> None:
        self._paths = paths
        self._say: Callable[[str], None] = progress.say if progress else lambda message: click.echo(message, err=True)
        self.read = 0
        self.left_out: list[str] = []
        self._passed_over: list[str] = []

    def __iter__(self) -> Iterator["Found"]:
        from streams.reading import Fault, PassedOver, read
        from streams.rendering import line

        for item in read(self._paths, received_at=datetime.now(UTC)):
            match item:
                case Fault():
                    self.leave_out(str(item.origin), item.code, item.message)
                case PassedOver():
                    self._passed_over.append(f"{line(str(item.origin))}: {item.reason}")
                case _:
                    self.read += 1
                    yield item

    def leave_out(self, origin: str, code: str, message: str) -> None:
        """Tell of an article that could not be handled, and count it."""
        from streams.rendering import line

        self.left_out.append(line(origin))
        self._say(f"{line(origin)}: {line(message)} [{code}]")

    def close(self) -> None:
        """Say at the end what was left out and what was passed over.

        Raises:
            click.exceptions.Exit: with status 1 where something was left out that should have been an article.
        """
        for message in self._passed_over[:_NAMED_AT_THE_END]:
            self._say(f"passed over {message}")
        if len(self._passed_over) > _NAMED_AT_THE_END:
            self._say(f"passed over {len(self._passed_over) - _NAMED_AT_THE_END:,} more files that hold no articles")
        if self.left_out:
            names = ", ".join(self.left_out[:_NAMED_AT_THE_END])
            more = len(self.left_out) - _NAMED_AT_THE_END
            self._say(f"left out {len(self.left_out):,}: {names}" + (f" and {more:,} more" if more > 0 else ""))
            raise click.exceptions.Exit(1)
