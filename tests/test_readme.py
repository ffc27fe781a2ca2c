"""What the README shows is what Tumen prints."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from schemas import Alert, Article
from streams.cli.extraction import Report, assessed
from streams.extract import Extractor
from streams.reading import Found, read
from streams.rendering import AlertTable, enriched_article

ROOT = Path(__file__).parents[1]
WIDTH = 100
"""Columns of the terminal that the README shows."""


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)


def printed(*renderables: object) -> str:
    out = io.StringIO()
    Console(file=out, width=WIDTH, markup=False, highlight=False, emoji=False).print(*renderables, sep="\n")
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def test_the_claims_of_the_example(extractor: Extractor) -> None:
    article = Article.model_validate_json(blocks("json")[0])
    enriched = extractor.extract(article.completed(datetime(2025, 3, 28, tzinfo=UTC)))
    assert printed(*enriched_article(enriched, WIDTH, "article.json")) == blocks("text")[0].strip()


def raised(extractor: Extractor) -> list[Alert]:
    """Return the alerts of the sample articles."""
    met = read([ROOT / "seeds"], received_at=datetime(2026, 1, 1, tzinfo=UTC))
    articles = [found for found in met if isinstance(found, Found)]
    reports = [
        Report(found.published_at, str(found.article.id), extractor.extract(found.article).claims) for found in articles
    ]
    return [alert for assessment in assessed(reports) for alert in assessment.alerts]


def test_the_alerts_of_the_example(extractor: Extractor) -> None:
    rows: list[str] = []
    for line in blocks("text")[1].splitlines():
        if line.startswith("20"):
            rows.append(line)
        elif rows:
            rows[-1] += " " + line
    shown = {(*row.split()[:3], " ".join(row.split()[3:])) for row in rows}
    told = {
        (str(alert.claim.published_at.date()), alert.kind.value, alert.grade, f"{alert.source} {alert.headline}")
        for alert in raised(extractor)
    }
    assert shown
    assert shown <= told


if __name__ == "__main__":
    loaded = Extractor.load()
    article = Article.model_validate_json(blocks("json")[0])
    enriched = loaded.extract(article.completed(datetime(2025, 3, 28, tzinfo=UTC)))
    print(printed(*enriched_article(enriched, WIDTH, "article.json")))  # noqa: T201
    console = Console(width=WIDTH, markup=False, highlight=False, emoji=False)
    table = AlertTable(console)
    for alert in raised(loaded):
        table.add(alert)
