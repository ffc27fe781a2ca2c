"""Ukrainian as newsrooms and channels write it: what `knowledge/uk` and the rules make of single sentences."""

import pytest
from native import Native

from schemas import ClaimType, Status, Unit

T = ClaimType
PUBLISHED = "2025-11-12"  # a Wednesday


@pytest.fixture(scope="module")
def native() -> Native:
    return Native("uk", PUBLISHED)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("КНДР перекинула до Росії тисячі своїх вояків.", T.TROOPS),
        ("Північнокорейські сапери розміновують прикордоння Росії.", T.TROOPS),
        ("На Курщині вбито сотні солдатів КНДР.", T.CASUALTIES),
        ("Двох північнокорейських військових узято в полон у Росії.", T.CASUALTIES),
        ("Пхеньян відвантажив Росії ешелон артилерійських снарядів.", T.ARMS),
        ("Росія передала КНДР зенітні ракетні комплекси.", T.ARMS),
        ("Російські війська обстріляли Харків північнокорейськими ракетами.", T.ARMS_USE),
        ("Росіяни вдарили по Києву ракетою північнокорейського виробництва.", T.ARMS_USE),
        ("Балістичні ракети, виготовлені в КНДР, випустила по Україні російська армія.", T.ARMS_USE),
        ("Москва допомагає Пхеньяну з технологіями для розвідувальних супутників.", T.TECHNOLOGY),
        ("Солдати КНДР проходять навчання на полігонах Росії.", T.TRAINING),
        ("Російські забудовники найняли тисячі робітників із КНДР.", T.LABOUR),
        ("Росія поставила до КНДР борошно та нафтопродукти.", T.ECONOMY),
        ("Між Москвою і Пхеньяном відновлено прямі поїзди.", T.TRANSPORT),
        ("Сергій Шойгу зустрівся в Пхеньяні з Кім Чен Ином.", T.DIPLOMACY),
        ("Володимир Путін і Кім Чен Ин підписали договір.", T.AGREEMENT),
        ("Кім Чен Ин висловив повну підтримку Росії у війні.", T.STATEMENT),
        ("Японія запровадила санкції проти КНДР за постачання зброї Росії.", T.RESPONSE),
    ],
)
def test_types(native: Native, text: str, type_: ClaimType) -> None:
    assert type_ in {claim.type for claim in native.read(text)}


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("3000", 3000, 3000),
        ("12 500", 12500, 12500),
        ("близько 3 тис.", 3000, 3000),
        ("понад десять тисяч", 10000, None),
        ("щонайменше 1,5 тисячі", 1500, None),
        ("не менш ніж двісті", 200, None),
        ("до 12 тисяч", None, 12000),
        ("від 10 до 12 тисяч", 10000, 12000),
        ("10–12 тис.", 10000, 12000),
        ("півтори тисячі", 1500, 1500),
        ("п'ять з половиною тисяч", 5500, 5500),
        ("двадцять п'ять тисяч", 25000, 25000),
    ],
)
def test_counted_soldiers(native: Native, words: str, low: float | None, high: float | None) -> None:
    claim = native.only(f"КНДР відправила до Росії {words} солдатів.", T.TROOPS)
    assert claim.quantity is not None
    assert (claim.quantity.low, claim.quantity.high, claim.quantity.unit) == (low, high, Unit.PERSON)


@pytest.mark.parametrize(
    ("words", "low", "unit"),
    [
        ("пів мільйона снарядів", 500_000, Unit.SHELL),
        ("сто сорок вісім балістичних ракет", 148, Unit.MISSILE),
        ("шістдесят гармат", 60, Unit.VEHICLE),
        ("двісті самохідних гармат", 200, Unit.VEHICLE),
        ("двадцять тисяч контейнерів зі зброєю", 20_000, Unit.CONTAINER),
    ],
)
def test_counted_arms(native: Native, words: str, low: float, unit: Unit) -> None:
    claim = native.only(f"Північна Корея поставила Росії {words}.", T.ARMS)
    assert claim.quantity is not None
    assert (claim.quantity.low, claim.quantity.unit) == (low, unit)


def test_vague_numbers_are_no_figures(native: Native) -> None:
    assert native.only("КНДР відправила до Росії кілька тисяч солдатів.", T.TROOPS).quantity is None


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("За даними ГУР, {}.", ["Main Directorate of Intelligence of the Ministry of Defence of Ukraine"]),
        ("Як пише Reuters, {}.", ["Reuters"]),
        ("{}, заявив Володимир Зеленський.", ["Volodymyr Zelenskyy"]),
        ("За словами Кирила Буданова, {}.", ["Kyrylo Budanov"]),
        ("{}, — Зеленський.", ["Volodymyr Zelenskyy"]),
        ("{}. Про це повідомило агентство Yonhap.", ["Yonhap"]),
        ("{}.", []),
    ],
)
def test_attribution(native: Native, sentence: str, names: list[str]) -> None:
    claim = native.only(sentence.format("КНДР відправила до Росії 3000 солдатів"), T.TROOPS)
    assert [attribution.name for attribution in claim.attributed_to] == names


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("КНДР відправила до Росії солдатів.", Status.HAPPENED),
        ("До Росії відправлено солдатів КНДР.", Status.HAPPENED),
        ("КНДР надішле до Росії солдатів.", Status.PLANNED),
        ("КНДР планує відправити до Росії солдатів.", Status.PLANNED),
        ("КНДР має намір відправити до Росії солдатів.", Status.PLANNED),
        ("КНДР може відправити до Росії солдатів.", Status.POSSIBLE),
        ("У Сеулі не виключають, що КНДР відправить до Росії солдатів.", Status.POSSIBLE),
    ],
)
def test_status(native: Native, text: str, status: Status) -> None:
    claim = native.only(text, T.TROOPS)
    assert (claim.status, claim.negated) == (status, False)


@pytest.mark.parametrize(
    "text",
    [
        "У Кремлі заперечили, що КНДР відправила до Росії солдатів.",
        "КНДР не відправляла до Росії солдатів.",
        "Солдатів КНДР у Росії не помічено.",
    ],
)
def test_denials(native: Native, text: str) -> None:
    assert native.only(text, T.TROOPS).negated


def test_a_figure_not_undercut_is_no_denial(native: Native) -> None:
    assert not native.only("До Росії прибуло не менше тисячі солдатів КНДР.", T.TROOPS).negated


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("8 листопада", "2025-11-08"),
        ("28 жовтня 2024 року", "2024-10-28"),
        ("28.10.2024", "2024-10-28"),
        ("вчора", "2025-11-11"),
        ("у понеділок", "2025-11-10"),
        ("у червні", "2025-06"),
        ("у червні минулого року", "2024-06"),
        ("торік у грудні", "2024-12"),
        ("минулого місяця", "2025-10"),
        ("торік", "2024"),
        ("наприкінці вересня 2024-го", "2024-09"),
    ],
)
def test_dates(native: Native, words: str, when: str) -> None:
    assert native.only(f"КНДР {words} відправила до Росії солдатів.", T.TROOPS).when == when


@pytest.mark.parametrize(
    ("text", "giver"),
    [
        ("КНДР передала Росії ракети.", "KP"),
        ("Росія отримала від КНДР ракети.", "KP"),
        ("Росія передала КНДР ракети.", "RU"),
        ("КНДР отримала від Росії зенітні ракети.", "RU"),
        ("Росії передано снаряди з КНДР.", "KP"),
    ],
)
def test_direction_of_arms(native: Native, text: str, giver: str) -> None:
    assert native.only(text, T.ARMS).actor == giver


@pytest.mark.parametrize(
    "text",
    [
        "Північна Корея запустила ракету в бік Японського моря. Росія в цей час святкувала.",
        "Збірні Росії та КНДР поїдуть на чемпіонат світу окремо.",
        "Читайте також: КНДР відправила до Росії солдатів",
    ],
)
def test_what_is_no_claim(native: Native, text: str) -> None:
    assert native.read(text) == []


def test_recalled(native: Native) -> None:
    text = (
        "Кім Чен Ин прийняв у Пхеньяні Сергія Шойгу.\n\nНагадаємо, раніше КНДР відправила до Росії 10 тисяч солдатів."
    )
    assert native.only(text, T.TROOPS).background
    assert not native.only(text, T.DIPLOMACY).background


def test_channel_style(native: Native) -> None:
    claim = native.only("⚡️кндр відправила до рф ще 3 тис. вояків 🇰🇵🇷🇺", T.TROOPS)
    assert claim.quantity is not None
    assert (claim.actor, claim.recipient, claim.quantity.low) == ("KP", "RU", 3000)
