"""The examples of docs/knowledge.md do what the page says: they are put into a copy of the knowledge files."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import Article, Claim, EnrichedArticle
from streams.extract import Extractor
from streams.extract.knowledge import HOME, Knowledge
from streams.extract.models import Models

PAGE = (Path(__file__).parents[2] / "docs" / "knowledge.md").read_text(encoding="utf-8")

NAME, WEAPON, VERB, RULE = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)[:4]
ARTICLES = re.findall(r"^> (.+(?:\n> .+)*)", PAGE, re.M)

Read = Callable[[str], EnrichedArticle]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Reads a text with the examples added to the knowledge."""
    home = tmp_path_factory.mktemp("knowledge") / "knowledge"
    shutil.copytree(HOME, home)
    append(home / "common/entities/newsrooms.yaml", NAME)
    append(home / "common/entities/weapons.yaml", WEAPON)
    verbs = home / "en/cues/actions.yaml"
    told = VERB.replace("…", "").strip()
    assert told.replace("whisk, ", "") in verbs.read_text()
    verbs.write_text(verbs.read_text().replace(told.replace("whisk, ", ""), told))
    for part in RULE.split("\n\n"):
        comment, _, lines = part.partition("\n")
        append(home / re.findall(r"[\w/]+\.yaml", comment)[0], lines)
    with pytest.MonkeyPatch.context() as patch:
        # the user's cache holds one state of the knowledge files: not this one
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        extractor = Extractor(Knowledge.load(home), Models.load())
    return lambda text: extractor.extract(Article(text=text, language="en").completed(datetime(2026, 3, 1, tzinfo=UTC)))


def append(path: Path, lines: str) -> None:
    path.write_text(f"{path.read_text().rstrip()}\n{lines.rstrip()}\n")


def article(containing: str) -> str:
    return next(text.replace("\n> ", " ") for text in ARTICLES if containing in text)


def only_claim(enriched: EnrichedArticle) -> Claim:
    (claim,) = enriched.claims
    return claim


def test_a_name_is_known_as_what_it_is(read: Read) -> None:
    found = read(article("Lansing"))
    institute = next(entity for entity in found.entities if entity.name == "Robert Lansing Institute")
    assert institute.label == "ORG"
    assert [speaker.name for speaker in only_claim(found).attributed_to] == ["Robert Lansing Institute"]


def test_a_weapon_makes_a_claim(read: Read) -> None:
    claim = only_claim(read(article("VTT-323")))
    assert (claim.type, claim.object, claim.actor, claim.recipient) == ("arms_use", "VTT-323", "KP", "RU")


def test_a_verb_makes_a_claim(read: Read) -> None:
    told = article("whisked")
    claim = only_claim(read(told))
    assert claim.quantity is not None
    assert claim.quantity.low == 900
    assert not read(told.replace("whisked", "conjured")).claims


def test_a_rule_makes_a_claim_with_its_unit(read: Read) -> None:
    claim = only_claim(read(article("lion")))
    assert claim.quantity is not None
    assert (claim.type, claim.quantity.low, claim.quantity.unit) == ("economy", 2, "item")
