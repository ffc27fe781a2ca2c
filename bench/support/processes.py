"""What a process takes: memory, and processor time with that of its children."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# fields of /proc/PID/stat, counted behind the process's name: the state comes first
_PARENT, _USER, _SYSTEM = 1, 11, 12


def resident(pid: int | None = None) -> int:
    """Return the resident size of a process, of this one by default, in bytes."""
    return int(Path(f"/proc/{pid or 'self'}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files(pid: int) -> int:
    """Return how many files, sockets and pipes a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def processor_time(pid: int) -> tuple[float, float]:
    """Return the seconds of processor time that a process, and that its living children, have taken."""
    own = children = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since the folder was listed
        took = (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
        if int(folder.name) == pid:
            own = took
        elif int(fields[_PARENT]) == pid:
            children += took
    return own, children
