"""Russian as newsrooms, agencies and channels write it: what `knowledge/ru` and the rules make of short reports."""

import pytest
from native import Native

from schemas import ClaimType, Status, Unit

T = ClaimType
PUBLISHED = "2025-03-12"  # a Wednesday


@pytest.fixture(scope="module")
def native() -> Native:
    return Native("ru", PUBLISHED, title="Россия и КНДР")


@pytest.mark.parametrize(
    ("text", "type_", "actor", "recipient"),
    [
        ("КНДР перебросила в Курскую область пехотную бригаду.", T.TROOPS, "KP", "RU"),
        ("Северокорейские сапёры разминируют приграничные сёла Курской области.", T.TROOPS, "KP", "RU"),
        ("При штурме погибли десятки северокорейских солдат.", T.CASUALTIES, "KP", "RU"),
        ("Пхеньян отгрузил Москве реактивные снаряды.", T.ARMS, "KP", "RU"),
        ("Россия передала КНДР зенитные комплексы «Панцирь».", T.ARMS, "RU", "KP"),
        ("По Харькову ударили северокорейской баллистической ракетой.", T.ARMS_USE, "KP", "RU"),
        ("Москва передаёт Пхеньяну спутниковые технологии.", T.TECHNOLOGY, "RU", "KP"),
        ("Солдаты КНДР проходят подготовку на полигоне в Приморье.", T.TRAINING, "RU", "KP"),
        ("На стройках Владивостока работают тысячи северокорейских рабочих.", T.LABOUR, "KP", "RU"),
        ("Россия поставила КНДР партию муки.", T.ECONOMY, "RU", "KP"),
        ("Из Москвы в Пхеньян отправился первый прямой поезд.", T.TRANSPORT, "RU", "KP"),
        ("Секретарь Совбеза РФ Сергей Шойгу встретился в Пхеньяне с Ким Чен Ыном.", T.DIPLOMACY, "RU", "KP"),
        ("Ким Чен Ын направил Владимиру Путину поздравительную телеграмму.", T.DIPLOMACY, "KP", "RU"),
        ("Владимир Путин и Ким Чен Ын подписали договор о партнёрстве.", T.AGREEMENT, "RU", "KP"),
        ("Путин поблагодарил Ким Чен Ына за поддержку.", T.STATEMENT, "RU", "KP"),
        ("Япония ввела санкции против КНДР за поставки оружия России.", T.RESPONSE, "JP", "KP"),
    ],
)
def test_types_and_directions(native: Native, text: str, type_: ClaimType, actor: str, recipient: str) -> None:
    claim = native.only(text, type_)
    assert (claim.actor, claim.recipient) == (actor, recipient)


@pytest.mark.parametrize(
    ("text", "type_", "low", "high", "unit"),
    [
        ("КНДР направила в Россию полторы тысячи солдат.", T.TROOPS, 1500, 1500, Unit.PERSON),
        ("КНДР направила в Россию от десяти до двенадцати тысяч солдат.", T.TROOPS, 10000, 12000, Unit.PERSON),
        ("В Россию прибыло свыше 11 тыс. северокорейских военных.", T.TROOPS, 11000, None, Unit.PERSON),
        ("В боях погибло не менее трёхсот северокорейских солдат.", T.CASUALTIES, 300, None, Unit.PERSON),
        ("В плен под Курском попали двое северокорейских солдат.", T.CASUALTIES, 2, 2, Unit.PERSON),
        ("Ранены порядка 2 700 военнослужащих КНДР.", T.CASUALTIES, 2700, 2700, Unit.PERSON),
        ("КНДР поставила России около полумиллиона снарядов.", T.ARMS, 500000, 500000, Unit.SHELL),
        ("КНДР отправила России до 6 млн снарядов.", T.ARMS, None, 6000000, Unit.SHELL),
        ("Россия получила от КНДР 13 тысяч контейнеров с боеприпасами.", T.ARMS, 13000, 13000, Unit.CONTAINER),
        ("Россия получила от КНДР две с лишним сотни гаубиц.", T.ARMS, 200, None, Unit.VEHICLE),
        ("КНДР поставила России два с половиной миллиона снарядов.", T.ARMS, 2500000, 2500000, Unit.SHELL),
        ("Россия поставила КНДР более миллиона баррелей нефти.", T.ECONOMY, 1000000, None, Unit.BARREL),
    ],
)
def test_numerals(
    native: Native, text: str, type_: ClaimType, low: float | None, high: float | None, unit: Unit
) -> None:
    quantity = native.only(text, type_).quantity
    assert quantity is not None
    assert (quantity.low, quantity.high, quantity.unit) == (low, high, unit)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("В июне прошлого года КНДР отправила в Россию солдат.", "2024-06"),
        ("КНДР отправила солдат в Россию в октябре 2024 года.", "2024-10"),
        ("КНДР отправила солдат в Россию 3 марта.", "2025-03-03"),
        ("С 8 по 13 октября 2024 года КНДР отправила в Россию солдат.", "2024-10-13"),
        ("Вчера в Россию прибыли солдаты КНДР.", "2025-03-11"),
        ("В минувший понедельник в Россию прибыли солдаты КНДР.", "2025-03-10"),
    ],
)
def test_dates(native: Native, text: str, when: str) -> None:
    assert native.only(text, T.TROOPS).when == when


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("КНДР отправила солдат в Россию, заявил Владимир Зеленский.", ["Volodymyr Zelenskyy"]),
        ("КНДР отправила солдат в Россию, сообщает ТАСС.", ["TASS"]),
        ("По словам Кирилла Буданова, КНДР отправила солдат в Россию.", ["Kyrylo Budanov"]),
        ("Кирилл Буданов: КНДР отправила в Россию ещё тысячу солдат.", ["Kyrylo Budanov"]),
        ("КНДР отправила солдат в Россию. Об этом рассказал Кирилл Буданов.", ["Kyrylo Budanov"]),
        ("КНДР отправит солдат в Россию, сообщили в Кремле.", ["Kremlin"]),
        ("КНДР отправила солдат в Россию.", []),
    ],
)
def test_who_says_so(native: Native, text: str, names: list[str]) -> None:
    assert [speaker.name for speaker in native.only(text, T.TROOPS).attributed_to] == names


@pytest.mark.parametrize(
    ("text", "status", "negated"),
    [
        ("КНДР отправила солдат в Россию.", Status.HAPPENED, False),
        ("КНДР якобы отправила солдат в Россию.", Status.HAPPENED, False),
        ("КНДР собирается отправить солдат в Россию.", Status.PLANNED, False),
        ("Тысяча северокорейских сапёров поедет в Россию.", Status.PLANNED, False),
        ("КНДР может отправить солдат в Россию.", Status.POSSIBLE, False),
        ("В Сеуле не исключают отправки солдат КНДР в Россию.", Status.POSSIBLE, False),
        ("КНДР не отправляла солдат в Россию.", Status.HAPPENED, True),
        ("Кремль опроверг отправку солдат КНДР в Россию.", Status.HAPPENED, True),
        ("Доказательств участия солдат КНДР в боях на стороне России нет.", Status.HAPPENED, True),
    ],
)
def test_status_and_denial(native: Native, text: str, status: Status, negated: bool) -> None:
    claim = native.only(text, T.TROOPS)
    assert (claim.status, claim.negated) == (status, negated)


def test_recalled(native: Native) -> None:
    text = "Россия поставила КНДР партию муки.\n\nНапомним, в прошлом году КНДР отправила солдат в Россию."
    assert not native.only(text, T.ECONOMY).background
    assert native.only(text, T.TROOPS).background


@pytest.mark.parametrize(
    "text",
    [
        "В Москве прошёл концерт корейской музыки.",
        "Иран передал Москве четыреста ракет.",
        "Курс рубля за неделю вырос на два процента.",
        "Подписывайтесь на наш канал и читайте также: солдаты КНДР прибыли в Россию",
    ],
)
def test_no_claim(native: Native, text: str) -> None:
    assert native.read(text) == []
