"""Records as people and programs read them: tables and lines for a terminal, JSON lines for a pipe.

What an article holds is never trusted: control characters, which could steer a terminal, are shown as escapes.
"""

import re
import sys
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, TextIO

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from schemas import Alert, Article, Claim, EnrichedArticle, Fact, Quantity, Status, Unit, Withdrawal

if TYPE_CHECKING:
    from streams.extract.candidates import Step

PIPE_WIDTH = 140
"""Columns of a table that does not go to a terminal."""

_TABLE_WIDTH = 110

_HEADLINE_WIDTH = 100
"""Columns from which on alerts have a column of headlines."""

# C0 but tab and line feed, DEL and C1, which terminals obey, and the marks that turn the direction of writing round
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# In JSON the C0 ones are escaped already; these need it too, and so do the separators that some readers take for the
# end of a line.
_STEERING_IN_JSON = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# Only printable ASCII: anything else could end the escape that makes a link.
_WEB_ADDRESS = re.compile(r"https?://[!-~]+")

_KIND_STYLES = {"new": "bold green", "update": "bold yellow", "corroborated": "cyan", "disputed": "bold red"}

_UNITS = {
    Unit.PERSON: ("person", "people"),
    Unit.PERCENT: ("%", "%"),
    Unit.USD: ("US dollar", "US dollars"),
    Unit.AIRCRAFT: ("aircraft", "aircraft"),
}


def plain(text: str) -> str:
    """Return `text` with every character that could steer a terminal written as an escape."""
    return _STEERING.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if found[0] < "\u0100" else f"\\u{ord(found[0]):04x}", text
    )


def line(text: str) -> str:
    """Return `text` as one line that is safe on a terminal."""
    return plain(" ".join(text.split()))


def json_line(record: BaseModel) -> str:
    """Return a record as one line of JSON, without the line feed."""
    return safe_json(record.model_dump_json())


def safe_json(text: str) -> str:
    """Escape in JSON text what could steer a terminal or end a line; the value stays the same."""
    return _STEERING_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def console(file: TextIO | None = None) -> Console:
    """Return a console for `file` (standard output by default) that takes no markup from what it prints."""
    file = file or sys.stdout
    width = None if file.isatty() else PIPE_WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def moment(value: datetime) -> str:
    """Return a date, with the time of day where one is known: midnight is taken for "not told"."""
    return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")


def figure(quantity: Quantity | None) -> str:
    """Return a quantity in words: "4,700 people", "more than 10 containers"; empty for None."""
    if quantity is None or (quantity.low is None and quantity.high is None):
        return ""
    low, high = quantity.low, quantity.high
    if low is None:
        number = f"up to {_number(high)}"
    elif high is None:
        number = f"{_number(low)} or more"
    elif low == high:
        number = _number(low)
    else:
        number = f"{_number(low)}–{_number(high)}"
    one, many = _UNITS.get(quantity.unit, (quantity.unit.value, f"{quantity.unit.value}s"))
    return f"{number} {one if low == high == 1 else many}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value == int(value) else f"{value:,}"


def _state(claim: Claim) -> str:
    words = [claim.status.value]
    if claim.negated:
        words = ["denied"] if claim.status is Status.HAPPENED else [claim.status.value, "denied"]
    if claim.background:
        words.append("(recalled)")
    return " ".join(words)


def enriched_article(enriched: EnrichedArticle, width: int, origin: str | None = None) -> list[Any]:
    """Return what a person wants to see of an enriched article: title, language, and the claims as a table.

    Where `width`, in columns, is too narrow for a table, each claim is two lines.
    """
    article = enriched.article
    parts: list[Any] = [Text(line(article.title or article.text[:100]), style="bold")]
    about = [origin, article.source, moment(article.published_at) if article.published_at else None, enriched.language]
    parts.append(Text("  ".join(line(word) for word in about if word), style="dim"))
    if not enriched.claims:
        parts.append(Text("no claims: nothing is reported here of cooperation between North Korea and Russia"))
    elif width >= _TABLE_WIDTH:
        parts.append(claims_table(enriched.claims))
    else:
        for claim in enriched.claims:
            parts += [Text(_claim_words(claim)), _below(claim.evidence.text)]
    return [*parts, Text()]


def explanation(enriched: EnrichedArticle, steps: list["Step"], origin: str, *, everything: bool) -> list[Any]:
    """Return which rules and cues made each claim of an article; with `everything`, why candidates were dropped."""
    parts = enriched_article(enriched, _TABLE_WIDTH - 1, origin)[:2]
    shown = [step for step in steps if everything or step.claimed]
    if not shown:
        parts.append(Text("no rule made a claim" if everything else "no claims; --all shows what was dropped and why"))
    for step in shown:
        parts.append(Text(f"{step.type}  rule {step.rule}: {step.outcome}", style="bold"))
        parts.append(_below(", ".join(step.cues)))
        if step.reasons:
            parts.append(_below("for (+) and against (-): " + ", ".join(step.reasons)))
        parts.append(_below(step.passage))
    return [*parts, Text()]


def claims_table(claims: list[Claim]) -> Table:
    """Return claims as a table, one row a claim."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    for name, options in _CLAIM_COLUMNS.items():
        table.add_column(name, **options)
    for claim in claims:
        speakers = ", ".join(speaker.name for speaker in claim.attributed_to)
        cells = (
            claim.type.value,
            f"{claim.actor}→{claim.recipient}",
            figure(claim.quantity),
            _state(claim),
            claim.when or "",
            claim.place.name if claim.place else "",
            speakers,
            claim.evidence.text,
        )
        table.add_row(*(Text(line(cell)) for cell in cells))
    return table


_CLAIM_COLUMNS: dict[str, dict[str, Any]] = {
    "type": {"no_wrap": True},
    "who→whom": {"no_wrap": True},
    "quantity": {"max_width": 16},
    "status": {"max_width": 12},
    "when": {"no_wrap": True},
    "place": {"max_width": 16},
    "attributed to": {"ratio": 2},
    "passage": {"ratio": 3},
}


class AlertTable:
    """A table that grows by a row with each alert, as they are raised.

    On a terminal that is too narrow for a column of headlines, the headline stands below the rest. Where a terminal
    knows links, the source is one, to the article.
    """

    def __init__(self, out: Console) -> None:
        self._out = out
        self._begun = False

    def add(self, alert: Alert) -> None:
        """Print an alert, and the head of the table before the first one."""
        wide = self._out.width >= _HEADLINE_WIDTH
        if not self._begun:
            self._begun = True
            head = [Text(name, style="bold") for name in ("date", "kind", "grade", "source", "headline")]
            self._out.print(self._row(*(head if wide else head[:-1])))
            self._out.rule(style="dim", characters="─")
        kind = alert.kind.value
        headline = Text(line(alert.headline))
        cells = (
            Text(moment(alert.claim.published_at)[:10]),
            Text(kind, style=_KIND_STYLES.get(kind, "")),
            Text(alert.grade),
            Text(line(alert.source or "not named"), style=_link(alert.url)),
        )
        if wide:
            self._out.print(self._row(*cells, headline))
        else:
            self._out.print(self._row(*cells), Padding(headline, (0, 0, 0, 4)), sep="\n")

    def _row(self, *cells: Text) -> Table:
        row = Table.grid(padding=(0, 2, 0, 0), expand=True)
        for width in (10, 12, 5):
            row.add_column(width=width, no_wrap=True)
        if len(cells) > 4:
            row.add_column(width=20, overflow="ellipsis", no_wrap=True)
        row.add_column(ratio=1)
        row.add_row(*cells)
        return row


def _link(url: str | None) -> Style:
    return Style(link=url) if url and _WEB_ADDRESS.fullmatch(url) else Style.null()


def claim_line(claim: Claim) -> list[Any]:
    """Return a claim in two lines: when and where it was reported with what is claimed, and the passage."""
    outlet = f"  in: {line(claim.source)}" if claim.source else ""
    return [Text(f"{moment(claim.published_at)[:10]}  {_claim_words(claim)}{outlet}"), _below(claim.evidence.text)]


def withdrawal_line(withdrawal: Withdrawal) -> str:
    """Return in a line which claim is taken back."""
    parties = f"{withdrawal.actor}→{withdrawal.recipient}"
    words = (
        moment(withdrawal.withdrawn_at)[:10],
        withdrawal.type.value,
        parties,
        f"withdrawn: claim {withdrawal.id} of article {withdrawal.article_id}",
    )
    return "  ".join(line(word) for word in words)


def _claim_words(claim: Claim) -> str:
    """Return what is claimed, and who says so, in one line."""
    speakers = ", ".join(speaker.name for speaker in claim.attributed_to)
    words = [
        claim.type.value,
        f"{claim.actor}→{claim.recipient}",
        figure(claim.quantity),
        _state(claim),
        claim.when and f"when: {claim.when}",
        claim.place and f"where: {claim.place.name}",
        speakers and f"says: {speakers}",
    ]
    return "  ".join(line(word) for word in words if word)


def fact_line(fact: Fact) -> list[Any]:
    """Return a fact in two lines: what is known, and who tells it."""
    status = "denied" if fact.negated else fact.status.value
    words = [
        moment(fact.first_reported)[:10],
        fact.type.value,
        f"{fact.actor}→{fact.recipient}",
        fact.object,
        figure(fact.quantity),
        status,
        fact.when and f"when: {fact.when}",
        fact.place and f"where: {fact.place.name}",
        f"credibility {fact.credibility}",
    ]
    origins = ", ".join(origin.name for origin in fact.origins) or "no origin named"
    outlets = ", ".join(dict.fromkeys(source.source or "an outlet not named" for source in fact.sources))
    return [Text("  ".join(line(word) for word in words if word)), _below(f"from {origins}; told by {outlets}")]


def article_line(article: Article) -> str:
    """Return an article's id, date, source and title in a line."""
    words = [article.id, moment(article.published_at)[:10] if article.published_at else None, article.source]
    return "  ".join(line(word) for word in [*words, article.title or article.text[:80]] if word)


def _below(text: str) -> Padding:
    return Padding(Text(line(text), style="dim"), (0, 0, 0, 4))
