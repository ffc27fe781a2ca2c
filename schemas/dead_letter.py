"""The dead letter: a record that could not be read or handled, with the reason in its headers."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from schemas.base import Record

PREFIX = "tumen.errors."


class Stage(StrEnum):
    """Where in the stream a record failed."""

    DECODE = "decode"
    EXTRACT = "extract"
    ASSESS = "assess"
    SEND = "send"


class DeadLetter(Record):
    """The headers of a dead letter, decoded. Its key and value are the original bytes, untouched.

    On the wire every header is UTF-8 text, numbers in decimal digits.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    topic: str = Field(alias=PREFIX + "topic", description="Topic that the record came from.")
    partition: int = Field(alias=PREFIX + "partition", ge=0, description="Partition that the record came from.")
    offset: int = Field(alias=PREFIX + "offset", ge=0, description="Kafka offset of the record in its partition.")
    stage: Stage = Field(alias=PREFIX + "stage", description="Where in the stream the record failed.")
    code: str = Field(alias=PREFIX + "code", description="Stable code of the fault, such as `invalid_json`.")
    message: str = Field(alias=PREFIX + "message", description="What is wrong and how to mend it.")
    attempt: int = Field(alias=PREFIX + "attempt", ge=1, description="How many times handling was tried.")
