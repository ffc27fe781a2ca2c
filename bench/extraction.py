"""Measures extraction on one core: its rate against spaCy's blank tokeniser, and how long an extractor takes to start.

Rates are characters a second of processor time, so that other programs on the machine disturb little. The tokeniser is
spaCy's blank one of each language (for Korean its rule-based one), as it comes, in one memory zone for all texts; both
read the same texts, one after the other, in one process per language. Cold: the articles of seeds/, each for the first
time in a new process. Warm: the same sentences shuffled, after all of them have been seen; the best of three rounds for
both. Languages are given, not detected; the last column is what detecting costs. The ratio asked for is 0.4.

The start is that of a new process, with the packages on disk: once with an empty cache of what is derived from the
knowledge files (streams/extract/cache.py), then with it.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import spacy

from bench.support.tables import table, title
from bench.support.texts import LANGUAGES, seed_articles, varied
from schemas import Article
from streams.extract import Extractor
from streams.extract.language import language_of

ROUNDS = 3

_START = """
import json, time
began = time.perf_counter()
from streams.extract import Extractor
imported = time.perf_counter()
Extractor.load()
print(json.dumps([imported - began, time.perf_counter() - imported]))
"""


class Rates(NamedTuple):
    """Characters a second, and articles a second."""

    tokeniser_cold: float
    extraction_cold: float
    tokeniser: float
    extraction: float
    articles: float
    detection: float


def _tokeniser(language: str) -> Any:
    config = {"nlp": {"tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"}}} if language == "ko" else {}
    return spacy.blank(language, config=config)


def _tokenise(nlp: Any, articles: list[Article]) -> float:
    began = time.process_time()
    with nlp.memory_zone():
        for article in articles:
            nlp.make_doc(article.text)
    return time.process_time() - began


def _extract(extractor: Extractor, articles: list[Article]) -> float:
    began = time.process_time()
    for article in articles:
        extractor.extract(article)
    return time.process_time() - began


def _detect(articles: list[Article]) -> float:
    unknown = [article.model_copy(update={"language": None}) for article in articles]
    language_of(unknown[0])
    began = time.process_time()
    for article in unknown:
        language_of(article)
    return time.process_time() - began


def measured(language: str, count: int) -> Rates:
    """Measure a language. To be called in a new process."""
    nlp, extractor = _tokeniser(language), Extractor.load([language])
    first, more = seed_articles(language), list(varied(count, language=language))
    characters = sum(len(article.text) for article in first)
    cold = characters / _tokenise(nlp, first), characters / _extract(extractor, first)
    characters = sum(len(article.text) for article in more)
    rounds = [(_tokenise(nlp, more), _extract(extractor, more)) for _ in range(ROUNDS)]
    tokenising, extracting = (min(times) for times in zip(*rounds, strict=True))
    return Rates(*cold, characters / tokenising, characters / extracting, count / extracting, _detect(more) / count)


def report_rates(count: int) -> None:
    """Print the table of rates."""
    title(f"Extraction against spaCy's blank tokeniser, one core, {count} articles a language")
    rows = []
    spawn = multiprocessing.get_context("spawn")
    for language in LANGUAGES:
        with ProcessPoolExecutor(1, mp_context=spawn) as process:
            rates = process.submit(measured, language, count).result()
        rows.append(
            [
                language,
                f"{rates.tokeniser_cold / 1000:,.0f}",
                f"{rates.extraction_cold / 1000:,.0f}",
                f"{rates.extraction_cold / rates.tokeniser_cold:.3f}",
                f"{rates.tokeniser / 1000:,.0f}",
                f"{rates.extraction / 1000:,.0f}",
                f"{rates.extraction / rates.tokeniser:.3f}",
                f"{rates.articles:,.0f}",
                f"{rates.detection * 1000:.2f} ms",
            ]
        )
    cold, warm = ["tokeniser, cold", "extraction", "ratio"], ["tokeniser, warm", "extraction", "ratio"]
    print("thousand characters a second; ratio: extraction / tokeniser")
    table(["", *cold, *warm, "articles/s", "detecting"], rows)


def report_starts() -> None:
    """Print the table of starts."""
    title("Start of an extractor for all languages, in a new process")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for cache in ("none (first start)", *["kept"] * ROUNDS):
            done = subprocess.run(
                [sys.executable, "-c", _START],
                env=os.environ | {"XDG_CACHE_HOME": folder},
                stdout=subprocess.PIPE,
                check=True,
            )
            imports, loading = json.loads(done.stdout)
            rows.append([cache, f"{imports:.2f} s", f"{loading:.2f} s", f"{imports + loading:.2f} s"])
    table(["cache", "imports", "Extractor.load()", "together"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=300, help="articles of each language (300)")
    arguments = parser.parse_args()
    report_rates(arguments.articles)
    report_starts()
