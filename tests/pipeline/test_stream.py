"""An article goes in on one topic, and comes out enriched, as claims, as facts and as alerts."""

import json

import pytest
from aiokafka import AIOKafkaProducer
from driving import alerts, article, claims, dead_letters, enriched, facts, publish, read, run_through
from extractors import load_broken, load_figures, load_wicked, load_word

from schemas import Alert, Fact
from schemas.article import MAX_TEXT
from streams.app import run_worker
from streams.codec import decode
from streams.embedded import EmbeddedCluster
from streams.errors import KnowledgeError
from streams.facts import slot
from streams.settings import Settings
from streams.topics import ALERTS, ARTICLES, CLAIMS, ENRICHED, FACTS, FACTS_ARCHIVE

TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_an_article_comes_out_on_every_topic(settings: Settings) -> None:
    await publish(settings, [article("Seoul says 10 troops left", id="a-1")], headers=[("traceparent", TRACE)])
    await run_through(settings, load_word)

    (of_article,) = await read(settings, ENRICHED)
    (of_claim,) = await read(settings, CLAIMS)
    (of_fact,) = await read(settings, FACTS)
    (of_alert,) = await read(settings, ALERTS)
    (claim,) = await claims(settings)
    alert = decode(Alert, of_alert.value)
    assert of_article.key == b"a-1"
    assert of_claim.key == slot(claim).encode()
    assert of_fact.key == of_alert.key == alert.fact_id.encode() == decode(Fact, of_fact.value).id.encode()
    assert alert.claim == claim
    assert claim.article_id == "a-1"
    for record in (of_article, of_claim, of_fact, of_alert):
        headers = dict(record.headers)
        assert headers["traceparent"] == TRACE
        assert headers["content-type"] == b"application/json"
        assert headers["ce_specversion"] == b"1.0"
    assert dict(of_alert.headers)["ce_id"] == alert.id.encode()


BAD = {
    "null_value": None,
    "not_utf8": b'{"text": "\xff"}',
    "invalid_json": b'{"text": "cut',
    "not_an_object": b'["text"]',
    "missing_text": b'{"url": "https://example.org/"}',
    "wrong_type": b'{"text": 12}',
    "empty_text": b'{"text": " \\n "}',
    "text_too_long": json.dumps({"text": "x" * (MAX_TEXT + 1)}).encode(),
    "too_deep": b'{"text": "a", "more": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "invalid_date": b'{"text": "a", "published_at": "2024-02-30"}',
    "control_characters": b'{"text": "a\\u0000b"}',
    "lone_surrogate": b'{"text": "a\\ud800b"}',
}


async def test_bad_input_is_a_dead_letter_and_its_neighbours_are_handled(settings: Settings) -> None:
    values: list[bytes | None] = []
    for number, value in enumerate(BAD.values()):
        values += [article(f"{number} troops"), value]
    await publish(settings, [*values, article("last")], key=b"\x00key")
    await run_through(settings, load_word)

    letters = await dead_letters(settings)
    assert {reason.code: record.value for reason, record in letters} == BAD
    for reason, record in letters:
        assert record.key == b"\x00key"
        assert reason.topic == ARTICLES
        assert reason.message
        assert values[reason.offset] == record.value
    assert {each.article.text for each in await enriched(settings)} == {
        *(f"{number} troops" for number in range(len(BAD))),
        "last",
    }


async def test_an_unsupported_language_is_enriched_and_has_no_claims(settings: Settings) -> None:
    await publish(settings, [article("Kaikki hyvin", language="fi")])
    await run_through(settings, load_word)
    (found,) = await enriched(settings)
    assert found.language == "fi"
    assert found.claims == []
    assert await dead_letters(settings) == []


async def test_the_longest_article_goes_through(settings: Settings) -> None:
    # four bytes a character in UTF-8, twelve as JSON writes them by default
    await publish(settings, [article("😀" * MAX_TEXT)])
    await run_through(settings, load_word)
    (found,) = await enriched(settings)
    assert len(found.article.text) == MAX_TEXT


async def test_wicked_articles_are_dead_letters_and_their_neighbours_are_handled_once(
    cluster: EmbeddedCluster,
) -> None:
    settings = cluster.settings(processes=1, session_timeout=1, extraction_time_limit=1, max_tries=2)
    wicked = {"RAISE": "extract_failed", "KILL": "extract_crash", "HANG": "extract_timeout", "MEMORY": "extract_memory"}
    values = []
    for number, word in enumerate(wicked):
        values += [article(f"{number} troops"), article(f"{word} secret")]
    await publish(settings, values, key=b"k")
    await run_through(settings, load_wicked)

    letters = await dead_letters(settings)
    assert {json.loads(record.value)["text"].split()[0]: reason.code for reason, record in letters} == wicked
    assert {reason.code: reason.attempt for reason, _ in letters} == {
        "extract_failed": 1,
        "extract_crash": 2,
        "extract_timeout": 2,
        "extract_memory": 1,
    }
    assert all("secret" not in reason.message for reason, _ in letters)
    texts = [each.article.text for each in await enriched(settings)]
    assert sorted(texts) == [f"{number} troops" for number in range(len(wicked))]


async def test_the_same_article_again_raises_no_second_alert(settings: Settings) -> None:
    await publish(settings, [article("10 troops", id="a-1")] * 3)
    await run_through(settings, load_word)
    await publish(settings, [article("10 troops", id="a-1")])
    await run_through(settings, load_word)
    assert len(await enriched(settings)) == 4
    assert len({claim.id for claim in await claims(settings)}) == 1
    assert len(await alerts(settings)) == 1


async def test_a_restart_midway_gives_what_an_undisturbed_run_gives(cluster: EmbeddedCluster) -> None:
    values = [article(f"{number} troops", id=f"a-{number}") for number in range(40)]

    async def ids(settings: Settings) -> tuple[set[str], list[str]]:
        return {claim.id for claim in await claims(settings)}, sorted(each.id for each in await alerts(settings))

    with EmbeddedCluster(partitions=2) as undisturbed:
        calm = undisturbed.settings(processes=1, session_timeout=1)
        await publish(calm, values)
        await run_through(calm, load_word)
        expected = await ids(calm)

    settings = cluster.settings(processes=1, session_timeout=1)
    await publish(settings, values[:25])
    await run_through(settings, load_word)
    await publish(settings, values[25:])
    await run_through(settings, load_word)
    assert await ids(settings) == expected
    assert len(await enriched(settings)) == 40


async def test_a_claim_that_is_none_is_a_dead_letter(settings: Settings) -> None:
    async with AIOKafkaProducer(**settings.aiokafka_producer_options()) as producer:
        await producer.send_and_wait(CLAIMS, b'{"id": "mine"}', key=b"k")
    await publish(settings, [article("10 troops")])
    await run_through(settings, load_word)
    ((reason, record),) = await dead_letters(settings)
    assert (reason.topic, reason.stage, record.key, record.value) == (CLAIMS, "assess", b"k", b'{"id": "mine"}')
    assert len(await alerts(settings)) == 1


async def test_a_worker_whose_knowledge_cannot_be_loaded_says_why_and_ends(settings: Settings) -> None:
    with pytest.raises(KnowledgeError, match=r"entities\.yaml:3"):
        await run_worker(settings, load=load_broken)


async def test_a_fact_that_nobody_mentions_goes_to_the_archive_and_comes_back(cluster: EmbeddedCluster) -> None:
    settings = cluster.settings(processes=1, session_timeout=1, facts_keep_days=30)
    days = {"10 troops": "2024-01-01", "2000 troops": "2024-06-01"}
    for text, day in days.items():  # one after the other: of two partitions nobody knows which comes first
        await publish(settings, [article(text, id=day, published_at=day)])
        await run_through(settings, load_figures)
    (archived,) = await read(settings, FACTS_ARCHIVE)
    asleep = decode(Fact, archived.value)
    assert asleep.sources[0].article_id == "2024-01-01"
    assert archived.key == asleep.id.encode()
    assert asleep.id not in {fact.id for fact in await facts(settings)}

    await publish(settings, [article("10 troops", id="again", published_at="2024-01-02")])
    await run_through(settings, load_figures)
    assert asleep.id in {fact.id for fact in await facts(settings)}
    assert "again" not in {alert.article_id for alert in await alerts(settings)}
