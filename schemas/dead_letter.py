"""The dead letter: a record that could not be read or handled, with the reason in its headers."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, WithJsonSchema

from schemas.base import Record

PREFIX = "tumen.errors."


class Stage(StrEnum):
    """Where in the stream a record failed."""

    DECODE = "decode"
    EXTRACT = "extract"
    REVISE = "revise"
    ASSESS = "assess"
    SEND = "send"


# as text in a header, or as the number that `tumen tail --json` makes of it
Count = Annotated[int, WithJsonSchema({"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"})]
Tries = Annotated[int, WithJsonSchema({"type": ["integer", "string"], "minimum": 1, "pattern": "^[1-9][0-9]*$"})]


class DeadLetter(Record):
    """The headers of a dead letter. Its key and value are the original bytes, untouched.

    In Kafka every header is UTF-8 text, numbers in decimal digits.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    topic: str = Field(alias=PREFIX + "topic", description="Topic that the record came from.")
    partition: Count = Field(alias=PREFIX + "partition", ge=0, description="Partition that the record came from.")
    offset: Count = Field(alias=PREFIX + "offset", ge=0, description="Kafka offset of the record in its partition.")
    stage: Stage = Field(alias=PREFIX + "stage", description="Where in the stream the record failed.")
    code: str = Field(alias=PREFIX + "code", description="Stable code of the fault, such as `invalid_json`.")
    message: str = Field(alias=PREFIX + "message", description="What is wrong and how to mend it.")
    attempt: Tries = Field(alias=PREFIX + "attempt", ge=1, description="How many times handling was tried.")
    timestamp: Count | None = Field(
        default=None,
        alias=PREFIX + "timestamp",
        ge=0,
        description="Timestamp of the record that failed, in milliseconds of Unix time; a replay keeps it.",
    )
