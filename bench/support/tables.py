"""How measurements are printed: what was measured on, and tables that are read as they stand."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def machine() -> str:
    """Return what the figures were measured on. A load near the number of cores, or over it, makes them worthless."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, load before {load:.1f}"


def title(text: str) -> None:
    """Print what is measured, and on what."""
    print(f"\n{text}\n{machine()}", flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns: the first one to the left, the others, which are figures, to the right."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip(), flush=True)


def megabytes(count: float) -> str:
    """Return bytes as MiB."""
    return f"{count / 2**20:,.1f} MiB"
