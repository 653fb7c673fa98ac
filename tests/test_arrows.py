"""The arrows that the import linter cannot see, and the linter's own contract."""

import re
import subprocess
import sys
import tomllib

import pytest
from django.apps import apps

from tests.conftest import ROOT

LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0][
    "layers"
]
LEVEL = {room.strip(): len(LAYERS) - level for level, line in enumerate(LAYERS) for room in line.split("|")}
DOORS = {"portal", "desk", "oversight", "api", "project"}
FREE = {"account", "mfa", "usersessions", "set_language"}  # third-party addresses
# The frame that every page stands in, and letters, name pages by their address's name; the urlconf is the project's.
SHARED = {("ui", "portal"), ("ui", "desk"), ("ui", "oversight"), ("accounts", "desk"), ("accounts", "portal")}


def below(room, other):
    return room == other or LEVEL[other] < LEVEL[room]


def files(*endings):
    for path in (ROOT / "pridvor").rglob("*"):
        if path.suffix in endings and "migrations" not in path.parts and "__pycache__" not in path.parts:
            room = path.relative_to(ROOT / "pridvor").parts[0]
            if room in LEVEL:
                yield room, path, path.read_text()


def test_every_room_stands_in_the_contract():
    rooms = {path.parent.name for path in (ROOT / "pridvor").glob("*/__init__.py")}
    assert rooms == LEVEL.keys() & rooms


def test_the_contract_holds():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_point_to_lower_rooms():
    wrong = []
    for model in apps.get_models():
        room = model.__module__.split(".")[1] if model.__module__.startswith("pridvor.") else ""
        for field in model._meta.get_fields():
            other = (
                getattr(field.related_model, "__module__", "")
                if field.is_relation and not field.auto_created
                else ""
            )
            if room and other.startswith("pridvor.") and not below(room, other.split(".")[1]):
                wrong.append(f"{model.__name__}.{field.name}")
    assert wrong == []


def test_foreign_keys_never_cross_between_the_two_databases():
    crossing = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.related_model
        and isinstance(field.related_model, type)
        and (model._meta.app_label == "vault") != (field.related_model._meta.app_label == "vault")
    ]
    assert crossing == []


def test_templates_include_and_extend_only_those_of_lower_rooms():
    wrong = []
    for room, path, text in files(".html", ".txt"):
        for name in re.findall(r'{%\s*(?:include|extends)\s+"([^"]+)"', text):
            other = name.split("/")[0]
            if other in LEVEL and not below(room, other):
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert wrong == []


def test_a_rooms_templates_lie_under_its_own_name():
    wrong = [
        str(path.relative_to(ROOT))
        for room, path, _ in files(".html", ".txt")
        if (folder := path.parts[path.parts.index("templates") + 1] if "templates" in path.parts else room)
        in LEVEL
        and folder != room
    ]
    assert wrong == []


@pytest.mark.parametrize("endings", [(".py",), (".html", ".txt")])
def test_names_of_addresses_point_to_the_same_or_lower_rooms(endings):
    """Doors may name one another's addresses: the urlconf is the project's. Nobody below a door may name one."""
    wrong = []
    for room, path, text in files(*endings):
        named = (
            re.findall(r"""(?:reverse|redirect|resolve_url)\(\s*f?["']([a-z_]+)[:"'_]""", text)
            if endings == (".py",)
            else re.findall(r"""{%\s*url\s+["']([a-z_]+):""", text)
        )
        for other in named:
            allowed = other not in LEVEL or room in DOORS or below(room, other) or (room, other) in SHARED
            if not allowed:
                wrong.append(f"{path.relative_to(ROOT)}: {other}")
    assert wrong == []


def test_no_import_hides_inside_a_function():
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for room, path, text in files(".py")
        for number, line in enumerate(text.splitlines(), 1)
        if re.match(r"\s+(from pridvor|import pridvor)", line) and "noqa: PLC0415" not in line
    ]
    assert wrong == []


def test_no_signal_connects_rooms_behind_our_back():
    assert [
        str(path)
        for room, path, text in files(".py")
        if re.search(r"django\.dispatch|django\.db\.models\.signals", text)
    ] == []
