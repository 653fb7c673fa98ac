"""The content policy forbids anything inline, so no template of any room may try."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "pridvor"
TEMPLATES = sorted(
    path for path in ROOT.glob("*/templates/**/*.html") if "mail" not in path.parts
)  # mail programs know no style sheets
DATA = re.compile(r'<script[^>]*type="application/json"')


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_carries_no_style_script_or_handler(template):
    text = template.read_text(encoding="utf-8")
    scripts = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and not DATA.match(tag)]
    assert scripts == []
    assert re.findall(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|\shx-on", text) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_fits_on_a_screen_and_shows_no_comment(template):
    text = template.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert not re.search(
        r"\{#[^\n]*(?<!#\})$",
        "\n".join(line for line in text.splitlines() if "{#" in line and "#}" not in line),
    )


@pytest.mark.parametrize(
    "template", [path for path in TEMPLATES if path.is_relative_to(ROOT / "ui")], ids=lambda path: path.name
)
def test_every_class_in_our_partials_exists_in_a_style_sheet(template):
    sheets = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ui/static/ui/css").glob("*.css"))
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " … ", template.read_text(encoding="utf-8"))
    names = {
        name
        for value in re.findall(r'class="([^"]*)"', text)
        for name in value.split()
        if re.fullmatch(r"[\w-]*[a-z]", name)
    }
    assert {name for name in names if f".{name}" not in sheets} == set()
