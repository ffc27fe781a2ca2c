"""How the tests call the command `tumen`."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from streams.cli import main

REPORT = "North Korea has sent 3,000 soldiers to Russia, South Korea's National Intelligence Service said on Monday."


def tumen(*arguments: str | Path, **options: Any) -> Result:
    """Run a command in this process. Options are those of click's runner, such as `input` and `env`."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="tumen", **options)


def started(*arguments: str | Path, **options: Any) -> "subprocess.Popen[str]":
    """Start a command in a process of its own, for tests that interrupt it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # so it is for what a shell has put into the background, and it is handed on
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "streams.cli", *map(str, arguments)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **(pipes | options))


def json_lines(result: Result) -> list[dict[str, Any]]:
    """Return the records that a command printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]
