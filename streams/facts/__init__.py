"""From claims to facts and alerts. Pure: state comes in as a mapping, nothing here knows Kafka, clocks or files."""

from streams.facts.assessor import Assessment, Assessor
from streams.facts.slots import slot
from streams.facts.sources import SourceTable

__all__ = ["Assessment", "Assessor", "SourceTable", "slot"]
