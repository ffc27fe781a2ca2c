"""Measures how long texts take that are made to do harm: a megabyte of each, in each language.

The title names both sides, so that no text is left early. The time is that of the processor; asked for: under 5 s each.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.support.processes import resident
from bench.support.tables import megabytes, table, title
from bench.support.texts import LANGUAGES
from schemas import Article
from streams.extract import Extractor

SENTENCES = {
    "uk": "Північна Корея відправила 3000 солдатів і ракети до Росії 3 травня і Путін сказав у Курську та ",
    "ru": "Северная Корея отправила 3000 солдат и ракеты в Россию 3 мая и Путин сказал в Курске и ",
    "en": "North Korea sent 3,000 troops and missiles to Russia on 3 May and Putin said in Kursk and ",
    "ko": "국정원은 북한이 러시아에 3천 명의 병력과 미사일을 5월 3일 보냈다고 푸틴이 밝혔고 ",
}
CUES = {
    "uk": "КНДР Росія солдати відправила ракети вбито ",
    "ru": "КНДР Россия солдаты отправила ракеты убиты ",
    "en": "DPRK Russia troops sent missiles killed ",
    "ko": "북한 러시아 병력 파병 미사일 사망 ",
}
SAID = {
    "uk": "КНДР сказала Росія сказала що ",
    "ru": "КНДР сказала Россия сказала что ",
    "en": "DPRK said Russia said that ",
    "ko": "북한이 러시아가 밝혔다고 ",
}
LETTERS = {"uk": "аеиобдклмнрст", "ru": "аеиобдклмнрст", "en": "aeiobdklmnrst", "ko": "가나다라마바사아자차"}


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Yield hostile texts with what they are."""
    sentence = SENTENCES[language]
    yield "one endless sentence", sentence
    yield "commas", sentence.replace(" ", ", ")
    yield "short sentences", sentence.strip() + ". "
    yield "no blanks", sentence.replace(" ", "")
    yield "quotation marks left open", '« " ' + sentence
    yield "cues", CUES[language]
    yield "verbs of saying", SAID[language]
    yield "one name", CUES[language].split()[0] + " "
    yield "brackets", "("
    yield "quotation marks", '"'
    yield "digits", "9"
    yield "numbers", "1,000 "
    yield "lines", "a\n"
    yield "tags", "<a "
    rng = random.Random(1)  # noqa: S311 - nothing secret
    yield "new names", " ".join("".join(rng.choices(LETTERS[language], k=7)).capitalize() for _ in range(130_000))


def main(size: int) -> None:
    """Read the texts and print the table."""
    title(f"Texts made to do harm, {size:,} characters each")
    extractor = Extractor.load()
    rows: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for name, part in texts(language):
            text = (part * (size // len(part) + 1))[:size]
            article = Article(title=SENTENCES[language], text=text, language=language).completed(datetime.now(UTC))
            began = time.process_time()
            extractor.extract(article)
            rows.setdefault(name, [name]).append(f"{time.process_time() - began:.1f} s")
    table(["", *LANGUAGES], list(rows.values()))
    print(f"{megabytes(resident())} resident at the end")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000, help="characters of each text (1000000)")
    main(parser.parse_args().size)
