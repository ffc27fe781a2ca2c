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
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import evaluate
import match
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from schemas import ClaimType, EnrichedArticle, Status
from streams import logging
from streams.cli.intake import Intake
from streams.extract import Extractor
from streams.extract.choices import Draft
from streams.extract.claims import Choosable
from streams.extract.linear import YES, LinearModel
from streams.extract.models import FOLDER, Models
from streams.facts.weights import Weights
from streams.reading import Found
from streams.settings import Settings

LABELS = {"types": [str(type_) for type_ in ClaimType], "status": [str(Status.PLANNED), str(Status.POSSIBLE)]}
"""The labels of the models; all others have one, `yes`."""

TRAINING = evaluate.ROOT / "training"
RETOLD = TRAINING / "retold"
FIGURES = TRAINING / "cross-validated.json"

NAMES = [each.name for each in fields(Models)]

# The inverse strength of regularisation, and what an article that is not of the standard counts: by cross-validation.
STRENGTH, OTHERS = 0.4, 0.5
# Who acts and where it is are matters of convention, in which others differ more.
LESS = {"direction": 0.15, "target": 0.15, "place": 0.3}
# Features that fewer examples have are not learnt; weights smaller than the least are not kept.
SEEN, LEAST_WEIGHT = 3, 0.04
# Features of what stands around a sentence. Each sentence is learnt once more without them: short texts have none.
AROUND, ALONE = ("q:", "n:", "t:", "at:"), 0.5
# A feature of the articles that are not of the standard: it takes up that their authors label more densely.
OTHER_HAND = "other hand"

Read = tuple[dict[str, Any], Found, EnrichedArticle]
"""The label of an article, the article, and what was read in it."""


@dataclass(slots=True)
class Example:
    """What a model is asked about, and the labels that hold. Options of one choice have the same `question`."""

    features: set[str]
    labels: set[str]
    question: int = 0
    answered: bool = True  # whether the question has an answer at all


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
    sentences = [Example(claims.features(reading), set()) for reading in readings]
    for claim in label["claims"]:
        quote = evaluate.labelled_span(claim, article.text)
        shared = [min(quote[1], end) - max(quote[0], start) for start, end in spans]
        sentences[max(range(len(spans)), key=shared.__getitem__)].labels.add(claim["type"])
    labelled.examples["types"] = [
        each for each, reading in zip(sentences, readings, strict=True) if not reading.sentence.of("boilerplate")
    ]
    # what the labels claim is drafted as if the models had found it: so the choices are learnt one by one
    _, claims = extractor.read(article)
    drafts = list(
        claims.drafts(lambda reading: {ClaimType(label): 1.0 for label in sorted(sentences[reading.index].labels)})
    )
    records = [_record(draft, document.offsets(*draft.passage)) for draft, _ in drafts]
    for number, (mine, theirs) in enumerate(evaluate.pairs(label["claims"], records, article.text)):
        draft, may = drafts[theirs]
        for name, example in _choices(label["claims"][mine], draft, may):
            example.question = number
            labelled.examples[name].append(example)


def _record(draft: Draft, span: tuple[int, int]) -> dict[str, Any]:
    figure = draft.figure
    quantity = {"low": figure.low, "high": figure.high, "unit": figure.unit} if figure else None
    return {"type": str(draft.type), "evidence": {"start": span[0], "end": span[1]}, "quantity": quantity}


def _choices(label: Mapping[str, Any], draft: Draft, may: Choosable) -> Iterator[tuple[str, Example]]:
    """Yield what a labelled claim teaches each model of choices."""

    def yes(features: set[str], holds: bool) -> Example:
        return Example(features, {YES} if holds else set())

    def options(attribute: str, key: str, found: Iterable[tuple[str, set[str]]]) -> Iterator[tuple[str, Example]]:
        for value, features in found:
            got = [{"name": value}] if attribute == "attributed_to" else value
            holds = bool(label[attribute]) and evaluate.agrees(attribute, label, {attribute: got})
            example = yes(features, holds)
            example.answered = bool(label[attribute])
            yield key, example

    if draft.type is ClaimType.RESPONSE:
        yield "target", yes(may.direction, label["recipient"] == "KP")
        yield from options("actor", "responder", may.responders)
    elif not draft.fixed:
        yield "direction", yes(may.direction, label["actor"] == "KP")
    yield "status", Example(may.status, {label["status"]} - {"happened"})
    yield "negated", yes(may.status, label["negated"])
    yield "background", yes(may.background, label["background"])
    yield from options("place", "place", [(place.name, each) for place, each in may.places])
    yield from options("when", "when", [(day.value, each) for day, each in may.dates])
    yield from options("attributed_to", "speaker", [(speaker.name, each) for speaker, each in may.speakers])


@dataclass(frozen=True, slots=True)
class Scale:
    """What makes the log-odds of a model straight, and from which probability on a label is taken.

    `proposed` is added for a type of claim that the rules propose: they are righter than the models alone learn.
    """

    slope: float
    proposed: float
    shift: float
    least: float


class Fit:
    """One logistic regression a label, over examples."""

    def __init__(self, articles: Sequence[Labelled], name: str) -> None:
        self.labels = LABELS.get(name, [YES])
        examples = [
            (example, 1.0 if each.standard else LESS.get(name, OTHERS), set() if each.standard else {OTHER_HAND})
            for each in articles
            for example in each.examples[name]
        ]
        seen = Counter(feature for example, _, _ in examples for feature in example.features)
        known = {feature for feature, times in seen.items() if times >= SEEN}
        rows = [(example.features & known | hand, example.labels, weight) for example, weight, hand in examples]
        if name == "types":
            rows += [
                ({feature for feature in features if not feature.startswith(AROUND)}, labels, weight * ALONE)
                for features, labels, weight in rows
            ]
        self._vectors = DictVectorizer()
        matrix = self._vectors.fit_transform([dict.fromkeys(features, 1) for features, _, _ in rows])
        # liblinear takes 32-bit indices only
        matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")
        weights = [weight for _, _, weight in rows]
        self._models = []
        for label in self.labels:
            told = np.array([label in labels for _, labels, _ in rows])
            if told.all() or not told.any():
                raise SystemExit(f"the labelled articles are too few: model {name} sees nothing to tell {label} by")
            model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=500)
            self._models.append(model.fit(matrix, told, sample_weight=weights))

    def logits(self, examples: Sequence[Example]) -> Any:
        """Return the log-odds of each label (columns) for each example (rows)."""
        matrix = self._vectors.transform([dict.fromkeys(example.features, 1) for example in examples])
        return np.stack([matrix @ model.coef_[0] + model.intercept_[0] for model in self._models], axis=1)

    def model(self, scale: Scale) -> LinearModel:
        """Return the model with its log-odds made straight: times the slope, plus the shift."""
        weights: dict[str, dict[str, float]] = {}
        for label, model in zip(self.labels, self._models, strict=True):
            for name, weight in zip(self._vectors.get_feature_names_out(), scale.slope * model.coef_[0], strict=True):
                if abs(weight) >= LEAST_WEIGHT and name != OTHER_HAND:
                    weights.setdefault(str(name), {})[label] = round(float(weight), 2)
        for label in self.labels:
            if scale.proposed and f"y:{label}" in weights:
                by_label = weights[f"y:{label}"]
                by_label[label] = round(by_label.get(label, 0.0) + scale.proposed, 2)
        intercepts = {
            label: round(scale.slope * float(model.intercept_[0]) + scale.shift, 2)
            for label, model in zip(self.labels, self._models, strict=True)
        }
        return LinearModel(intercepts, dict.fromkeys(self.labels, scale.least), weights)


class CrossFit:
    """Models of folds: each fold of the articles has models that were trained on all others."""

    def __init__(self, articles: Sequence[Labelled], folds: int) -> None:
        self.held: list[list[Labelled]] = []
        self._fits: list[dict[str, Fit]] = []
        for held, rest in parted(articles, folds):
            self.held.append(held)
            self._fits.append({name: Fit(rest, name) for name in NAMES})
        self.scales = {name: self._scale(name) for name in NAMES}

    def models(self) -> Iterator[tuple[Models, list[Labelled]]]:
        """Yield each fold's models with the articles that they have not seen."""
        for fits, held in zip(self._fits, self.held, strict=True):
            yield Models(**{name: fit.model(self.scales[name]) for name, fit in fits.items()}), held

    def _scale(self, name: str) -> Scale:
        """Calibrate a model by what its folds say of articles that they have not seen, those of the standard if any."""
        alone = any(each.standard for held in self.held for each in held)
        logits, told, asked = [], [], []
        for fits, held in zip(self._fits, self.held, strict=True):
            examples = [
                (example, each.label["id"])
                for each in held
                if each.standard or not alone
                for example in each.examples[name]
            ]
            if examples:
                logits.append(fits[name].logits([example for example, _ in examples]))
                told += [[label in example.labels for label in fits[name].labels] for example, _ in examples]
                asked += examples
        sums, truth = np.concatenate(logits), np.array(told)
        labels = self._fits[0][name].labels
        proposed = np.array([[f"y:{label}" in example.features for label in labels] for example, _ in asked])
        scaling = LogisticRegression(C=1e6).fit(np.stack([sums, proposed], axis=2).reshape(-1, 2), truth.reshape(-1))
        (slope, bonus), (shift,) = scaling.coef_[0], scaling.intercept_
        sure = 1 / (1 + np.exp(-(slope * sums + bonus * proposed + shift)))
        limits = [round(float(limit), 2) for limit in np.arange(0.2, 0.7, 0.02)]
        least = 0.5
        if name == "types":
            least = max(limits, key=lambda limit: _f1(sure >= limit, truth))
        elif name in ("place", "when", "responder"):
            least = max(limits, key=lambda limit: _agreement(sure[:, 0], asked, limit, several=False))
        elif name == "speaker":
            least = max(limits, key=lambda limit: _agreement(sure[:, 0], asked, limit, several=True))
        return Scale(float(slope), float(bonus), float(shift), least)


def _f1(predicted: Any, told: Any) -> float:
    return float(2 * (predicted & told).sum() / (predicted.sum() + told.sum()))


def _agreement(sure: Any, asked: Sequence[tuple[Example, str]], limit: float, *, several: bool) -> int:
    """Count the questions that are answered rightly where options as likely as the limit are taken, or the best one."""
    questions: dict[tuple[str, int], list[tuple[float, Example]]] = defaultdict(list)
    for probability, (example, article) in zip(sure, asked, strict=True):
        questions[article, example.question].append((probability, example))
    right = 0
    for options in questions.values():
        likely = [each for each in options if each[0] >= limit]
        taken = likely if several else [max(likely, key=lambda each: each[0])] if likely else []
        answered = options[0][1].answered
        right += any(example.labels for _, example in taken) if answered else not taken
    return right


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
    path.parent.mkdir(exist_ok=True)
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
    parser.add_argument("--folds", type=int, default=4, metavar="K")
    parser.add_argument("--dry-run", action="store_true", help="only cross-validate")
    options = parser.parse_args()
    logging.configure(Settings.load())
    nothing = LinearModel({}, {}, {})
    extractor = Extractor.load(models=Models(**dict.fromkeys(NAMES, nothing)))
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
        for name in NAMES:
            write(Fit(articles, name).model(cross.scales[name]), FOLDER / f"{name}.json")
        if retold:
            match.write(match.learnt([(label, enriched) for label, _, enriched in retold + unseen[True]]))
        FIGURES.write_text(json.dumps({"folds": options.folds, "scores": figures}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
