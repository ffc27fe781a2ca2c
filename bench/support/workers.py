"""Workers of one group, as processes that come and go."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from streams.settings import PREFIX, Settings


def environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment, with these settings and no others of Tumen's."""
    found = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if value is not None:
            found[PREFIX + name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return found


class Workers:
    """Worker processes by name. Each name has a directory for its tables, which outlives the process, and a log.

    A context manager: leaving it ends all that still run.

    Args:
        settings: what every worker is given.
        command: arguments of the Python interpreter.
        variables: more for their environment.
    """

    def __init__(self, settings: Settings, command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self.variables = dict(variables or {})
        self._command = [sys.executable, *command]
        self._temporary = tempfile.TemporaryDirectory(prefix="tumen-workers-")
        self._folder = Path(self._temporary.name)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: dict[str, int] = {}
        """Where in its log the present life of each worker begins."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for name in list(self._running):
            self._end(name, 20.0)
        self._temporary.cleanup()

    @property
    def running(self) -> dict[str, int]:
        """Process ids of the workers that were started and not yet stopped, by name."""
        return {name: process.pid for name, process in self._running.items()}

    def start(self, *names: str) -> None:
        """Start workers."""
        for name in names:
            data = self._folder / f"data-{name}"
            with self._log(name).open("ab") as log:
                self._begun[name] = log.tell()
                self._running[name] = subprocess.Popen(
                    self._command,
                    env=environment(self.settings.model_copy(update={"data_dir": data})) | self.variables,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )

    def kill(self, name: str) -> None:
        """SIGKILL: the worker is gone at once."""
        self._running[name].kill()
        self._running.pop(name).wait()

    def stop(self, name: str, timeout: float = 60.0) -> tuple[int, float]:
        """SIGTERM; return the exit status, and how many seconds it took. After `timeout` seconds, it is killed."""
        began = time.monotonic()
        self._running[name].send_signal(signal.SIGTERM)
        return self._end(name, timeout), time.monotonic() - began

    def ended(self) -> dict[str, int]:
        """Return the exit status of workers that have ended by themselves since this was last asked."""
        found = {name: process.returncode for name, process in self._running.items() if process.poll() is not None}
        for name in found:
            del self._running[name]
        return found

    def starting(self) -> bool:
        """Say whether a worker has not yet joined the group and recovered its tables."""
        return any(b"worker ready" not in self._log(name).read_bytes()[self._begun[name] :] for name in self._running)

    def children(self, name: str) -> list[int]:
        """Return the ids of a worker's child processes that run Tumen's code (multiprocessing's own left out)."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended since the folder was listed
            if parent == self._running[name].pid and "spawn_main" in command:
                found.append(int(folder.name))
        return found

    def log(self, name: str) -> str:
        """Return what a worker has said, in all its lives."""
        return self._log(name).read_text(errors="replace") if self._log(name).exists() else ""

    def logs(self) -> dict[str, str]:
        """Return what each worker has said."""
        return {path.stem: path.read_text(errors="replace") for path in sorted(self._folder.glob("*.log"))}

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _end(self, name: str, timeout: float) -> int:
        process = self._running.pop(name)
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
