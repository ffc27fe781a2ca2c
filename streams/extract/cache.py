"""What is derived from the knowledge files, kept on disk: reading and inflecting it anew would take seconds a start."""

import hashlib
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from streams import knowledge_files
from streams.extract import knowledge, lexicon, morphology, tokenizer
from streams.extract.knowledge import HOME, Knowledge, hash_of

log = structlog.get_logger(__name__)

Keys = dict[str, list[str]]
"""The vocabulary keys of each name and cue of a language."""

Kept = TypeVar("Kept")

_KEYS = TypeAdapter(Keys)


def default_folder() -> Path:
    """Return the folder of the user's caches, by the XDG convention."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tumen"


class Cache:
    """Keeps what comes of one state of the knowledge files. What cannot be kept is derived again at the next start."""

    def __init__(self, state: str, folder: Path | None = None) -> None:
        """Keep what comes of the knowledge files whose hash is `state`."""
        digest = hashlib.blake2b(f"{HOME} {state}".encode(), digest_size=8)
        for package in ("tumen", "spacy", "pymorphy3", "pymorphy3-dicts-uk", "pymorphy3-dicts-ru"):
            digest.update(version(package).encode())
        for module in (knowledge, knowledge_files, lexicon, morphology, tokenizer):
            digest.update(Path(str(module.__file__)).read_bytes())
        self._folder = folder or default_folder()
        self._name = digest.hexdigest()

    def keys(self, language: str) -> Keys:
        """Return the keys kept for a language, none where there are none."""
        return self._load(f"keys-{language}", _KEYS) or {}

    def store_keys(self, language: str, keys: Keys) -> None:
        """Keep the keys of a language."""
        self._store(f"keys-{language}", _KEYS.dump_json(keys))

    def knowledge(self) -> Knowledge:
        """Return what the knowledge files hold: as it was kept, else read and checked anew.

        Raises:
            KnowledgeError: where a knowledge file has a fault.
        """
        adapter = TypeAdapter(Knowledge)
        kept = self._load("knowledge", adapter)
        if kept is None:
            kept = Knowledge.load()
            self._store("knowledge", adapter.dump_json(kept, by_alias=True, exclude_defaults=True))
        return kept

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}-{self._name}.json"

    def _load(self, name: str, adapter: TypeAdapter[Kept]) -> Kept | None:
        """Return what was kept; None where there is nothing, or where the file is damaged."""
        path = self._path(name)
        try:
            return adapter.validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.warning("the cache cannot be read; it is made anew", path=str(path), reason=str(error))
            return None

    def _store(self, name: str, content: bytes) -> None:
        """Keep something, and drop what came of other states of the knowledge files."""
        path = self._path(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("wb", dir=self._folder, delete=False) as file:
                file.write(content)
            # several processes start at once: each writes a file of its own, and the last one stays
            Path(file.name).replace(path)
            for old in self._folder.glob(f"{name}-*.json"):
                if old != path:
                    old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the cache cannot be written; starts stay slow", folder=str(self._folder), reason=str(error))


def load_knowledge() -> Knowledge:
    """Return what the knowledge files hold, by the cache if it has them as they are now.

    Raises:
        KnowledgeError: where a knowledge file has a fault.
    """
    return Cache(hash_of()).knowledge()
