"""What is derived from the knowledge files, kept on disk: inflecting every name anew would take seconds a start."""

import hashlib
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import structlog

from streams.extract import lexicon, morphology, tokenizer

log = structlog.get_logger(__name__)

Keys = dict[str, list[str]]
"""The vocabulary keys of each name and cue of a language."""


def default_folder() -> Path:
    """Return the folder of the user's caches, by the XDG convention."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tumen"


class Cache:
    """Keeps the keys of one state of the knowledge files. What cannot be kept is derived again at the next start."""

    def __init__(self, knowledge: str, folder: Path | None = None) -> None:
        digest = hashlib.blake2b(knowledge.encode(), digest_size=8)
        for package in ("tumen", "spacy", "pymorphy3", "pymorphy3-dicts-uk", "pymorphy3-dicts-ru"):
            digest.update(version(package).encode())
        for module in (lexicon, morphology, tokenizer):
            digest.update(Path(str(module.__file__)).read_bytes())
        self._folder = folder or default_folder()
        self._name = digest.hexdigest()

    def _path(self, language: str) -> Path:
        return self._folder / f"keys-{language}-{self._name}.json"

    def load(self, language: str) -> Keys:
        """Return the keys kept for a language; none where there are none, or where the file is damaged."""
        path = self._path(language)
        try:
            kept: Keys = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("the cache cannot be read; it is made anew", path=str(path), reason=str(error))
            return {}
        return kept

    def store(self, language: str, keys: Keys) -> None:
        """Keep the keys of a language, and drop those of other states of the knowledge files."""
        path = self._path(language)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False, encoding="utf-8") as file:
                json.dump(keys, file, ensure_ascii=False)
            # several processes start at once: each writes a file of its own, and the last one stays
            Path(file.name).replace(path)
            for old in self._folder.glob(f"keys-{language}-*.json"):
                if old != path:
                    old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the cache cannot be written; starts stay slow", folder=str(self._folder), reason=str(error))
