"""The trained models, and what they are made of."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from streams.errors import KnowledgeError
from streams.extract.linear import LinearModel
from streams.extract.models import Models

YES = LinearModel({"yes": -1.0}, {"yes": 0.5}, {"warm": {"yes": 3.0}, "wet": {"yes": -1.5}})


def test_features_speak_for_and_against() -> None:
    assert YES.probabilities([])["yes"] == pytest.approx(0.269, abs=0.001)
    assert YES.probabilities(["warm", "never met"])["yes"] == pytest.approx(0.881, abs=0.001)
    assert YES.holds({"warm"})
    assert not YES.holds({"warm", "wet", "cold"} - {"warm"})


def test_the_likeliest_option_is_taken_and_none_where_none_is_likely() -> None:
    assert YES.best([("a", {"warm", "wet"}), ("b", {"warm"})]) == "b"
    assert YES.best([("a", {"wet"}), ("b", set())]) is None
    assert YES.best([]) is None


def test_reasons_are_the_weightiest_features() -> None:
    assert YES.reasons(["warm", "wet", "never met"], "yes", 2) == [("warm", 3.0), ("wet", -1.5)]


def test_a_damaged_model_is_told_with_its_file_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "types.json").write_text("{")
    with pytest.raises(KnowledgeError, match=r"types\.json.*make train"):
        Models.load(tmp_path)


READS = """
import json, sys
from datetime import datetime, UTC
from schemas import Article
from streams.extract import Extractor
text = sys.argv[1]
article = Article(text=text, language="en").completed(datetime(2025, 5, 1, tzinfo=UTC))
print(json.dumps([claim.model_dump(mode="json") for claim in Extractor.load(["en"]).extract(article).claims]))
"""


def test_every_process_reads_alike() -> None:
    text = (
        "South Korea's National Intelligence Service said on Monday that about 11,000 North Korean soldiers had been "
        "sent to Russia's Kursk region. Sergei Shoigu met Kim Jong Un in Pyongyang last week."
    )
    read = [
        subprocess.run(
            [sys.executable, "-c", READS, text],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert read[0] == read[1]
    assert len(json.loads(read[0])) >= 2
