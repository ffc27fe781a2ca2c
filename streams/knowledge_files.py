"""Reading of the files below `streams/knowledge/`, with faults told by file and line.

An editor who knows the subject and no Python is to find the line and know what to do.
"""

import re
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from streams.errors import KnowledgeError

T = TypeVar("T")

# All scalars are read as strings (pydantic makes the numbers): "no" and "on" are English words here, not truth values.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

MAX_FILE = 4 * 1024 * 1024
"""The largest knowledge file, in bytes."""

# No knowledge file is nested deeper than a handful of levels, and libyaml's stack ends before its patience does.
_DEEP = re.compile(r"(?:[\[{]\s*){50}|^(?: {100}|(?:- *){50})", re.MULTILINE)


class KnowledgeFile:
    """A parsed YAML file that knows on which line each of its values stands.

    Raises:
        KnowledgeError: where the file cannot be read, is not YAML, or has a key twice in one place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise KnowledgeError(f"{path}: cannot be read: {error}") from error
        if len(text) > MAX_FILE:
            raise KnowledgeError(f"{path}: larger than {MAX_FILE // 1024**2} MiB; split it into several files")
        if deep := _DEEP.search(text):
            line = text.count("\n", 0, deep.start()) + 1
            raise KnowledgeError(f"{path}:{line}: nested too deeply; knowledge files have a few levels only")
        loader = _Loader(text)
        try:
            self._node = loader.get_single_node()
            self._check_keys(self._node, set())
            self.data = loader.construct_document(self._node) if self._node else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise KnowledgeError(
                f"{path}:{line}: not YAML: {error.problem}; mend the line (a text with a colon or a '#' needs quotes)"
            ) from error
        finally:
            loader.dispose()

    def _check_keys(self, node: yaml.Node | None, seen: set[int]) -> None:
        """See that no key stands twice, and that nothing is an alias: a few of aliases can make billions of values."""
        if isinstance(node, yaml.MappingNode | yaml.SequenceNode):
            if id(node) in seen:
                raise KnowledgeError(
                    f"{self.path}:{node.start_mark.line + 1}: used again by an alias ('*'); write it out instead"
                )
            seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if key.value in keys:
                    line = key.start_mark.line + 1
                    raise KnowledgeError(f"{self.path}:{line}: '{key.value}' stands twice; merge the two")
                keys.add(key.value)
                self._check_keys(value, seen)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self._check_keys(value, seen)

    def line(self, location: Sequence[Hashable]) -> int:
        """Return the line, counted from 1, of the value at `location` (keys and indices from the root)."""
        node = self._node
        for step in location:
            following: yaml.Node | None = None
            if isinstance(node, yaml.MappingNode):
                following = next((value for key, value in node.value if key.value == str(step)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                following = node.value[step]
            if following is None:
                break
            node = following
        return node.start_mark.line + 1 if node else 1

    def at(self, *location: Hashable) -> str:
        """Return file and line of the value at `location`."""
        return f"{self.path}:{self.line(location)}"

    def read(self, adapter: TypeAdapter[T]) -> T:
        """Validate the file's content; all that does not fit is told at once."""
        try:
            return adapter.validate_python(self.data if self.data is not None else {})
        except ValidationError as error:
            told = (
                f"{self.at(*each['loc'])}: {'.'.join(map(str, each['loc']))}: {_plain(each)}" for each in error.errors()
            )
            raise KnowledgeError("\n".join(told)) from error


def _plain(error: ErrorDetails) -> str:
    """Say what does not fit in an editor's words."""
    if error["type"] == "extra_forbidden":
        return "no such key; mend the spelling or take it out"
    if error["type"] == "missing":
        return "this key is required; add it"
    return f"{error['msg']} (here: {error['input']!r:.60})"
