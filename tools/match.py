"""Learns how far two claims must agree to tell one fact: part of `make train` (`tools/train.py`).

The claims are those that Tumen reads, as unsure as they are, by models that were not trained on the article; which of
them tell one fact, the labels say. The labels are learnt from as well, as claims that are read rightly, but count less.
One logistic regression over the levels of agreement of all pairs that the hard rules leave open makes
`streams/facts/weights.json`.

Only articles whose labels share their facts' ids teach anything: those of training/retold/ and ../shared/eval.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import evaluate
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from schemas import Claim, EnrichedArticle
from streams.facts import agreement, matching, slot
from streams.facts.agreement import Level
from streams.facts.lexicon import default_lexicon
from streams.facts.nodes import Node, Report
from streams.facts.profiles import Profile
from streams.facts.weights import PATH, Weights

# The inverse strength of regularisation, and what a pair of labels counts beside one of claims: by cross-validation.
STRENGTH, LABELLED = 0.5, 0.3
# Weights smaller than this are not kept.
LEAST_WEIGHT = 0.01
# What a level counts at least: figures that are rounded in passing on are too few in the articles to learn from.
AT_LEAST = {("figure", "compatible"): 0.0}

Told = tuple[Claim, str | None]
"""A claim, and the fact that it tells by its label; None where it has no label."""


def _as_read(label: evaluate.Record, enriched: EnrichedArticle) -> Iterator[Told]:
    records = [each.model_dump(mode="json") for each in enriched.claims]
    pairs = evaluate.pairs(label["claims"], records, label["text"])
    facts = {theirs: label["claims"][mine].get("fact") for mine, theirs in pairs}
    for number, claim in enumerate(enriched.claims):
        yield claim, facts.get(number)


def _as_labelled(label: evaluate.Record) -> Iterator[Told]:
    for each in label["claims"]:
        yield evaluate.claim_of(label, each), each.get("fact")


def _compared(claims: Iterable[Told]) -> Iterator[tuple[list[Level], bool]]:
    """Yield the levels of agreement of each two claims of a slot, and whether they tell one fact."""
    slots: dict[str, list[tuple[Node, str | None]]] = defaultdict(list)
    for claim, fact in claims:
        node = Node.new(Profile.of(claim, default_lexicon()))
        node.add(Report.of(claim))
        for other, its in slots[slot(claim)]:
            if node.profile.negated == other.profile.negated and matching.comparable(node, other):
                yield list(agreement.levels(node, other, default_lexicon())), fact is not None and fact == its
        slots[slot(claim)].append((node, fact))


def learnt(articles: Sequence[tuple[evaluate.Record, EnrichedArticle]]) -> dict[str, Any]:
    """Return the base and the weights of each attribute's levels, learnt from labelled articles as they were read."""
    read = list(_compared(told for label, enriched in articles for told in _as_read(label, enriched)))
    labelled = list(_compared(told for label, _ in articles for told in _as_labelled(label)))
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([{f"{name}:{level}": 1 for name, level in each} for each, _ in read + labelled])
    # liblinear takes 32-bit indices only
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=500)
    model.fit(
        matrix,
        np.array([same for _, same in read + labelled]),
        sample_weight=[1.0] * len(read) + [LABELLED] * len(labelled),
    )
    weights: dict[str, dict[str, float]] = {}
    for feature, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True):
        name, level = str(feature).split(":", 1)
        weight = max(weight, AT_LEAST.get((name, level), weight))
        if abs(weight) >= LEAST_WEIGHT:
            weights.setdefault(name, {})[level] = round(float(weight), 2)
    return {"base": round(float(model.intercept_[0]), 2), "weights": weights}


def weights(content: dict[str, Any]) -> Weights:
    """Return what was learnt, ready to weigh with."""
    return Weights(content["base"], content["weights"])


def write(content: dict[str, Any], path: Path = PATH) -> None:
    """Write what was learnt."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
