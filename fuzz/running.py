"""How a fuzzer is run: its first inputs, its limits, and where it leaves what it finds."""

import random
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

HOME = Path(__file__).parents[1] / ".cache" / "fuzz"


def run(name: str, one_input: Callable[[bytes], None], *, size: int) -> None:
    """Feed inputs of up to `size` bytes, beginning with some of chance. Ends the process; its exit status tells.

    Options of libFuzzer follow on the command line, as `-runs=1000`. An input that makes it crash, or takes longer than
    20 s, is kept as `.cache/fuzz/<name>-crash-…` or `-timeout-…`; given as an argument it is run again.
    """
    corpus = HOME / name
    corpus.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)  # noqa: S311 -- no secret
    for number in range(64):
        # short inputs alone, from which it would begin else, take long to grow into texts
        (corpus / f"chance-{number}").write_bytes(chance.randbytes(size // (1 + number % 8)))
    limits = [f"-max_len={size}", "-len_control=0", "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1"]
    given = sys.argv[1:]
    # a file to be run again stands in place of the corpus
    where = [] if any(Path(each).is_file() for each in given) else [str(corpus)]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={HOME}/{name}-", *given, *where], one_input)
    atheris.Fuzz()
