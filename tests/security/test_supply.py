"""What we are made of: each package by its digest, and a list of all of them that tools can read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["base", "dev", "uv"])
def test_every_package_is_named_by_its_digest(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    pinned = [block for block in blocks if re.match(r"[a-zA-Z0-9]", block)]
    assert pinned
    assert [block.split()[0] for block in pinned if "==" not in block or "--hash=sha256:" not in block] == []


def test_every_package_we_ask_for_has_its_reason():
    lines = (ROOT / "requirements" / "base.in").read_text().splitlines()
    asked = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert [line for line in asked if "#" not in line and "exporter" not in line] == []


def test_the_list_of_what_we_are_made_of_is_made(tmp_path):
    file = tmp_path / "sbom.json"
    done = subprocess.run(
        [str(ROOT / "bin" / "sbom"), str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(file.read_text())
    assert made["bomFormat"] == "CycloneDX"
    names = {part["name"].lower() for part in made["components"]}
    assert {"django", "cryptography", "psycopg", "pikepdf"} <= names
    assert all(part.get("purl") for part in made["components"])


def test_python_is_one_that_is_still_mended():
    assert sys.version_info >= (3, 11)
