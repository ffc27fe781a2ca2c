"""Fuzzes the reading of records: bytes as they come, and JSON objects of the contract's fields. Run by `make fuzz`."""

import json

import atheris

from fuzz.running import run

with atheris.instrument_imports(include=["streams", "schemas"]):
    from fuzz import checking
    from schemas import Article

FIELDS = [*Article.model_fields, "unknown"]
WORDS = [
    "",
    " ",
    "uk",
    "2024-10-21",
    "2024-10",
    "9999-12-31T23:59:59-14:00",
    "https://a.example/",
    "\x00",
    "\ud800",
    "\ue000",
    "ї" * 600,
]


def value(data: atheris.FuzzedDataProvider, depth: int = 0) -> object:
    match data.ConsumeIntInRange(0, 9):
        case 0:
            return None
        case 1:
            return data.ConsumeBool()
        case 2:
            return data.ConsumeInt(16)
        case 3:
            return data.ConsumeFloat()
        case 4 if depth < 4:
            return [value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 3))]
        case 5 if depth < 4:
            return {data.ConsumeUnicode(4): value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 3))}
        case 6:
            return WORDS[data.ConsumeIntInRange(0, len(WORDS) - 1)]
        case _:
            return data.ConsumeUnicode(data.ConsumeIntInRange(0, 40))


def one_input(data: bytes) -> None:
    if len(data) < 2 or data[0] % 2:
        checking.decoding(data[1:])
        return
    provider = atheris.FuzzedDataProvider(data[1:])
    fields = {"text": "Щось"} if provider.ConsumeBool() else {}
    for _ in range(provider.ConsumeIntInRange(0, 5)):
        fields[FIELDS[provider.ConsumeIntInRange(0, len(FIELDS) - 1)]] = value(provider)
    written = json.dumps(fields, ensure_ascii=provider.ConsumeBool()).encode(errors="surrogatepass")
    if provider.ConsumeBool():
        at = provider.ConsumeIntInRange(0, len(written))
        written = written[:at] + provider.ConsumeBytes(4) + written[at + provider.ConsumeIntInRange(0, 3) :]
    checking.decoding(written)


if __name__ == "__main__":
    run("decoding", one_input, size=2048)
