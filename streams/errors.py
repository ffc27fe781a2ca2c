"""Errors that a user can act on. Each names the input, the cause and the remedy."""


class TumenError(Exception):
    """Base of all errors that Tumen raises on purpose.

    `code` is stable and meant for programs; `message` is for people and names the remedy.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class BadInputError(TumenError):
    """A record or file that cannot be read as what it should be."""

    code = "bad_input"


class SettingsError(TumenError):
    """A setting that is missing or wrong."""

    code = "settings"


class KnowledgeError(TumenError):
    """A fault in a knowledge file; the message starts with `file:line`."""

    code = "knowledge"


class BrokerError(TumenError):
    """Kafka cannot be reached, refuses, or holds topics that do not fit."""

    code = "broker"
