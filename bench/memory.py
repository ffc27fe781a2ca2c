"""Measures the memory of one process that reads many articles: its resident size on the way.

The articles are those of seeds/ with their sentences shuffled; each has a few words that were never seen before, as a
stream has them without end: whatever a process remembers of words shows. Asked for: growth under 5 % from 2,000
articles, when all caches are warm, to 20,000.
"""

import argparse
import time

from bench.support.processes import resident
from bench.support.tables import megabytes, table, title
from bench.support.texts import Variation, varied
from streams.extract import Extractor


def main(count: int, warm: int, new_words: int) -> None:
    """Read articles and print the table."""
    title(f"Memory of one process over {count:,} articles, {new_words} new words in each")
    extractor = Extractor.load()
    sizes = {0: resident()}
    marks = {warm, *range(count // 5, count + 1, max(1, count // 5)), count}
    began = time.perf_counter()
    for number, article in enumerate(varied(count, Variation(new_words=new_words)), start=1):
        extractor.extract(article)
        if number in marks:
            sizes[number] = resident()
    rate = count / (time.perf_counter() - began)
    table(
        ["articles", "resident", f"since {warm:,}"],
        [
            [f"{number:,}", megabytes(size), f"{size / sizes[warm] - 1:+.1%}" if number > warm else ""]
            for number, size in sorted(sizes.items())
        ],
    )
    print(f"{rate:,.0f} articles/s on the way")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000, help="how many are read (20000)")
    parser.add_argument("--warm", type=int, default=2_000, help="after how many the caches count as warm (2000)")
    parser.add_argument("--new-words", type=int, default=3, help="words that are in no other article (3)")
    arguments = parser.parse_args()
    if not 0 < arguments.warm <= arguments.articles:
        parser.error("--warm must be between 1 and --articles")
    main(arguments.articles, arguments.warm, arguments.new_words)
