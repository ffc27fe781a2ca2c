"""`tumen worker` with the extraction of the fault tests, which costs next to nothing."""

import asyncio
import logging as standard
import sys

import reports

from streams import logging
from streams.app import run_worker
from streams.errors import TumenError
from streams.settings import Settings

if __name__ == "__main__":
    settings = Settings.load()
    logging.configure(settings)
    # Faust tells how far the recovery of tables is
    standard.getLogger("streams.recovery").setLevel(standard.INFO)
    try:
        asyncio.run(run_worker(settings, load=reports.load))
    except TumenError as error:
        # as the command does
        sys.exit(f"Error: {error.message} [{error.code}]")
