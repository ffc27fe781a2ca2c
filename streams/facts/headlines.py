"""Headlines: one plain English sentence made from a fact, its speaker and what was known before."""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas.alert import AlertKind, Previous
from schemas.claim import Claim, ClaimType, Quantity, Status, Unit
from schemas.fact import Fact
from streams.facts.figures import EXACT_BELOW, middle


@dataclass(frozen=True, slots=True)
class State:
    """A state as a sentence needs it."""

    name: str
    adjective: str


STATES = {
    "KP": State("North Korea", "North Korean"),
    "RU": State("Russia", "Russian"),
    "UA": State("Ukraine", "Ukrainian"),
    "KR": State("South Korea", "South Korean"),
    "US": State("the United States", "American"),
    "JP": State("Japan", "Japanese"),
    "CN": State("China", "Chinese"),
    "GB": State("the United Kingdom", "British"),
    "FR": State("France", "French"),
    "DE": State("Germany", "German"),
    "AU": State("Australia", "Australian"),
    "CA": State("Canada", "Canadian"),
    "NZ": State("New Zealand", "New Zealand"),
    "BY": State("Belarus", "Belarusian"),
    "IR": State("Iran", "Iranian"),
    "AT": State("Austria", "Austrian"),
    "BE": State("Belgium", "Belgian"),
    "BG": State("Bulgaria", "Bulgarian"),
    "CH": State("Switzerland", "Swiss"),
    "CZ": State("Czechia", "Czech"),
    "DK": State("Denmark", "Danish"),
    "EE": State("Estonia", "Estonian"),
    "ES": State("Spain", "Spanish"),
    "FI": State("Finland", "Finnish"),
    "GR": State("Greece", "Greek"),
    "HU": State("Hungary", "Hungarian"),
    "IE": State("Ireland", "Irish"),
    "IL": State("Israel", "Israeli"),
    "IN": State("India", "Indian"),
    "IT": State("Italy", "Italian"),
    "LT": State("Lithuania", "Lithuanian"),
    "LV": State("Latvia", "Latvian"),
    "MD": State("Moldova", "Moldovan"),
    "MN": State("Mongolia", "Mongolian"),
    "NL": State("the Netherlands", "Dutch"),
    "NO": State("Norway", "Norwegian"),
    "PH": State("the Philippines", "Philippine"),
    "PL": State("Poland", "Polish"),
    "RO": State("Romania", "Romanian"),
    "SE": State("Sweden", "Swedish"),
    "SG": State("Singapore", "Singaporean"),
    "TR": State("Turkey", "Turkish"),
    "TW": State("Taiwan", "Taiwanese"),
    "VN": State("Vietnam", "Vietnamese"),
    "EU": State("the European Union", "European"),
    "UN": State("the United Nations", "UN"),
}

NOUNS = {
    Unit.PERSON: ("person", "people"),
    Unit.SHELL: ("artillery shell", "artillery shells"),
    Unit.MISSILE: ("missile", "missiles"),
    Unit.CONTAINER: ("container", "containers"),
    Unit.TONNE: ("tonne", "tonnes"),
    Unit.BARREL: ("barrel", "barrels"),
    Unit.VEHICLE: ("military vehicle", "military vehicles"),
    Unit.SHIP: ("ship", "ships"),
    Unit.AIRCRAFT: ("aircraft", "aircraft"),
    Unit.ITEM: ("item", "items"),
}

BULK = frozenset({Unit.CONTAINER, Unit.TONNE, Unit.BARREL})
"""Units that measure a thing rather than name it: "13,000 containers of munitions"."""


UNCOUNTED = frozenset({Unit.ITEM, Unit.PERCENT, Unit.USD})
"""Units that do not say what is counted."""


UNNUMBERED = frozenset({ClaimType.TECHNOLOGY, ClaimType.DIPLOMACY, ClaimType.AGREEMENT, ClaimType.STATEMENT})
"""Types that are seldom counted."""


def headline(
    fact: Fact,
    kind: AlertKind,
    claim: Claim,
    topics: Collection[str] = (),
    previous: Previous | None = None,
    people: Sequence[str] = (),
) -> str:
    """Return a sentence that a reader understands without the article.

    `topics` and `people` are those of the claim: they tell deaths from wounds, a letter from a visit, and who met.
    """
    change = _change(fact, previous)
    if kind is AlertKind.DISPUTED and not claim.negated:
        # another figure is told in place of the fact's
        if fact.quantity is not None:
            change = f", against {_figure(fact.quantity)} told by others"
        fact = fact.model_copy(update={"quantity": claim.quantity})
    denied = fact.negated or (kind is AlertKind.DISPUTED and claim.negated)
    speaker = _speaker(claim)
    if denied:
        change = ""
    recalled = " (recalled)" if claim.background and kind is AlertKind.NEW else ""
    if fact.type is ClaimType.CASUALTIES and fact.quantity is not None and not denied and _certain(fact):
        body = _toll(fact, speaker, kind, topics)
    else:
        body = _report(speaker, kind, _clause(fact, topics, denied, people))
    return f"{body[0].upper()}{body[1:]}{change}{recalled}"


def _certain(fact: Fact) -> bool:
    return fact.status is Status.HAPPENED


def _report(speaker: str | None, kind: AlertKind, clause: str) -> str:
    if speaker is None:
        return f"it is {'now also ' if kind is AlertKind.CORROBORATED else ''}reported that {clause}"
    verb = "say" if _PLURAL.search(speaker) else "says"
    return f"{speaker} {'also ' if kind is AlertKind.CORROBORATED else ''}{verb} that {clause}"


def _toll(fact: Fact, speaker: str | None, kind: AlertKind, topics: Collection[str]) -> str:
    quantity = fact.quantity
    outcome = "casualties"
    if "captured" in topics:
        outcome = "soldiers captured"
    elif "killed" in topics and "wounded" not in topics:
        outcome = "deaths"
    elif "wounded" in topics and "killed" not in topics:
        outcome = "wounded"
    what = f"{_state(fact.actor).adjective} {outcome}{_place(fact)}{_when(fact)}"
    figure = _figure(quantity) if quantity is not None else ""
    also = "also " if kind is AlertKind.CORROBORATED else ""
    if speaker is None:
        return f"{what} are {also}put at {figure}"
    return f"{speaker} {also}{'put' if _PLURAL.search(speaker) else 'puts'} {what} at {figure}"


def _clause(fact: Fact, topics: Collection[str], denied: bool, people: Sequence[str]) -> str:
    """Return "Russia has sent …" in the fact's mood: done, to come, possible, or not so."""
    actor, recipient = _state(fact.actor), _state(fact.recipient)
    subject, thing, rest = actor.name, "", ""
    # percentages, sums and counts of something unnamed are told behind the clause, not as its object
    spoken_of = fact.quantity is not None and (
        fact.quantity.unit not in UNCOUNTED or (fact.quantity.unit is Unit.ITEM and fact.object is not None)
    )
    where = _place(fact)
    match fact.type:
        case ClaimType.TROOPS:
            verb = ("send", "sent")
            thing = _counted(fact, "troops", people="troops")
            rest = f"to help {recipient.name}"
            if fact.place is not None and fact.place.name in HOME.get(fact.actor, ()):
                verb, rest, where = ("bring home", "brought home"), f"from {recipient.name}", ""
        case ClaimType.CASUALTIES:
            subject = f"{actor.adjective} forces"
            verb, spoken_of = ("suffer", "suffered"), False
            thing = "casualties"
            if fact.quantity is not None and fact.quantity.unit is Unit.PERSON:
                thing, spoken_of = f"{_figure(fact.quantity)} casualties", True
        case ClaimType.ARMS:
            verb = ("supply", "supplied")
            thing = _counted(fact, "arms")
            rest = f"to {recipient.name}"
        case ClaimType.ARMS_USE:
            subject = recipient.name
            verb = ("use", "used")
            thing = f"{actor.adjective} {_plain(fact.object) if fact.object is not None else 'weapons'}"
            spoken_of = fact.quantity is not None and fact.quantity.unit not in UNCOUNTED
            if fact.quantity is not None and spoken_of:
                thing = f"{_figure(fact.quantity)} {actor.adjective} {_named(fact, fact.quantity, 'weapons')}"
        case ClaimType.TECHNOLOGY:
            verb = ("help", "helped")
            thing = recipient.name
            rest = f"with {_know_how(fact.object) or _topic(topics, TECHNOLOGIES) or 'technology'}"
            spoken_of = False
        case ClaimType.TRAINING:
            if fact.quantity is not None and fact.quantity.unit is Unit.PERSON:
                trained = "soldier" if middle(fact.quantity) == 1 else "personnel"
                verb, thing = ("train", "trained"), f"{_figure(fact.quantity)} {recipient.adjective} {trained}"
            else:
                verb, thing, spoken_of = ("train", "trained"), f"{recipient.adjective} personnel", False
        case ClaimType.LABOUR:
            verb = ("send", "sent")
            thing = _counted(fact, "workers", people="workers")
            rest = f"to {recipient.name}"
            if fact.actor == "RU":
                verb, rest = ("take on", "taken on"), f"from {recipient.name}"
        case ClaimType.ECONOMY:
            verb = ("engage", "engaged")
            dealings = _topic(topics, EXCHANGES) or "economic or cultural exchange"
            if fact.object is not None:
                goods = _plain(fact.object)
                dealings = goods if goods in ACTIVITIES else f"trade in {goods}"
            thing = f"in {dealings}"
            rest = f"with {recipient.name}"
            spoken_of = False
        case ClaimType.TRANSPORT:
            verb = ("use", "used")
            by_unit = fact.quantity and CARRIERS.get(fact.quantity.unit)
            link = _topic(topics, LINKS) or by_unit or "transport link"
            thing = f"{'an' if link[0] in 'aeiou' else 'a'} {link}"
            rest = f"with {recipient.name}"
            if "bridge" in topics:
                verb = ("work on", "worked on")
            spoken_of = False
        case ClaimType.DIPLOMACY:
            verb, thing = _first(topics, CONTACTS, (("hold", "held"), "diplomatic contacts"))
            rest = f"with {recipient.name}{_involving(people)}"
            where = f",{where}" if people and where else where
            spoken_of = False
        case ClaimType.AGREEMENT:
            verb = ("ratify", "ratified") if "ratification" in topics else ("conclude", "concluded")
            thing = _topic(topics, AGREEMENTS) or "an agreement"
            if fact.object is not None:
                thing = f"the {fact.object}" if _TITLE.search(fact.object) else fact.object
            if "in force" in topics:
                verb = ("put into force", "put into force")
            rest = f"with {recipient.name}"
            spoken_of = False
        case ClaimType.STATEMENT:
            verb, thing = _first(topics, STANCES, (("declare", "declared"), "its stance toward"))
            rest = recipient.name
            spoken_of = False
        case ClaimType.RESPONSE:
            verb, thing = _first(topics, RESPONSES, (("respond", "responded"), "to"))
            sanctions = "sanctions" in topics and "monitoring" not in topics
            if fact.quantity is not None and sanctions and fact.quantity.unit in (Unit.PERSON, Unit.ITEM):
                targets = ("person", "people") if fact.quantity.unit is Unit.PERSON else ("entity", "entities")
                one = middle(fact.quantity) == 1
                thing, spoken_of = f"sanctions on {_figure(fact.quantity)} {targets[0 if one else 1]} over", True
            else:
                spoken_of = False
            rest = "cooperation between North Korea and Russia"
    mood = _mood(fact.status, verb, denied, plural=fact.type is ClaimType.CASUALTIES)
    words = " ".join(each for each in (subject, mood, thing, rest) if each)
    tail = f"{where}{_when(fact)}"
    # a bare number says nothing where it is not known what is counted
    bare = fact.quantity is not None and fact.quantity.unit is Unit.ITEM and fact.type in UNNUMBERED
    if fact.quantity is not None and not spoken_of and not bare:
        tail += f" (figure given: {_measured(fact.quantity)})"
    return words + tail


TECHNOLOGIES = {
    "satellite": "satellite technology",
    "submarine": "submarine technology",
    "nuclear": "nuclear technology",
    "drone": "drone technology",
    "missile": "missile technology",
    "air defence": "air-defence technology",
    "electronic warfare": "electronic-warfare technology",
}

EXCHANGES = {
    "oil": "the oil trade",
    "coal": "the coal trade",
    "food": "the food trade",
    "bank": "banking",
    "crypto": "cryptocurrency dealings",
    "tourism": "tourism",
    "children": "exchange of schoolchildren",
    "student": "exchange of students",
    "health": "health care",
    "culture": "cultural exchange",
    "sport": "sports exchange",
    "trade": "trade",
}

LINKS = {"bridge": "bridge", "railway": "railway link", "flight": "air link", "ship": "sea link"}

CARRIERS = {Unit.SHIP: "sea link", Unit.AIRCRAFT: "air link"}

AGREEMENTS = {"treaty": "the partnership treaty", "protocol": "a protocol", "memorandum": "a memorandum"}

Action = tuple[tuple[str, str], str]

CONTACTS: dict[str, Action] = {
    "phone call": (("hold", "held"), "a phone call"),
    "letter": (("exchange", "exchanged"), "messages"),
    "reception": (("hold", "held"), "a reception"),
}

STANCES: dict[str, Action] = {
    "thanks": (("thank", "thanked"), ""),
    "support": (("declare", "declared"), "support for"),
}

RESPONSES: dict[str, Action] = {
    "monitoring": (("monitor", "monitored"), ""),
    "sanctions": (("impose", "imposed"), "sanctions over"),
    "condemnation": (("condemn", "condemned"), ""),
}

HOME = {"KP": ("North Korea", "Pyongyang")}
"""Places at which troops are back from abroad."""


def _mood(status: Status, verb: tuple[str, str], denied: bool, plural: bool) -> str:
    base, participle = verb
    have, be = ("have", "are") if plural else ("has", "is")
    if status is Status.HAPPENED:
        return f"{have} not {participle}" if denied else f"{have} {participle}"
    if status is Status.PLANNED:
        return f"{be} not going to {base}" if denied else f"{be} going to {base}"
    return f"{be} not expected to {base}" if denied else f"may {base}"


VAGUE = frozenset({"trade", "goods", "containers", "aid", "exports", "supplies"})
"""Objects that say nothing of what was given."""

_SEVERAL = re.compile(r"^[a-z].*s$")

ACTIVITIES = frozenset({"trade", "tourism", "health care", "banking", "culture", "sport"})
"""Objects that an exchange can be in by themselves; in others there is trade."""

KNOW_HOW = {
    "weapons": "weapons technology",
    "missiles": "missile technology",
    "drones": "drone technology",
    "satellites": "satellite technology",
    "submarines": "submarine technology",
}

_TITLE = re.compile(r"^[A-Z].*\b(Treaty|Agreement|Pact|Memorandum|Protocol|Declaration)\b")


def _know_how(thing: str | None) -> str | None:
    return thing and KNOW_HOW.get(_plain(thing), _plain(thing))


def _involving(people: Sequence[str]) -> str:
    if not people:
        return ""
    *first, last = people
    return f", involving {', '.join(first)}{' and ' if first else ''}{last}"


def _noun(quantity: Quantity) -> str:
    return NOUNS[quantity.unit][0 if middle(quantity) == 1 else 1]


def _counted(fact: Fact, default: str, people: str | None = None) -> str:
    """Return what is given, with its number: "148 KN-23 missiles", "10,000 containers of munitions", "arms"."""
    quantity, thing = fact.quantity, _telling(fact.object)
    if quantity is None or quantity.unit in UNCOUNTED - {Unit.ITEM} or (quantity.unit is Unit.ITEM and not thing):
        return thing or default
    return f"{_figure(quantity)} {_named(fact, quantity, default, people)}"


def _named(fact: Fact, quantity: Quantity, default: str, people: str | None = None) -> str:
    """Return what is counted: "KN-23 missiles", "containers of munitions", "soldiers"."""
    noun, thing = _noun(quantity), _telling(fact.object)
    if quantity.unit is Unit.PERSON:
        noun = thing or people or noun
        if noun == "troops" and middle(quantity) < EXACT_BELOW:
            return "soldier" if middle(quantity) == 1 else "soldiers"
        return "worker" if noun == "workers" and middle(quantity) == 1 else noun
    if quantity.unit is Unit.ITEM:
        return thing or noun
    if quantity.unit in BULK:
        return f"{noun} of {thing or default}"
    if thing is None or _SEVERAL.search(thing):
        # of "drones" that were counted as ships the one or the other is wrong
        return thing if thing and noun.split()[-1].removesuffix("s") in thing.lower() else noun
    if noun.split()[-1].removesuffix("s") in thing.lower():
        return thing
    return f"{thing} {noun.removeprefix('military ')}"


def _telling(thing: str | None) -> str | None:
    return None if thing is None or _plain(thing) in VAGUE else _plain(thing)


def _change(fact: Fact, previous: Previous | None) -> str:
    if previous is None:
        return ""
    if previous.status is not fact.status:
        return ", which had been planned" if previous.status is Status.PLANNED else ", which had been thought possible"
    before, now = previous.quantity, fact.quantity
    if before is None or now is None or before.unit is not now.unit:
        return ""
    direction = "up" if middle(now) > middle(before) else "down"
    return f", {direction} from {_figure(before)}"


def _figure(quantity: Quantity) -> str:
    low, high = quantity.low, quantity.high
    if low is None and high is None:
        return "an unknown number"
    if low is None:
        return f"up to {_number(high)}"
    if high is None:
        return f"more than {_number(low)}" if low >= MANY else f"at least {_number(low)}"
    if low != high:
        return f"{_number(low)} to {_number(high)}"
    return f"about {_number(low)}" if _is_round(low) else _number(low)


def _measured(quantity: Quantity) -> str:
    if quantity.unit is Unit.PERCENT:
        return f"{_figure(quantity)}%"
    if quantity.unit is Unit.USD:
        return f"{_figure(quantity)} US dollars"
    if quantity.unit is Unit.ITEM:
        return _figure(quantity)
    return f"{_figure(quantity)} {NOUNS[quantity.unit][0 if middle(quantity) == 1 else 1]}"


MANY = 100


def _is_round(value: float) -> bool:
    """Whether a number is of the kind that estimates are given in."""
    return value >= MANY and value == int(value) and len(str(int(value)).rstrip("0")) <= 2


def _number(value: float | None) -> str:
    if value is None:
        return "an unknown number"
    for limit, word in ((1e9, "billion"), (1e6, "million")):
        if value >= limit and math.isclose(value / limit * 100, round(value / limit * 100)):
            return f"{value / limit:g} {word}"
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


def _place(fact: Fact) -> str:
    if fact.place is None or fact.place.name in (_state(fact.actor).name, _state(fact.recipient).name):
        return ""
    name = fact.place.name
    if _WATER.search(name):
        return f" at the {name}"
    if _SITE.search(name):
        return f" at {name}" if "'s " in name else f" at the {name}"
    if name.endswith("Peninsula"):
        return f" on the {name}"
    return f" in the {name}" if name.endswith(("Far East", "Region", "Area", "Islands")) else f" in {name}"


_WATER = re.compile(r"\b(River|Sea|Strait|Bay)$")

_SITE = re.compile(
    r"\b(Cosmodrome|Station|Palace|Hotel|Airport|Camp|Club|Hall|Complex|Port|Zone|Factory|Plant|Museum|Square|College)$"
)

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _when(fact: Fact) -> str:
    if fact.when is None:
        return ""
    year, *rest = fact.when.split("-")
    if not rest:
        return f" in {year}"
    month = MONTHS[int(rest[0]) - 1]
    return f" in {month} {year}" if len(rest) == 1 else f" on {int(rest[1])} {month} {year}"


def _state(code: str) -> State:
    return STATES.get(code, State(code, code))


def _topic(topics: Collection[str], words: dict[str, str]) -> str | None:
    return next((word for topic, word in words.items() if topic in topics), None)


def _first(topics: Collection[str], actions: dict[str, Action], otherwise: Action) -> Action:
    return next((action for topic, action in actions.items() if topic in topics), otherwise)


def _plain(thing: str) -> str:
    return thing.strip().rstrip(".")


_OF_STATE = re.compile(
    rf"^(?P<body>.+) of (?:the )?(?P<state>{'|'.join(state.name.removeprefix('the ') for state in STATES.values())})$"
)

_BODY = re.compile(
    r"\b(Team|House|Kremlin|Institute|Department|Ministry|Centre|Center|Service|Directorate|Council|Committee|Agency"
    r"|Office|Commission|representative|adviser|ambassador|Brigade|Association|Panel|Pentagon|Minister|Government)\b"
)

_PLURAL = re.compile(
    r"(?i)\b(officials|sources|monitors|lawmakers|experts|statistics|media|chiefs of staff|authorities|forces)$"
)


def _speaker(claim: Claim) -> str | None:
    """Return the origin as a sentence names it, else the outlet, else None."""
    if not claim.attributed_to:
        return claim.source or None
    name = claim.attributed_to[0].name
    owned = _OF_STATE.match(name)
    if owned is not None:
        article = "the " if owned["state"].startswith(("United", "European", "Netherlands", "Philippines")) else ""
        possessive = f"{article}{owned['state']}'{'' if owned['state'].endswith('s') else 's'}"
        return f"{possessive} {'government' if owned['body'] == 'Government' else owned['body']}"
    if _ARMY.search(name):
        return f"the {name}"
    if name.lower().startswith(("the ", "a ", "an ")) or "'s " in name:
        return name
    if _SOMEBODY.search(name):
        return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
    return f"the {name}" if _BODY.search(name) else name


_ARMY = re.compile(r"^Korean People's Army")

_SOMEBODY = re.compile(r"\b(official|officer|source|soldier|lawmaker|expert)$")
