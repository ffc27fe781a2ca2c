"""Hypothesis strategies for every record of the contract: any Unicode text, any date, any field left out."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from schemas import (
    Alert,
    AlertKind,
    Article,
    Attribution,
    Claim,
    ClaimType,
    DeadLetter,
    EnrichedArticle,
    Entity,
    Evidence,
    Extractor,
    Fact,
    Label,
    Place,
    Plover,
    Previous,
    Quantity,
    Source,
    Stage,
    Status,
    Unit,
    Withdrawal,
)

# what UTF-8 can carry; and of that, what an article may hold
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
plain = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r\u0085")
lines = st.text(plain, max_size=20)
bodies = st.text(plain, min_size=1, max_size=60).filter(lambda text: bool(text.strip()))

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=zones | st.just(UTC))
partial_dates = st.dates().flatmap(lambda day: st.sampled_from([f"{day}", f"{day}"[:7], f"{day}"[:4]]))
wikidata = st.none() | st.integers(1, 10**9).map(lambda number: f"Q{number}")
countries = st.sampled_from(["KP", "RU", "KR", "UA", "US", "JP", "CN", "EU", "UN"])
languages = st.sampled_from(["uk", "ru", "en", "ko", "und"])
ids = st.text("0123456789abcdef", min_size=24, max_size=24)

figures = st.none() | st.floats(allow_nan=False, allow_infinity=False)
quantities = st.builds(Quantity, low=figures, high=figures, unit=st.sampled_from(Unit))
attributions = st.builds(Attribution, name=texts, wikidata=wikidata, text=texts)
places = st.builds(Place, name=texts, wikidata=wikidata)

articles = st.builds(
    Article,
    id=st.none() | st.text(plain, min_size=1, max_size=20),
    url=st.none() | lines,
    title=st.none() | lines,
    text=bodies,
    source=st.none() | lines,
    language=st.none() | st.sampled_from(["uk", "ru", "en", "en-GB", "ko", "zh_Hant"]),
    published_at=st.none() | moments,
)
evidence = st.tuples(st.integers(0, 10**6), st.integers(1, 1000), texts).map(
    lambda passage: Evidence(text=passage[2], start=passage[0], end=passage[0] + passage[1])
)
claims = st.builds(
    Claim,
    id=ids,
    article_id=texts,
    url=st.none() | texts,
    source=st.none() | texts,
    published_at=moments,
    language=languages,
    type=st.sampled_from(ClaimType),
    plover=st.sampled_from(Plover),
    actor=countries,
    recipient=countries,
    object=st.none() | texts,
    quantity=st.none() | quantities,
    status=st.sampled_from(Status),
    negated=st.booleans(),
    attributed_to=st.lists(attributions, max_size=2),
    place=st.none() | places,
    when=st.none() | partial_dates,
    background=st.booleans(),
    confidence=st.floats(0, 1),
    evidence=evidence,
)
entities = st.tuples(st.integers(0, 10**6), st.integers(1, 50)).flatmap(
    lambda span: st.builds(
        Entity,
        text=texts,
        start=st.just(span[0]),
        end=st.just(span[0] + span[1]),
        label=st.sampled_from(Label),
        name=texts,
        wikidata=wikidata,
        country=st.none() | countries,
    )
)
enriched = st.builds(
    EnrichedArticle,
    article=articles,
    language=languages,
    relevant=st.booleans(),
    entities=st.lists(entities, max_size=2),
    claims=st.lists(claims, max_size=2),
    extractor=st.builds(Extractor, version=texts, knowledge=ids),
    processed_at=moments,
)
facts = st.builds(
    Fact,
    id=ids,
    type=st.sampled_from(ClaimType),
    actor=countries,
    recipient=countries,
    object=st.none() | texts,
    quantity=st.none() | quantities,
    status=st.sampled_from(Status),
    negated=st.booleans(),
    place=st.none() | places,
    when=st.none() | partial_dates,
    first_reported=moments,
    last_reported=moments,
    origins=st.lists(attributions, max_size=2),
    sources=st.lists(
        st.builds(Source, article_id=texts, source=st.none() | texts, url=st.none() | texts, published_at=moments),
        max_size=2,
    ),
    claims=st.lists(ids, max_size=2),
    credibility=st.integers(1, 6),
)
previous = st.builds(Previous, quantity=st.none() | quantities, status=st.sampled_from(Status), reported_at=moments)
alerts = st.builds(
    Alert,
    id=ids,
    fact_id=ids,
    kind=st.sampled_from(AlertKind),
    headline=texts,
    article_id=texts,
    url=st.none() | texts,
    source=st.none() | texts,
    claim=claims,
    previous=st.none() | previous,
    grade=st.from_regex(r"[A-F][1-6]", fullmatch=True),
    raised_at=moments,
)
dead_letters = st.builds(
    DeadLetter,
    topic=texts,
    partition=st.integers(0, 10**4),
    offset=st.integers(0, 2**63 - 1),
    stage=st.sampled_from(Stage),
    code=texts,
    message=texts,
    attempt=st.integers(1, 100),
    timestamp=st.integers(0, 2**53),
)

withdrawals = st.builds(
    Withdrawal,
    id=ids,
    article_id=texts,
    type=st.sampled_from(ClaimType),
    actor=st.sampled_from(["KP", "RU"]),
    recipient=st.sampled_from(["KP", "RU", "UN"]),
    withdrawn_at=moments,
    revision=ids,
)

RECORDS = {
    "article": articles,
    "enriched": enriched,
    "claim": claims,
    "withdrawal": withdrawals,
    "fact": facts,
    "alert": alerts,
    "dead-letter": dead_letters,
}
"""A strategy for each record, by the noun of its JSON Schema."""
