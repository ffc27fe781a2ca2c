"""The records: how nodes, their facts and the index lie in the state, under keys of one slot.

| key                   | value                                                                     |
| --------------------- | ------------------------------------------------------------------------- |
| `<slot> c <claim id>` | the node of a claim that was assessed, and the alerts that it raised      |
| `<slot> n <node>`     | a node: a profile with its oldest reports (`nodes.Node`)                  |
| `<slot> f <root>`     | a fact: the nodes that are linked, directly or through others             |
| `<slot> i <key>`      | the index: nodes that are filed under a key (`matching.filed_under`)      |
"""

import json
from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

from streams.facts.nodes import Node


class Records:
    """Reads and writes one slot's part of the state. Keeps what it has read, for the time of one assessment."""

    def __init__(self, state: MutableMapping[str, str], slot: str) -> None:
        self._state = state
        self._slot = slot
        self._nodes: dict[str, Node] = {}

    def claim(self, claim_id: str) -> dict[str, Any] | None:
        """Return what is kept of a claim: its `node` and its `alerts`; None where it has not been assessed."""
        text = self._get("c", claim_id)
        return None if text is None else dict(json.loads(text))

    def put_claim(self, claim_id: str, signature: str, alerts: Sequence[dict[str, Any]]) -> None:
        """Remember a claim as assessed."""
        self._put("c", claim_id, {"node": signature, "alerts": alerts})

    def drop_claim(self, claim_id: str) -> None:
        """Forget a claim."""
        self._drop("c", claim_id)

    def node(self, signature: str) -> Node | None:
        """Return a node."""
        if signature not in self._nodes:
            text = self._get("n", signature)
            if text is None:
                return None
            self._nodes[signature] = Node.loads(signature, text)
        return self._nodes[signature]

    def put_node(self, node: Node) -> None:
        """Write a node."""
        self._nodes[node.signature] = node
        self._state[self._key("n", node.signature)] = node.dumps()

    def members(self, root: str) -> list[Node]:
        """Return the nodes of a fact, the first to report first."""
        nodes = [node for each in self._signatures(root) if (node := self.node(each)) is not None]
        return sorted(nodes, key=lambda node: node.anchor)

    def merge(self, node: Node, root: str) -> None:
        """Make the fact of `node` and the fact `root` one."""
        joined = sorted({*self._signatures(node.root), *self._signatures(root)})
        self._drop("f", node.root)
        self._drop("f", root)
        self._settle(joined)

    def cut(self, node: Node, keys: Iterable[str]) -> set[str]:
        """Delete a node that has no reports left; return the roots of what its fact falls apart into."""
        for key in keys:
            filed = [each for each in self._filed(key) if each != node.signature]
            if filed:
                self._put("i", key, filed)
            else:
                self._drop("i", key)
        rest = {each for each in self._signatures(node.root) if each != node.signature}
        for signature in node.links | node.rivals:
            other = self.node(signature)
            if other is not None:
                other.links.discard(node.signature)
                other.rivals.discard(node.signature)
                self.put_node(other)
        self._drop("f", node.root)
        self._drop("n", node.signature)
        self._nodes.pop(node.signature, None)
        roots = set()
        while rest:
            part, border = set(), [min(rest)]
            while border:
                signature = border.pop()
                if signature in rest:
                    rest.discard(signature)
                    part.add(signature)
                    other = self.node(signature)
                    border += other.links if other is not None else ()
            roots.add(self._settle(sorted(part)))
        return roots

    def file(self, node: Node, keys: Iterable[str]) -> None:
        """Enter a new node in the index."""
        for key in keys:
            filed = self._filed(key)
            if node.signature not in filed:
                self._put("i", key, [*filed, node.signature])

    def found(self, keys: Iterable[str], but: str) -> list[Node]:
        """Return the nodes that are filed under any of the keys, without `but`, in an order of their own."""
        signatures = {each for key in dict.fromkeys(keys) for each in self._filed(key)} - {but}
        return [node for each in sorted(signatures) if (node := self.node(each)) is not None]

    def _settle(self, signatures: Sequence[str]) -> str:
        root = signatures[0]
        for signature in signatures:
            node = self.node(signature)
            if node is not None and node.root != root:
                node.root = root
                self.put_node(node)
        if len(signatures) > 1:
            self._put("f", root, signatures)
        return root

    def _signatures(self, root: str) -> list[str]:
        text = self._get("f", root)
        return [root] if text is None else list(json.loads(text))

    def _filed(self, key: str) -> list[str]:
        text = self._get("i", key)
        return [] if text is None else list(json.loads(text))

    def _key(self, kind: str, name: str) -> str:
        return f"{self._slot} {kind} {name}"

    def _get(self, kind: str, name: str) -> str | None:
        return self._state.get(self._key(kind, name))

    def _put(self, kind: str, name: str, value: object) -> None:
        self._state[self._key(kind, name)] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def _drop(self, kind: str, name: str) -> None:
        if self._key(kind, name) in self._state:
            del self._state[self._key(kind, name)]
