"""What Tumen reads in Korean: sentences as newsrooms write them, each with what must come of it."""

from datetime import UTC, datetime

import pytest
from native import Native

from schemas import Article, Status

PUBLISHED = datetime(2025, 6, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def native() -> Native:
    return Native("ko", PUBLISHED)


@pytest.mark.parametrize(
    ("text", "type_", "actor", "recipient"),
    [
        ("북한이 러시아에 병력 3천명을 파병했다고 국정원이 밝혔다.", "troops", "KP", "RU"),
        ("북한군 병사들이 쿠르스크에서 러시아군과 함께 싸우고 있다.", "troops", "KP", "RU"),
        ("러시아에서 싸우던 북한군 300명이 숨졌다.", "casualties", "KP", "RU"),
        ("북한이 러시아에 포탄 100만 발을 공급했다.", "arms", "KP", "RU"),
        ("러시아가 북한에 판치르 방공체계를 제공했다.", "arms", "RU", "KP"),
        ("러시아군이 북한제 미사일로 하르키우를 공격했다.", "arms_use", "KP", "RU"),
        ("러시아가 북한에 정찰위성 기술을 이전했다.", "technology", "RU", "KP"),
        ("러시아 교관들이 연해주에서 북한군을 훈련시키고 있다.", "training", "RU", "KP"),
        ("북한 노동자 5천명이 러시아 건설 현장에서 일하고 있다.", "labour", "KP", "RU"),
        ("러시아가 북한에 정제유 5만 배럴을 보냈다.", "economy", "RU", "KP"),
        ("세르게이 라브로프 러시아 외무장관이 평양을 방문해 최선희 외무상과 회담했다.", "diplomacy", "RU", "KP"),
        ("북한과 러시아가 과학기술 협력 의정서를 체결했다.", "agreement", "KP", "RU"),
        ("김정은 위원장은 러시아의 전쟁을 전적으로 지지한다고 밝혔다.", "statement", "KP", "RU"),
        ("일본 정부는 북한 기업 세 곳을 제재했다. 러시아에 무기를 넘긴 혐의다.", "response", "JP", "KP"),
    ],
)
def test_tells_each_type_and_who_acts(native: Native, text: str, type_: str, actor: str, recipient: str) -> None:
    claim = native.only(text, type_)
    assert (claim.actor, claim.recipient) == (actor, recipient)


@pytest.mark.parametrize(
    ("told", "low", "high"),
    [
        ("병력 3천명을", 3000, 3000),
        ("병력 1만2천여 명을", 12000, None),
        ("병력 약 1만1천명을", 11000, 11000),
        ("병력 1천500명을", 1500, 1500),
        ("병력 12,000명을", 12000, 12000),
        ("병력 2만5천∼3만명을", 25000, 30000),
        ("병력 8~10천명을", 8000, 10000),
        ("병력 최대 8천명을", None, 8000),
        ("병력 최소 600명을", 600, None),
        ("병력 4천명 남짓을", 4000, None),
        ("병력 3천 명 이상을", 3000, None),
        ("1만 명의 병력을", 10000, 10000),
        ("병력 수천 명을", None, None),
    ],
)
def test_reads_korean_numbers(native: Native, told: str, low: float | None, high: float | None) -> None:
    claim = native.only(f"북한이 러시아에 {told} 보냈다.", "troops")
    if low is None and high is None:
        assert claim.quantity is None
    else:
        assert claim.quantity is not None
        assert (claim.quantity.low, claim.quantity.high, claim.quantity.unit) == (low, high, "person")


@pytest.mark.parametrize(
    ("told", "number", "unit"),
    [
        ("KN-23 미사일 100발을", 100, "missile"),
        ("152㎜ 포탄 900만 발을", 9_000_000, "shell"),
        ("170㎜ 자주포 50문을", 50, "vehicle"),
        ("컨테이너 6천700개를", 6700, "container"),
        ("전투기 30대를", 30, "aircraft"),
    ],
)
def test_takes_the_unit_from_counter_and_noun(native: Native, told: str, number: float, unit: str) -> None:
    claim = native.only(f"북한이 러시아에 {told} 지원했다.", "arms")
    assert claim.quantity is not None
    assert (claim.quantity.low, claim.quantity.unit) == (number, unit)


@pytest.mark.parametrize(
    ("told", "when"),
    [
        ("지난 18일", "2025-06-18"),
        ("어제(19일)", "2025-06-19"),
        ("지난달 26일", "2025-05-26"),
        ("이달 8∼13일", "2025-06-13"),
        ("지난 8일부터 13일까지", "2025-06-13"),
        ("올해 5월", "2025-05"),
        ("지난해 12월", "2024-12"),
        ("2024년 10월부터", "2024-10"),
        ("지난 1∼2월", "2025-02"),
    ],
)
def test_resolves_dates(native: Native, told: str, when: str) -> None:
    assert native.only(f"북한이 {told} 러시아에 병력을 보냈다.", "troops").when == when


def test_leaves_the_date_of_the_report_to_the_report(native: Native) -> None:
    assert native.only("북한이 러시아에 병력을 보냈다고 국정원이 18일 밝혔다.", "troops").when is None


NIS, KIRBY = "National Intelligence Service of South Korea", "John Kirby"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("국정원은 북한이 러시아에 병력을 보냈다고 밝혔다.", [NIS]),
        ("북한이 러시아에 병력을 보냈다고 국가정보원이 18일 보고했다.", [NIS]),
        ("국정원에 따르면 북한이 러시아에 병력을 보냈다.", [NIS]),
        ("북한이 러시아에 병력을 보냈다는 게 국정원 설명이다.", [NIS]),
        ("존 커비 백악관 국가안보소통보좌관은 북한이 러시아에 병력을 보냈다고 말했다.", [KIRBY, "White House"]),
        ("로이터는 국정원을 인용해 북한이 러시아에 병력을 보냈다고 보도했다.", [NIS, "Reuters"]),
        ("북한이 러시아에 병력을 보냈다. 국정원이 20일 공개한 내용이다.", [NIS]),
        ("북한이 러시아에 병력을 보냈다.", []),
    ],
)
def test_hears_who_says_so(native: Native, text: str, names: list[str]) -> None:
    assert [source.name for source in native.only(text, "troops").attributed_to] == names


def test_hears_a_speaker_go_on(native: Native) -> None:
    text = "국정원은 북한이 러시아에 병력을 보냈다고 밝혔다. 북한군 300명이 숨졌다고 덧붙였다."
    assert [source.name for source in native.only(text, "casualties").attributed_to] == [NIS]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("북한이 러시아에 공병 1천명을 보냈다.", Status.HAPPENED),
        ("북한이 러시아에 공병 1천명을 파견하기로 했다.", Status.PLANNED),
        ("북한이 러시아에 공병 1천명을 보낼 계획이다.", Status.PLANNED),
        ("북한이 러시아에 공병 1천명을 파견할 예정이라고 쇼이구 서기가 밝혔다.", Status.PLANNED),
        ("북한이 러시아에 병력을 더 보낼 가능성이 있다.", Status.POSSIBLE),
        ("북한이 러시아에 병력을 추가로 파견할 수 있다.", Status.POSSIBLE),
    ],
)
def test_tells_plans_from_deeds(native: Native, text: str, status: Status) -> None:
    assert native.only(text, "troops").status is status


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("크렘린궁은 북한이 러시아에 무기를 공급했다는 주장을 부인했다.", True),
        ("북한은 러시아에 무기를 수출한 적이 없다고 주장했다.", True),
        ("북한이 러시아에 무기를 보내지 않았다.", True),
        ("북한이 러시아에 무기를 보냈다.", False),
    ],
)
def test_hears_denials(native: Native, text: str, negated: bool) -> None:
    assert native.only(text, "arms").negated is negated


@pytest.mark.parametrize(
    ("text", "type_", "place"),
    [
        ("북한군이 러시아 쿠르스크에서 싸우고 있다.", "troops", "Kursk Oblast"),
        ("북한이 러시아 극동 블라디보스토크로 병력을 보냈다.", "troops", "Vladivostok"),
        ("쇼이구 서기가 평양에서 김정은 위원장과 회담했다.", "diplomacy", "Pyongyang"),
        ("북한이 러시아에 포탄을 보냈다.", "arms", None),
    ],
)
def test_finds_the_place(native: Native, text: str, type_: str, place: str | None) -> None:
    found = native.only(text, type_).place
    assert (found.name if found else None) == place


@pytest.mark.parametrize(
    "text",
    [
        "북한은 4일 동해로 탄도미사일을 발사했고 러시아는 논평하지 않았다.",
        "한미 연합훈련이 시작됐다. 북한과 러시아는 이를 지켜보고 있다.",
        "북중 교역액이 늘었다. 러시아는 언급되지 않았다.",
        "러시아 대사관과 북한 대사관이 같은 거리에 있다.",
        "무단전재 및 재배포 금지, 북한이 러시아에 병력을 보냈다.",
    ],
)
def test_makes_no_claim_of_what_tells_of_no_cooperation(native: Native, text: str) -> None:
    assert native.read(text) == []


@pytest.mark.parametrize("written", ["SBS에", "NK뉴스는", "CNN방송은"])
def test_finds_newsrooms_in_latin_letters_with_particles(native: Native, written: str) -> None:
    article = Article(text=f"{written} 이 소식을 전했다.", language="ko", published_at=PUBLISHED)
    labels = [entity.label for entity in native.extractor.extract(article.completed(PUBLISHED)).entities]
    assert labels == ["ORG"]
