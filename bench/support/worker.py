"""`tumen worker` with an extraction of choice: `python -m bench.support.worker real|none|one`."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from bench.support.extractors import load_one_claim, load_pass_through
from streams import logging
from streams.app import run_worker
from streams.extract import Extractor
from streams.settings import Settings

LOADS: dict[str, Callable[[], Any]] = {"real": Extractor.load, "none": load_pass_through, "one": load_one_claim}

if __name__ == "__main__":
    settings = Settings.load()
    logging.configure(settings)
    asyncio.run(run_worker(settings, load=LOADS[sys.argv[1]]))
