"""Articles that no extraction bears, and what becomes of them once it does."""

import subprocess
import sys
from pathlib import Path

from reports import MENDED, POISON
from stage import Stage
from support.topics import records

from bench.support.workers import environment
from streams.settings import Settings
from streams.topics import ARTICLES

TUMEN = str(Path(sys.executable).with_name("tumen"))


def replay(settings: Settings) -> str:
    """Run `tumen dead-letters replay` and return what it says."""
    done = subprocess.run(
        [TUMEN, "dead-letters", "replay"],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


async def test_poison_is_set_aside_and_gives_what_it_should_have_given_once_it_is_bearable(settings: Settings) -> None:
    """Each is a dead letter after a bounded number of tries, and its neighbours are handled exactly once."""
    wicked = {200 * number + 101: word for number, word in enumerate([*POISON, "KILL"])}
    settings = settings.model_copy(update={"extraction_time_limit": 1.0, "max_tries": 2})
    async with Stage(settings) as stage:
        stage.publish(range(1200), poison=wicked)
        stage.workers.start("a")
        await stage.handled(1200)
        assert stage.letters() == {number: POISON[word] for number, word in wicked.items()}
        assert stage.articles() == {f"report-{number}" for number in range(1200) if number not in wicked}
        assert stage.enriched_twice() == []

        stage.workers.stop("a")
        stage.workers.variables[MENDED] = "1"
        stage.workers.start("a")
        assert f"published {len(wicked)} dead letters again" in replay(settings)
        await stage.handled(1200 + len(wicked))
        stage.check(1200, letters=wicked)
        assert stage.enriched_twice() == []

        assert f"published 0 dead letters again; {len(wicked)} had been already" in replay(settings)
        assert len(records(settings, ARTICLES)) == 1200 + len(wicked)
