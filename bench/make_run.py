"""Measures `make run` in a fresh clone of this repository, and a second one in the same clone.

What is committed is cloned to a temporary directory. The first run makes the environment, installs the packages (from
pip's cache where they are in it, else from the network) and derives what Tumen caches; the second has all that. Where
the first run fails, for instance without a network, the end of what it said is printed.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.support.tables import table, title

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 900.0
"""Seconds after which a run is given up."""


def cache_options() -> dict[str, str]:
    """Return the environment that keeps pip's cache, while all other caches begin empty."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return {"PIP_CACHE_DIR": done.stdout.strip()} if done.returncode == 0 else {}


def main() -> int:
    """Measure and print the table; return the exit status."""
    title("`make run` in a fresh clone")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "tumen"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("TUMEN_", "MAKE"))}
        environment |= {"XDG_CACHE_HOME": f"{folder}/cache", **cache_options()}
        environment.pop("VIRTUAL_ENV", None)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        for name in ("first", "second"):
            began = time.monotonic()
            done = subprocess.run(
                ["make", "run"],
                cwd=clone,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE,
            )
            took = time.monotonic() - began
            if done.returncode:
                print(f"the {name} run failed with status {done.returncode}:\n{done.stdout[-2000:]}")
                return 1
            summary = next((line for line in done.stdout.splitlines() if " dead letters in " in line), "")
            rows.append([name, f"{took:.1f} s", summary])
    table(["run", "took", "what it told"], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
