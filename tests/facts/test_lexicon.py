"""Topics, people, places and speakers that facts are told apart by."""

from pathlib import Path

import pytest

from streams.errors import KnowledgeError
from streams.facts.lexicon import Lexicon, default_lexicon

LEXICON = default_lexicon()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("мільйон артилерійських снарядів", "shell"),
        ("миллион артиллерийских снарядов", "shell"),
        ("a million artillery rounds", "shell"),
        ("포탄 100만 발", "shell"),
        ("баллистическими ракетами", "missile"),
        ("탄도미사일을", "missile"),
        ("договір ратифіковано", "ratification"),
        ("four thousand casualties", "wounded"),
    ],
)
def test_topics_in_four_languages(text: str, topic: str) -> None:
    assert topic in LEXICON.topics.find(text)


@pytest.mark.parametrize(("text", "topic"), [("в частности", "wage"), ("формально", "uniform"), ("snuffed", "food")])
def test_stems_do_not_match_inside_other_words(text: str, topic: str) -> None:
    assert topic not in LEXICON.topics.find(text)


def test_places_lie_within_others() -> None:
    assert LEXICON.wholes("Kursk Region") == ["kursk oblast", "russia"]
    assert LEXICON.wholes("Vostochny Cosmodrome") == [
        "vostochny cosmodrome",
        "amur oblast",
        "russian far east",
        "russia",
    ]
    assert LEXICON.wholes("Nowhere") == ["nowhere"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("National Intelligence Service of South Korea", "Government of South Korea", True),
        ("Shin Won-sik", "South Korean officials", True),
        ("Western officials", "National Intelligence Service of South Korea", False),
        ("Joint Chiefs of Staff of South Korea", "National Intelligence Service of South Korea", False),
        ("Joint Chiefs of Staff of South Korea", "Armed Forces of South Korea", True),
        ("Government of North Korea", "Government of South Korea", False),
        ("Dmitry Peskov", "Kremlin", True),
    ],
)
def test_origins(one: str, other: str, same: bool) -> None:
    mine, theirs = [LEXICON.canonical(one)], [LEXICON.canonical(other)]
    assert LEXICON.same_origin(mine, theirs) is same
    assert LEXICON.same_origin(theirs, mine) is same


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("topics: {missile: 5}", ":1: topics.missile"),
        ("topic: {}", ":1: topic: no such key"),
        ("within: {Kursk: Kursk Oblast}\nsame: [[Kursk Oblast, Kursk]]", "Kursk: Kursk Oblast"),
        ("within: {", ":2: not YAML"),
        ("people: {Sergei Lavrov: [lavrov]}\nleaders: [Lavrov]", "leaders: Lavrov: not among the people"),
    ],
)
def test_faults_are_named(content: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(content)
    with pytest.raises(KnowledgeError, match=complaint) as caught:
        Lexicon.load(path)
    assert str(path) in caught.value.message
