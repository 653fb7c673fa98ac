"""The text of a journey: strict YAML, and on which line each part of it stands.

What a stranger may send is bounded here: no aliases, no tags, no deep nesting, nothing long.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

LONGEST = 200_000  # characters
DEEPEST = 20  # levels; forms, the deepest part of the language, need eight
UNWRITABLE = re.compile(r"[\x00-\x08\ud800-\udfff]")  # no database stores these
QUOTED = re.compile(r"“([^”]+)”|`([^`]+?):?`")
SECTIONS = {
    "stage": "stages",
    "form": "forms",
    "document": "documents",
    "reason": "reasons",
    "closed": "closed",
    "fact": "facts",
    "option": "options",
}

Path = tuple[str, ...]


class BadSource(ValueError):
    """The text is no YAML that a journey may be written in; the message names the line and the remedy."""


class StrictLoader(yaml.SafeLoader):
    """YAML 1.2 as people expect it: only true and false are booleans, no dates, no aliases, no key twice."""

    depth = 0
    yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag.rpartition(":")[2] not in ("bool", "int", "timestamp", "merge")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = f"line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise BadSource(f"{line}: aliases are not allowed; write it out")
        if event.tag is not None:
            raise BadSource(f"{line}: “{event.tag}”: tags are not allowed; remove it")
        if self.depth == DEEPEST:
            raise BadSource(f"{line}: nested deeper than {DEEPEST} levels; nothing in a journey is")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_scalar(self, node: Any) -> Any:
        if UNWRITABLE.search(str(node.value)):
            raise BadSource(f"line {node.start_mark.line + 1}: a character that cannot be stored; remove it")
        return super().construct_scalar(node)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            line = f"line {key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise BadSource(f"{line}: a name is a word, not a list or a mapping")
            if key.value in seen:
                raise BadSource(f"{line}: “{key.value}” is written twice; keep one")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


StrictLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("^-?(0|[1-9][0-9]{0,17})$"), list("-0123456789")
)


class Places:
    """On which line each part of a journey stands, found by the words in which messages name it."""

    def __init__(self, root: yaml.Node) -> None:
        self._lines: dict[Path, int] = {(): root.start_mark.line + 1}
        self._words: dict[Path, str] = {}
        self._named: dict[str, list[Path]] = {}
        for path, line, text in _walk(root, ()):
            self._lines[path], self._words[path] = line, text
            self._named.setdefault(path[-1], []).append(path)

    def line(self, message: str) -> int:
        """The line that a message such as `screen, if fail: …` or `stage one, sla: …` speaks of."""
        path: Path = ()
        rest = message
        while rest:
            piece, behind = _first_piece(rest)
            found = self._below(path, piece)
            if found is None:
                break
            path, rest = found, behind
        return self._lines[self._inside(path, rest)]

    def located(self, message: str) -> str:
        """The message with its line in front."""
        return f"line {self.line(message)}: {message}"

    def _below(self, path: Path, piece: str) -> Path | None:
        """The nearest part under this path with that name."""
        if piece == "the journey":
            return path
        lead, _, name = piece.partition(" ")
        if lead in SECTIONS and name:
            path, piece = (*path, SECTIONS[lead]), name
        elif not path and ("stages", piece) not in self._lines:
            steps = [
                found for found in self._named.get(piece, ()) if found[2:3] in (("steps",), ("exceptions",))
            ]
            path = min(steps, key=len)[:-1] if steps else path
        below = [found for found in self._named.get(piece, ()) if found[: len(path)] == path]
        return min(below, key=len, default=None)

    def _inside(self, path: Path, rest: str) -> Path:
        """The word of this part that the message quotes, or whose value it quotes; else the part."""
        for match in QUOTED.finditer(rest):
            quoted = match[1] or match[2]
            if (*path, quoted) in self._lines:
                return (*path, quoted)
            for word in ("when", "unless", "until", "second_person"):
                said = self._words.get((*path, word), "")
                if said and said in quoted:
                    return (*path, word)
        return path


def load(source: str) -> tuple[dict[str, Any], Places]:
    """A journey's parts as plain values, and their places. Raises BadSource."""
    if len(source) > LONGEST:
        raise BadSource(f"a journey is at most {LONGEST:,} characters long; split it")
    try:
        loader = StrictLoader(source)
        node = loader.get_single_node()
        raw = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        raise BadSource(_readable(error)) from None
    if node is None or not isinstance(raw, dict):
        raise BadSource("a journey begins with `journey: its-name`")
    return raw, Places(node)


def _readable(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}: {getattr(error, 'problem', error)}"
    return " ".join(str(error).split())


def _first_piece(text: str) -> tuple[str, str]:
    """What stands before the first `, `, `: ` or ` → `, and what follows it."""
    match = re.search(r", |: | → ", text)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")


def _walk(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int, str]]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = (*path, str(key.value))
        yield here, key.start_mark.line + 1, value.value if isinstance(value, yaml.ScalarNode) else ""
        yield from _walk(value, here)
