"""Trains the models of streams/extract/trained/ on labelled articles: `make train`.

    python tools/train.py [FILE.jsonl ...] [--folds K] [--dry-run]

Without files: training/ of this project, and ../shared/eval where it is. First the articles are parted into K parts;
each part is read with models trained on the others, and the score of all parts together is printed and kept in
training/cross-validated.json: the figure to expect on articles never seen. Then models are trained on all and written.

Those of training/retold/ tell facts of ../shared/eval in other words: they are left out of the cross-validation. From
them, as models read them that were trained without them, it is learnt how far two claims must agree to tell one fact
(`match.py`): for the figures from them alone, for `streams/facts/weights.json` from ../shared/eval as well.
The articles of ../shared/eval, where they are, set the standard: probabilities are calibrated on them, and others
count less. Calibration and thresholds (three numbers a model) are taken from all parts together.
"""

import argparse
import json
import random
import sys
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import evaluate
import match
import numpy as np
from network_training import train
from scipy.optimize import minimize
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from schemas import ClaimType, EnrichedArticle, Status
from streams import logging
from streams.cli.intake import Intake
from streams.extract import Extractor
from streams.extract.choices import Draft
from streams.extract.claims import LIKELY, Choosable
from streams.extract.figure import Figure
from streams.extract.linear import YES, LinearModel
from streams.extract.models import CHOICES, FOLDER, Models
from streams.extract.network import Network, in_units
from streams.facts.weights import Weights
from streams.reading import Found
from streams.settings import Settings

LABELS = {"types": [str(type_) for type_ in ClaimType], "status": [str(Status.PLANNED), str(Status.POSSIBLE)]}
"""The labels of the models; all others have one, `yes`."""

TRAINING = evaluate.ROOT / "training"
RETOLD = TRAINING / "retold"
FIGURES = TRAINING / "cross-validated.json"

NAMES = ["types", *CHOICES]

# The inverse strength of regularisation, and what an article that is not of the standard counts: by cross-validation.
STRENGTH, OTHERS = 0.4, 0.2
# Where a thing is and who says so are matters of convention less than of grammar.
MORE = {"place": 0.3, "speaker": 0.5}
# Features that fewer examples have are not learnt; weights smaller than the least are not kept.
SEEN, LEAST_WEIGHT = 3, 0.04
# Features of what stands around a sentence. Each sentence is learnt once more without them: short texts have none.
AROUND, ALONE = ("q:", "n:", "t:", "at:"), 0.5
# Networks, each begun by chance in another way, of which the mean is taken.
NETWORKS = 3
# What is chosen among options that exclude each other, of which one is that nothing holds.
CHOSEN = frozenset({"place", "when", "speaker", "responder"})
# What keeps a logarithm finite.
_TINY = 1e-300
# From which probability on, against there being none, another speaker is taken beside the likeliest. Agreement hardly
# depends on it; below, who only acts in a claim is taken for one who tells of it, too.
BESIDE = 0.9
# Thresholds with an F1 so close to the best are as good: of them the lowest is taken, for other authors label more
# densely than those of the standard.
AS_GOOD = 0.003
# A feature of the articles that are not of the standard: it takes up that their authors label more densely.
OTHER_HAND = "other hand"

Read = tuple[dict[str, Any], Found, EnrichedArticle]
"""The label of an article, the article, and what was read in it."""

UNTRAINED = Models(
    Network(LABELS["types"], 0.5, [], np.zeros((0, 1)), [0], np.zeros((1, len(ClaimType))), [0] * len(ClaimType)),
    **dict.fromkeys(CHOICES, LinearModel({}, {}, {})),
)
"""Models that know nothing: what articles teach is read with them."""

Row = tuple[set[str], set[str], float]
"""The features and labels of an example, and what it counts."""


@dataclass(slots=True)
class Example:
    """What a model is asked about, and the labels that hold. Options of one choice have the same `question`."""

    features: set[str]
    labels: set[str]
    question: int = 0


@dataclass(slots=True)
class Labelled:
    """A labelled article with what it teaches each model."""

    found: Found
    label: dict[str, Any]
    standard: bool
    retold: bool
    examples: dict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))


def labelled(files: Iterable[Path], extractor: Extractor) -> list[Labelled]:
    """Read labelled articles, and what they teach."""
    found = []
    for path in files:
        labels = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for each, label in zip(Intake((path,)), labels, strict=True):
            article = Labelled(
                each, label, *(path.resolve().parent == each.resolve() for each in (evaluate.SHARED, RETOLD))
            )
            teach(article, extractor)
            found.append(article)
    return found


def teach(labelled: Labelled, extractor: Extractor) -> None:
    """Add what an article teaches."""
    article, label = labelled.found.article, labelled.label
    document, claims = extractor.read(article)
    if not claims.concerned:
        return
    readings = claims.readings()
    spans = [document.offsets(reading.sentence.start, reading.sentence.end) for reading in readings]
    told: list[dict[ClaimType, list[Mapping[str, Any]]]] = [defaultdict(list) for _ in readings]
    for claim in label["claims"]:
        quote = evaluate.labelled_span(claim, article.text)
        shared = [min(quote[1], end) - max(quote[0], start) for start, end in spans]
        told[max(range(len(spans)), key=shared.__getitem__)][ClaimType(claim["type"])].append(claim)
    for reading, by_type in zip(readings, told, strict=True):
        if reading.sentence.of("boilerplate"):
            continue
        labelled.examples["types"].append(Example(claims.features(reading), set(map(str, by_type))))
        for type_, mine in by_type.items():
            for figure, features in claims.figures(reading, type_, by_type):
                holds = any(_is(figure, claim["quantity"]) for claim in mine)
                labelled.examples["figure"].append(Example(features, {YES} if holds else set()))
    # what the labels claim is drafted as if the models had found it: so the choices are learnt one by one
    _, claims = extractor.read(article)
    drafts = list(
        claims.drafts(
            lambda reading: dict.fromkeys(sorted(told[reading.index]), 1.0),
            lambda reading, type_, _: [
                figure
                for figure in reading.figures
                if any(_is(figure, claim["quantity"]) for claim in told[reading.index][type_])
            ],
        )
    )
    records = [_record(draft, document.offsets(*draft.passage)) for draft, _ in drafts]
    for number, (mine, theirs) in enumerate(evaluate.pairs(label["claims"], records, article.text)):
        draft, may = drafts[theirs]
        for name, example in _choices(label["claims"][mine], draft, may):
            example.question = number
            labelled.examples[name].append(example)


def _is(figure: Figure, quantity: Mapping[str, Any] | None) -> bool:
    """Tell whether a figure is that of a label; what it counts may be read wrongly."""
    return quantity is not None and (figure.low, figure.high) == (quantity["low"], quantity["high"])


def _record(draft: Draft, span: tuple[int, int]) -> dict[str, Any]:
    figure = draft.figure
    quantity = {"low": figure.low, "high": figure.high, "unit": figure.unit} if figure else None
    return {"type": str(draft.type), "evidence": {"start": span[0], "end": span[1]}, "quantity": quantity}


def _choices(label: Mapping[str, Any], draft: Draft, may: Choosable) -> Iterator[tuple[str, Example]]:
    """Yield what a labelled claim teaches each model of choices."""

    def yes(features: set[str], holds: bool) -> Example:
        return Example(features, {YES} if holds else set())

    def options(
        attribute: str, key: str, found: Iterable[tuple[str | None, set[str]]]
    ) -> Iterator[tuple[str, Example]]:
        for value, features in found:
            got = [{"name": value}] if attribute == "attributed_to" and value else value
            yield key, yes(features, evaluate.agrees(attribute, label, {attribute: got}))

    if draft.type is ClaimType.RESPONSE:
        yield "target", yes(may.direction, label["recipient"] == "KP")
        yield from options("actor", "responder", may.responders)
    elif not draft.fixed:
        yield "direction", yes(may.direction, label["actor"] == "KP")
    yield "status", Example(may.status, {label["status"]} - {"happened"})
    yield "negated", yes(may.status, label["negated"])
    yield "background", yes(may.background, label["background"])
    yield from options("place", "place", [(place and place.name, each) for place, each in may.places])
    yield from options("when", "when", [(day and day.value, each) for day, each in may.dates])
    yield from options("attributed_to", "speaker", [(speaker and speaker.name, each) for speaker, each in may.speakers])


@dataclass(frozen=True, slots=True)
class Scale:
    """What makes the log-odds of a model straight, and from which probability on a label is taken."""

    slope: float
    shift: float
    least: float


class Fit(ABC):
    """What a model learns from articles."""

    def __init__(self, articles: Sequence[Labelled], name: str) -> None:
        self.labels = LABELS.get(name, [YES])
        examples = [
            (example, 1.0 if each.standard else MORE.get(name, OTHERS), set() if each.standard else {OTHER_HAND})
            for each in articles
            for example in self._instructive(each.examples[name])
        ]
        seen = Counter(feature for example, _, _ in examples for feature in example.features)
        known = {feature for feature, times in seen.items() if times >= SEEN}
        rows = self._varied(
            [(example.features & known | hand, example.labels, weight) for example, weight, hand in examples]
        )
        told = np.array([[label in labels for label in self.labels] for _, labels, _ in rows])
        for label, column in zip(self.labels, told.T, strict=True):
            if column.all() or not column.any():
                raise SystemExit(f"the labelled articles are too few: model {name} sees nothing to tell {label} by")
        self._vectors = DictVectorizer(dtype=np.float32)
        matrix = self._vectors.fit_transform([dict.fromkeys(features, 1) for features, _, _ in rows])
        self._learn(matrix, told, np.array([weight for _, _, weight in rows], dtype=np.float32))

    def _instructive(self, examples: list[Example]) -> list[Example]:
        """Return, of an article's examples, those to learn from."""
        return examples

    def _varied(self, rows: list[Row]) -> list[Row]:
        return rows

    @abstractmethod
    def _learn(self, matrix: Any, told: Any, weights: Any) -> None:
        """Learn from features (examples x features), labels (examples x labels) and what each example counts."""

    @abstractmethod
    def _sums(self, matrix: Any) -> Any:
        """Return the log-odds of each label (columns) for each row of features."""

    def logits(self, examples: Sequence[Example]) -> Any:
        """Return the log-odds of each label (columns) for each example (rows)."""
        return self._sums(self._vectors.transform([dict.fromkeys(example.features, 1) for example in examples]))

    @property
    def _features(self) -> list[str]:
        return [str(name) for name in self._vectors.get_feature_names_out()]


class LinearFit(Fit):
    """One logistic regression a label."""

    def _learn(self, matrix: Any, told: Any, weights: Any) -> None:
        # liblinear takes 32-bit indices only
        matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")
        models = [
            LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=500).fit(matrix, column, sample_weight=weights)
            for column in told.T
        ]
        self._weights = np.stack([model.coef_[0] for model in models], axis=1)
        self._intercepts = np.array([model.intercept_[0] for model in models])

    def _sums(self, matrix: Any) -> Any:
        return matrix @ self._weights + self._intercepts

    def model(self, scale: Scale) -> LinearModel:
        """Return the model with its log-odds made straight: times the slope, plus the shift."""
        weights: dict[str, dict[str, float]] = {}
        for name, row in zip(self._features, scale.slope * self._weights, strict=True):
            for label, weight in zip(self.labels, row, strict=True):
                if abs(weight) >= LEAST_WEIGHT and name != OTHER_HAND:
                    weights.setdefault(name, {})[label] = round(float(weight), 2)
        intercepts = {
            label: round(float(scale.slope * intercept + scale.shift), 2)
            for label, intercept in zip(self.labels, self._intercepts, strict=True)
        }
        return LinearModel(intercepts, dict.fromkeys(self.labels, scale.least), weights)


class ChoiceFit(LinearFit):
    """A conditional logit: of the options of a question one is chosen, whichever of those that hold.

    McFadden, "Conditional logit analysis of qualitative choice behavior" (1974).
    """

    def __init__(self, articles: Sequence[Labelled], name: str) -> None:
        self._sizes: list[int] = []  # of the questions, in order
        super().__init__(articles, name)

    def _instructive(self, examples: list[Example]) -> list[Example]:
        """Return the examples of questions that have a right option."""
        kept = [options for options in _questions(examples) if any(option.labels for option in options)]
        self._sizes += map(len, kept)
        return [option for options in kept for option in options]

    def _learn(self, matrix: Any, told: Any, weights: Any) -> None:
        right = told[:, 0]
        begin = np.cumsum([0, *self._sizes[:-1]])
        question = np.repeat(np.arange(len(self._sizes)), self._sizes)
        importance = STRENGTH * weights[begin]

        def shares(odds: Any) -> tuple[Any, Any]:
            """Return the logarithm of the sum of each question's odds, and each option's share of it."""
            sums = np.add.reduceat(odds, begin)
            return np.log(sums), odds / sums[question]

        def loss(learnt: Any) -> tuple[float, Any]:
            sums = matrix @ learnt
            odds = np.exp(sums - np.maximum.reduceat(sums, begin)[question])
            (all_, share), (good, share_of_good) = shares(odds), shares(np.maximum(odds, _TINY) * right)
            error = (share - share_of_good) * importance[question]
            return float(importance @ (all_ - good) + learnt @ learnt / 2), matrix.T @ error + learnt

        self._weights = minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B").x[:, None]
        self._intercepts = np.zeros(1)


class NetworkFit(Fit):
    """A few networks, whose log-odds are averaged: that is one wider network."""

    def _varied(self, rows: list[Row]) -> list[Row]:
        alone = [
            ({feature for feature in features if not feature.startswith(AROUND)}, labels, weight * ALONE)
            for features, labels, weight in rows
        ]
        return rows + alone

    def _learn(self, matrix: Any, told: Any, weights: Any) -> None:
        self._networks = [train(matrix, told, weights, seed) for seed in range(NETWORKS)]

    def _sums(self, matrix: Any) -> Any:
        return np.mean([each.log_odds(matrix) for each in self._networks], axis=0)

    def model(self, scale: Scale) -> Network:
        """Return the network with its log-odds made straight: times the slope, plus the shift."""
        names, each = self._features, self._networks
        kept = [row for row, name in enumerate(names) if name != OTHER_HAND]
        return Network(
            self.labels,
            scale.least,
            [names[row] for row in kept],
            in_units(np.concatenate([network.inputs for network in each], axis=1)[kept]),
            np.concatenate([network.biases for network in each]),
            np.concatenate([network.outputs for network in each]) * scale.slope / len(each),
            np.mean([network.intercepts for network in each], axis=0) * scale.slope + scale.shift,
        )


def fitted(articles: Sequence[Labelled], name: str) -> LinearFit | NetworkFit:
    """Train a model on articles."""
    if name == "types":
        return NetworkFit(articles, name)
    return ChoiceFit(articles, name) if name in CHOSEN else LinearFit(articles, name)


class CrossFit:
    """Models of folds: each fold of the articles has models that were trained on all others."""

    def __init__(self, articles: Sequence[Labelled], folds: int) -> None:
        self.held: list[list[Labelled]] = []
        self._fits: list[dict[str, LinearFit | NetworkFit]] = []
        for held, rest in parted(articles, folds):
            self.held.append(held)
            self._fits.append({name: fitted(rest, name) for name in NAMES})
        self.scales = {name: self._scale(name) for name in NAMES}

    def models(self) -> Iterator[tuple[Models, list[Labelled]]]:
        """Yield each fold's models with the articles that they have not seen."""
        for fits, held in zip(self._fits, self.held, strict=True):
            yield Models(**{name: fit.model(self.scales[name]) for name, fit in fits.items()}), held

    def _scale(self, name: str) -> Scale:
        """Calibrate a model by what its folds say of articles that they have not seen, those of the standard if any."""
        if name in CHOSEN:  # which option is the likeliest needs no scale
            return Scale(1.0, 0.0, BESIDE)
        alone = any(each.standard for held in self.held for each in held)
        asked = [
            (fits[name], each.examples[name])
            for fits, held in zip(self._fits, self.held, strict=True)
            for each in held
            if (each.standard or not alone) and each.examples[name]
        ]
        sums = np.concatenate([fit.logits(examples) for fit, examples in asked])
        truth = np.array([[label in e.labels for label in fit.labels] for fit, examples in asked for e in examples])
        scaling = LogisticRegression(C=1e6).fit(sums.reshape(-1, 1), truth.reshape(-1))
        ((slope,),), (shift,) = scaling.coef_, scaling.intercept_
        sure = 1 / (1 + np.exp(-(slope * sums + shift)))
        least = 0.5
        if name in ("types", "negated"):
            telling = np.full(len(sure), True)
            if name == "types":
                ends = np.cumsum([len(examples) for _, examples in asked])[:-1]
                telling = np.concatenate([np.full(len(each), each.max() >= LIKELY) for each in np.split(sure, ends)])
            # what is rare is told by too few examples to come over one half often enough
            scored = {
                round(float(limit), 2): _f1((sure >= limit) & telling[:, None], truth)
                for limit in np.arange(0.2, 0.7, 0.02)
            }
            best = max(scored.values())
            least = min(limit for limit, score in scored.items() if score >= best - AS_GOOD)
        return Scale(float(slope), float(shift), least)


def _f1(predicted: Any, told: Any) -> float:
    return float(2 * (predicted & told).sum() / (predicted.sum() + told.sum()))


def _questions(examples: Sequence[Example]) -> list[list[Example]]:
    """Return the options of each question."""
    return [list(options) for _, options in groupby(examples, key=lambda example: example.question)]


def parted(articles: Sequence[Labelled], folds: int) -> Iterator[tuple[list[Labelled], list[Labelled]]]:
    """Part articles into folds; yield each with all others."""
    order = sorted(articles, key=lambda each: each.label["id"])
    random.Random(1).shuffle(order)  # noqa: S311 - nothing secret
    for fold in range(folds):
        yield order[fold::folds], [each for at, each in enumerate(order) if at % folds != fold]


def read(extractor: Extractor, models: Models, articles: Iterable[Labelled]) -> list[Read]:
    """Read articles with models."""
    reader = extractor.with_models(models)
    return [(each.label, each.found, reader.extract(each.found.article)) for each in articles]


def scores(name: str, articles: Sequence[Read], matching: Weights | None) -> dict[str, Any]:
    """Print and return the scores of what was read, alerts by the weights of agreement given, or else those shipped."""
    gold = [label for label, _, _ in articles]
    found = evaluate.LabelledSet(name, gold, [(found, enriched) for _, found, enriched in articles])
    scored = found.scores(weights=matching)
    print(evaluate.table(name, scored), flush=True)
    return scored


def write(model: LinearModel, path: Path) -> None:
    """Write a model, one feature a line."""
    weights = ",\n".join(
        f"{json.dumps(feature, ensure_ascii=False)}: {json.dumps(by_label)}"
        for feature, by_label in sorted(model.weights.items())
    )
    head = f'"intercepts": {json.dumps(model.intercepts)},\n"least": {json.dumps(model.least)},\n"weights": '
    path.write_text(f"{{\n{head}{{\n{weights}\n}}\n}}\n", encoding="utf-8")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--folds", type=int, default=8, metavar="K")
    parser.add_argument("--dry-run", action="store_true", help="only cross-validate")
    options = parser.parse_args()
    logging.configure(Settings.load())
    extractor = Extractor.load(models=UNTRAINED)
    articles = labelled(
        options.files or [*sorted(TRAINING.rglob("*.jsonl")), *sorted(evaluate.SHARED.glob("dev-*.jsonl"))], extractor
    )
    print(f"{len(articles)} articles, {sum(len(each.label['claims']) for each in articles)} claims", file=sys.stderr)
    cross = CrossFit([each for each in articles if not each.retold], options.folds)
    unseen: dict[bool, list[Read]] = {True: [], False: []}
    retold: list[Read] = []
    for models, held in cross.models():
        for standard, found in unseen.items():
            found += read(extractor, models, [each for each in held if each.standard is standard])
        retold = retold or read(extractor, models, [each for each in articles if each.retold])
    # no weight of agreement is learnt from the articles of ../shared/eval that these figures are about
    matching = match.weights(match.learnt([(label, enriched) for label, _, enriched in retold])) if retold else None
    names = {True: "../shared/eval", False: "training/"}
    figures = {
        names[standard]: scores(f"{names[standard]}, cross-validated in {options.folds} parts", found, matching)
        for standard, found in unseen.items()
        if found
    }
    if not options.dry_run:
        FOLDER.mkdir(exist_ok=True)
        for name in NAMES:
            model = fitted(articles, name).model(cross.scales[name])
            if isinstance(model, Network):
                model.save(FOLDER / f"{name}.npz")
            else:
                write(model, FOLDER / f"{name}.json")
        if retold:
            match.write(match.learnt([(label, enriched) for label, _, enriched in retold + unseen[True]]))
        FIGURES.write_text(json.dumps({"folds": options.folds, "scores": figures}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
