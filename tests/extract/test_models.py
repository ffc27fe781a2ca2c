"""The trained models, and what they are made of."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from schemas import Article
from streams.errors import KnowledgeError
from streams.extract import Extractor
from streams.extract.claims import Claims
from streams.extract.linear import LinearModel
from streams.extract.models import Models
from streams.extract.network import Network, in_units

YES = LinearModel({"yes": -1.0}, {"yes": 0.5}, {"warm": {"yes": 3.0}, "wet": {"yes": -1.5}})


def test_features_speak_for_and_against() -> None:
    assert YES.probabilities([])["yes"] == pytest.approx(0.269, abs=0.001)
    assert YES.probabilities(["warm", "never met"])["yes"] == pytest.approx(0.881, abs=0.001)
    assert YES.holds({"warm"})
    assert not YES.holds({"warm", "wet", "cold"} - {"warm"})


def test_the_likeliest_option_is_taken() -> None:
    assert YES.best([("a", {"warm", "wet"}), ("b", {"warm"})]) == "b"
    assert YES.best([("a", {"wet"}), ("b", set())]) == "b"
    assert YES.best([("a", {"warm"}), (None, {"warm", "wet"})]) == "a"
    assert YES.best([(None, set()), ("a", {"wet"})]) is None
    assert YES.best([]) is None


# what is taken when it is rather there than not
SEVERAL = LinearModel({"yes": 0.0}, {"yes": 0.8}, {"warm": {"yes": 3.0}, "wet": {"yes": -1.0}})


def test_options_are_weighed_against_there_being_none() -> None:
    options = [("a", {"warm"}), ("b", {"wet"}), ("c", {"warm", "wet"})]
    assert SEVERAL.leading([(None, set()), *options]) == ["a", "c"]
    assert SEVERAL.leading([(None, {"warm"}), *options]) == []
    assert SEVERAL.leading([]) == []


# "warm" and "wet" speak for "grows" together, and neither alone
NETWORK = Network(
    ["grows", "rots"],
    0.5,
    ["warm", "wet"],
    in_units(np.array([[1.0, 0.0], [1.0, 1.0]])),
    biases=[-1.0, 0.0],
    outputs=[[6.0, 0.0], [0.0, 1.0]],
    intercepts=[-3.0, -2.0],
)


def test_a_network_tells_what_holds_together() -> None:
    assert NETWORK.certain({"warm", "wet", "never met"}) == {"grows": pytest.approx(0.953, abs=0.001)}
    assert NETWORK.certain({"warm"}) == NETWORK.certain({"wet"}) == {}
    assert NETWORK.alone("wet", "rots") == pytest.approx(1.0)


def test_reasons_are_the_features_without_which_it_would_be_less_likely() -> None:
    assert NETWORK.reasons({"warm", "wet", "never met"}, "grows", 3) == [("warm", 6.0), ("wet", 6.0)]
    assert NETWORK.reasons({"warm", "wet"}, "rots", 1) == [("wet", 1.0)]


def test_a_network_is_read_as_it_was_written(tmp_path: Path) -> None:
    NETWORK.save(tmp_path / "kept.npz")
    kept = Network.load(tmp_path / "kept.npz")
    for features in ({"warm"}, {"warm", "wet"}, set[str]()):
        assert kept.probabilities(features) == NETWORK.probabilities(features)
    assert kept.least == NETWORK.least
    assert kept.knows("warm")
    assert not kept.knows("cold")


def test_a_damaged_model_is_told_with_its_file_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "types.npz").write_text("{")
    with pytest.raises(KnowledgeError, match=r"types\.npz.*make train"):
        Models.load(tmp_path)
    (tmp_path / "when.json").write_text("{")
    with pytest.raises(KnowledgeError, match=r"when\.json.*make train"):
        LinearModel.load(tmp_path / "when.json")


READS = """
import json, sys
from datetime import datetime, UTC
from schemas import Article
from streams.extract import Extractor
text = sys.argv[1]
article = Article(text=text, language="en").completed(datetime(2025, 5, 1, tzinfo=UTC))
print(json.dumps([claim.model_dump(mode="json") for claim in Extractor.load(["en"]).extract(article).claims]))
"""


def test_a_claim_that_is_unsure_is_told_only_beside_one_that_is_likelier_than_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extractor = Extractor.load(["en"])
    sure = {"troops": 0.45, "arms": 0.45}
    monkeypatch.setattr(
        Network, "certain", lambda _, seen: {kind: each for kind, each in sure.items() if f"r:{kind}" in seen}
    )
    monkeypatch.setattr(Claims, "features", lambda _, reading: {"r:arms" if reading.index else "r:troops"})
    article = Article(
        text="North Korea sent 3,000 soldiers to Russia. North Korea shipped 100 guns to Russia.", language="en"
    ).completed(datetime(2025, 5, 1, tzinfo=UTC))
    enriched, steps = extractor.explain(article)
    assert (enriched.relevant, enriched.claims) == (False, [])
    assert not [step for step in steps if step.claimed]
    assert [step.outcome for step in steps if "nothing in the article is likelier than not" in step.outcome]
    sure["arms"] = 0.6
    assert {claim.type.value for claim in extractor.extract(article).claims} == {"troops", "arms"}


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
