"""From text to entities and claims. Pure: knows neither Kafka nor Faust nor settings."""

from streams.extract.extractor import Extractor

__all__ = ["Extractor"]
