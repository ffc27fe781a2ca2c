"""The records: how nodes, their facts and the index lie in the state, under keys of one slot.

| key                   | value                                                                     |
| --------------------- | ------------------------------------------------------------------------- |
| `<slot> c <claim id>` | the node of a claim that was assessed, and the alerts that it raised; its |
|                       | own profile where the node is another's (`Assessor._standing_for`)        |
| `<slot> n <node>`     | a node: a profile with its oldest reports (`nodes.Node`)                  |
| `<slot> f <root>`     | a fact: the nodes that are linked, directly or through others             |
| `<slot> i <key>`      | the index: nodes that are filed under a key (`matching.filed_under`)      |
| `<slot> k <kind>`     | the day since when anything of the kind is known                          |
| `<slot> t <matter>`   | how many alerts were raised about a matter                                |
| `<slot> w <article>`  | what revisions of an article have dropped: the day, and profiles          |
| `<slot> x `           | the newest day that claims have shown, and that of the last look for what |
|                       | nobody mentions any more                                                  |
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from streams.facts.cache import Cache
from streams.facts.nodes import Node
from streams.facts.profiles import Profile

MAX_DROPPED = 32
"""Profiles that are kept of what revisions of an article have dropped."""


class Records:
    """Reads and writes one slot's part of the state."""

    def __init__(self, cache: Cache, slot: str) -> None:
        self._cache = cache
        self._slot = slot

    def claim(self, claim_id: str) -> dict[str, Any] | None:
        """Return what is kept of a claim: its `node` and its `alerts`; None where it has not been assessed."""
        found: dict[str, Any] | None = self._cache.look_up(self._key("c", claim_id))
        return found

    def put_claim(self, claim_id: str, signature: str, alerts: Sequence[dict[str, Any]], read_as: str) -> None:
        """Remember a claim as assessed; `read_as` is the signature of its own profile."""
        content = {"node": signature, "alerts": alerts}
        if read_as != signature:
            content["read_as"] = read_as
        self._cache.put(self._key("c", claim_id), content, keep=False)

    @staticmethod
    def read_as(claim: Mapping[str, Any]) -> str:
        """Return the signature of the profile that an assessed claim had, of what `claim` returns."""
        signature: str = claim.get("read_as", claim["node"])
        return signature

    def turn(self, matter: str) -> int:
        """Take the next turn of a matter: 0 for what is first raised about it, then 1."""
        taken: int = self._cache.look_up(self._key("t", matter)) or 0
        self._cache.put(self._key("t", matter), taken + 1, keep=False)
        return taken

    def drop_claim(self, claim_id: str, article_id: str | None, profile: Profile) -> None:
        """Forget a claim; what its article told is remembered, so that the same in other words is no news."""
        self._drop("c", claim_id)
        if article_id is not None:
            told = [each.dump() for each in self.dropped(article_id)]
            content = [self.clock(), [*told, profile.dump()][-MAX_DROPPED:]]
            self._cache.put(self._key("w", article_id), content, keep=False)

    def dropped(self, article_id: str) -> list[Profile]:
        """Return what an article told before it was revised."""
        found = self._cache.look_up(self._key("w", article_id))
        return [] if found is None else [Profile.load(each) for each in found[1]]

    def clock(self) -> int:
        """Return the newest day that claims of the slot have shown, 0 where there is none."""
        return int((self._get("x", "") or (0, 0))[0])

    def advance(self, day: int, every: int) -> bool:
        """Set the clock to a day, if it is later, and say whether `every` days have passed since this last said so."""
        clock, said = self._get("x", "") or (0, day)
        if day <= clock:
            return False
        due = bool(day - said >= every)
        self._put("x", "", [day, day if due else said])
        return due

    def unmentioned(self, limit: str) -> list[list[Node]]:
        """Return the nodes of each fact that is not asleep and that nothing has told since a moment."""
        facts: dict[str, list[Node]] = {}
        for key, content in self._cache.under(self._key("n", "")):
            node = Node.load(key.rsplit(" ", 1)[1], content)
            facts.setdefault(node.root, []).append(node)
        return [
            members
            for _, members in sorted(facts.items())
            if max(each.latest for each in members) < limit and not all(each.asleep for each in members)
        ]

    def put_to_sleep(self, nodes: Iterable[Node], day: int) -> None:
        """Keep of nodes what it takes to recognise them, and nothing of what revisions dropped before a day."""
        kept = {}
        for node in nodes:
            node.sleep()
            self.put_node(node)
            kept[node.signature] = {each.claim_id for each in node.reports}
        for key, content in list(self._cache.under(self._key("c", ""))):
            signature = content["node"]
            if signature not in kept:
                continue
            if key.rsplit(" ", 1)[1] in kept[signature]:
                self._cache.put(key, {"node": signature, "alerts": []}, keep=False)
            else:
                self._cache.drop(key)
        for key, content in list(self._cache.under(self._key("w", ""))):
            if content[0] < day:
                self._cache.drop(key)

    def node(self, signature: str) -> Node | None:
        """Return a node."""
        found: Node | None = self._cache.get(self._key("n", signature), lambda content: Node.load(signature, content))
        return found

    def put_node(self, node: Node) -> None:
        """Write a node."""
        self._cache.put(self._key("n", node.signature), node, Node.dump)

    def members(self, root: str) -> list[Node]:
        """Return the nodes of a fact, the first to report first."""
        nodes = [node for each in self._signatures(root) if (node := self.node(each)) is not None]
        return sorted(nodes, key=lambda node: node.anchor)

    def ways(self, root: str) -> int:
        """Return how many nodes a fact has."""
        return len(self._signatures(root))

    def roots(self, signature: str) -> set[str]:
        """Return the root of the fact that a node is part of, if there is such a node and it is not in the archive."""
        node = self.node(signature)
        return set() if node is None or node.asleep else {node.root}

    def regroup(self, roots: Iterable[str]) -> set[str]:
        """Make of facts whose links have changed what the links now make of them; return the roots."""
        signatures: set[str] = set()
        for root in roots:
            signatures.update(self._signatures(root))
            self._drop("f", root)
        return self._partition(signatures)

    def cut(self, node: Node) -> set[str]:
        """Delete a node that has no reports left; return the roots of what its fact falls apart into."""
        for signature in node.links | node.rivals:
            other = self.node(signature)
            if other is not None:
                other.relate(node.signature, same=False, opposed=False)
                self.put_node(other)
        rest = set(self._signatures(node.root)) - {node.signature}
        self._drop("f", node.root)
        self._drop("n", node.signature)
        return self._partition(rest)

    def file(self, node: Node, before: Sequence[str], after: Sequence[str]) -> None:
        """Enter a node in the index under the keys that it has now, in place of those that it had before."""
        for key in after:
            if key not in before and node.signature not in (filed := self._filed(key)):
                self._put("i", key, [*filed, node.signature])
        for key in before:
            if key not in after:
                rest = [each for each in self._filed(key) if each != node.signature]
                if rest:
                    self._put("i", key, rest)
                else:
                    self._drop("i", key)

    def found(self, keys: Iterable[str], but: str) -> list[Node]:
        """Return the nodes that are filed under any of the keys, without `but`, in an order of their own."""
        signatures = {each for key in dict.fromkeys(keys) for each in self._filed(key)} - {but}
        return [node for each in sorted(signatures) if (node := self.node(each)) is not None]

    def known_since(self, profile: Profile) -> int | None:
        """Return the day since when anything of a profile's kind is reported, None where nothing is."""
        since: int | None = self._get("k", _kind(profile))
        return since

    def know(self, node: Node) -> None:
        """Remember since when something of the node's kind is reported."""
        since = self.known_since(node.profile)
        if since is None or node.first < since:
            self._put("k", _kind(node.profile), node.first)

    def _partition(self, signatures: set[str]) -> set[str]:
        """Write the facts that the links among nodes make of them; return their roots."""
        rest, roots = set(signatures), set()
        while rest:
            part, border = set(), [min(rest)]
            while border:
                signature = border.pop()
                node = self.node(signature) if signature in rest else None
                if node is not None:
                    rest.discard(signature)
                    part.add(signature)
                    border += node.links
            root = min(part)
            roots.add(root)
            if len(part) > 1:
                self._put("f", root, sorted(part))
            for signature in part:
                node = self.node(signature)
                if node is not None and node.root != root:
                    node.root = root
                    self.put_node(node)
        return roots

    def _signatures(self, root: str) -> list[str]:
        return self._get("f", root) or [root]

    def _filed(self, key: str) -> list[str]:
        return self._get("i", key) or []

    def _key(self, kind: str, name: str) -> str:
        return f"{self._slot} {kind} {name}"

    def _get(self, kind: str, name: str) -> Any:
        return self._cache.get(self._key(kind, name))

    def _put(self, kind: str, name: str, value: object) -> None:
        self._cache.put(self._key(kind, name), value)

    def _drop(self, kind: str, name: str) -> None:
        self._cache.drop(self._key(kind, name))


def _kind(profile: Profile) -> str:
    return f"{profile.parties}:{profile.status}:{profile.negated}"
