"""The rules of the style sheets: names follow files, colours live in one place, words can be read."""

import re
from pathlib import Path

import pytest

from pridvor.ui import palette

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "pridvor/ui/static/ui/css").glob("*.css"))
COMPONENTS = [sheet for sheet in SHEETS if "@layer components" in sheet.read_text(encoding="utf-8")]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
TEXT_PAIRS = [
    *[
        ("ink", ground)
        for ground in (
            "paper",
            "surface",
            "sunk",
            "lamp",
            "clay-soft",
            "pine-soft",
            "ochre-soft",
            "brick-soft",
            "slate-soft",
        )
    ],
    *[("muted", ground) for ground in ("paper", "surface", "sunk", "clay-soft")],
    *[
        (ink, ground)
        for ink in ("pine", "ochre", "brick", "slate")
        for ground in ("paper", "surface", f"{ink}-soft")
    ],
    ("clay-deep", "paper"),
    ("clay-deep", "surface"),
    ("clay-deep", "clay-soft"),
    ("on-clay", "clay"),
]
SHAPE_PAIRS = [
    ("edge", "paper"),
    ("edge", "surface"),
    ("clay", "paper"),
    ("clay", "surface"),
    ("focus", "paper"),
    ("focus", "surface"),
    ("focus", "sunk"),
    ("pine", "lamp"),
    ("slate", "paper"),
    ("pine", "paper"),
]


def written(sheet: Path) -> str:
    return COMMENT.sub("", sheet.read_text(encoding="utf-8"))


@pytest.mark.parametrize("sheet", COMPONENTS, ids=lambda sheet: sheet.stem)
def test_every_class_of_a_component_starts_with_the_name_of_its_file(sheet):
    selectors = " ".join(re.findall(r"([^{};]+)\{", written(sheet)))
    strangers = [
        name
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", selectors)
        if not name.startswith((sheet.stem, "htmx-"))
    ]
    assert strangers == []


@pytest.mark.parametrize(
    "sheet", [sheet for sheet in SHEETS if sheet.name != "tokens.css"], ids=lambda sheet: sheet.stem
)
def test_no_colour_is_written_outside_the_tokens(sheet):
    assert COLOUR.findall(written(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_no_sheet_needs_ids_or_important(sheet):
    selectors = " ".join(re.findall(r"([^{};]+)\{", written(sheet)))
    assert "!important" not in written(sheet)
    assert "#" not in selectors


def test_every_sheet_is_linked_from_the_base_template():
    linked = re.findall(
        r"ui/css/([\w-]+\.css)", (ROOT / "pridvor/ui/templates/ui/_styles.html").read_text(encoding="utf-8")
    )
    assert sorted(linked) == [sheet.name for sheet in SHEETS]
    assert linked[0] == "layers.css"


def test_every_variable_that_is_used_is_given_somewhere():
    text = "".join(map(written, SHEETS))
    given = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) - given == set()


def test_the_reader_and_the_system_get_the_same_dark():
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", palette.TOKENS.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_words_stand_out_from_their_ground(theme, ink, ground):
    raw = palette.raw(theme)
    assert palette.contrast(raw[ink], raw[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_stand_out_from_their_ground(theme, shape, ground):
    raw = palette.raw(theme)
    assert palette.contrast(raw[shape], raw[ground]) >= 3


def test_the_palette_knows_white_and_black():
    assert palette.contrast(palette.Lch(1, 0, 0), palette.Lch(0, 0, 0)) == pytest.approx(21, abs=0.01)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in palette.colours().values())
