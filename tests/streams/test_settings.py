"""Settings: read from the environment, explained when wrong, and never telling a secret."""

import ssl
from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.facts.assessor import MIN_CONFIDENCE
from streams.settings import Settings, settings_table, variables

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
SECRET = "hunter2-very-secret"  # noqa: S105 made up here
SASL = {
    "TUMEN_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "TUMEN_KAFKA_SASL_USERNAME": "worker",
    "TUMEN_KAFKA_SASL_PASSWORD": SECRET,
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without settings."""
    for variable in variables():
        monkeypatch.delenv(variable, raising=False)


def setenv(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_the_page_is_what_the_model_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_table(), "run: python -m streams.settings > docs/settings.md"


def test_a_worker_is_as_sure_of_its_alerts_as_an_assessor_by_itself() -> None:
    assert Settings.load().alerts_min_confidence == MIN_CONFIDENCE


def test_every_variable_is_documented() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, TUMEN_KAFKA_BOOTSTRAP_SERVERS="a.example:1, b.example:2", TUMEN_PARTITIONS="3")
    settings = Settings.load()
    assert settings.kafka_bootstrap_servers == "a.example:1,b.example:2"
    assert settings.partitions == 3
    assert Settings.load(partitions=4).partitions == 4


def test_an_empty_variable_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, TUMEN_PARTITIONS="", TUMEN_KAFKA_CA_FILE="")
    assert Settings.load() == Settings.load(partitions=8)


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("TUMEN_PARTITIONS", "many", "integer"),
        ("TUMEN_PARTITIONS", "0", "greater than or equal to 1"),
        ("TUMEN_KAFKA_BOOTSTRAP_SERVERS", "localhost", "127.0.0.1:9092"),
        ("TUMEN_KAFKA_BOOTSTRAP_SERVERS", "localhost:99999", "127.0.0.1:9092"),
        ("TUMEN_KAFKA_SECURITY_PROTOCOL", "TLS", "SASL_SSL"),
        ("TUMEN_KAFKA_CA_FILE", "/no/such/file.pem", "PEM"),
        ("TUMEN_LOG_LEVEL", "loud", "warning"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert variable in caught.value.message
    assert value in caught.value.message
    assert remedy in caught.value.message


def test_an_unknown_variable_is_an_error_with_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUMEN_PARTITION", "3")
    with pytest.raises(SettingsError, match=r"TUMEN_PARTITION is not a setting.*TUMEN_PARTITIONS"):
        Settings.load()


@pytest.mark.parametrize("variable", ["TUMEN_TEST_KAFKA", "TUMEN_REQUIRE_KAFKA"])
def test_the_variables_of_tests_disturb_no_command(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "1")
    assert Settings.load() == Settings()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"TUMEN_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "TUMEN_KAFKA_SASL_PASSWORD"),
        ({"TUMEN_KAFKA_SASL_USERNAME": "worker", "TUMEN_KAFKA_SASL_PASSWORD": SECRET}, "SASL_SSL"),
        ({"TUMEN_KAFKA_SECURITY_PROTOCOL": "SSL", "TUMEN_KAFKA_CLIENT_CERT_FILE": __file__}, "CLIENT_KEY_FILE"),
        ({"TUMEN_KAFKA_CA_FILE": __file__}, "TUMEN_KAFKA_SECURITY_PROTOCOL"),
    ],
)
def test_settings_that_contradict_each_other_are_told(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], told: str
) -> None:
    setenv(monkeypatch, **values)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert told in caught.value.message
    assert SECRET not in caught.value.message


def test_secrets_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, **SASL)
    settings = Settings.load()
    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()
    monkeypatch.setenv("TUMEN_PARTITIONS", "many")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_credentials_reach_every_kind_of_client(monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, **SASL, TUMEN_KAFKA_SASL_MECHANISM="SCRAM-SHA-256")
    settings = Settings.load()
    assert settings.aiokafka_options() == {
        "bootstrap_servers": "127.0.0.1:9092",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "worker",
        "sasl_plain_password": SECRET,
    }
    assert (
        settings.confluent_options().items()
        >= {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": "worker",
            "sasl.password": SECRET,
        }.items()
    )


def test_tls_verifies_brokers_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, TUMEN_KAFKA_SECURITY_PROTOCOL="SSL")
    context = Settings.load().aiokafka_options()["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_tls_files_that_are_none_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, TUMEN_KAFKA_SECURITY_PROTOCOL="SSL", TUMEN_KAFKA_CA_FILE=__file__)
    with pytest.raises(SettingsError, match="TUMEN_KAFKA_CA_FILE"):
        Settings.load().ssl_context()
