"""What our sources never do. Each rule is a search over every file, so that a new one is caught as well."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "pridvor").rglob("*.py"))
SCRIPTS = sorted((ROOT / "pridvor").rglob("*.js"))
TEMPLATES = sorted((ROOT / "pridvor").rglob("*.html"))
EVERYTHING = [*PYTHON, *SCRIPTS, *TEMPLATES]

NEVER_IN_PYTHON = {
    "code made of text": r"\b(eval|exec)\(|\bcompile\([^)]*['\"]exec",
    "a shell": r"shell\s*=\s*True|os\.system\(|os\.popen\(",
    "objects that come back to life": r"\b(pickle|marshal|shelve)\b|yaml\.(load|unsafe_load|full_load)\(",
    "XML with entities": r"xml\.(etree|dom|sax)|lxml\.etree|minidom",
    "templates made of text": r"Template\((?!s)|from_string\(|Engine\(",
    "text that is not escaped": r"mark_safe\(f|mark_safe\([^)]*%|format_html\(f",
    "weak digests": r"\b(md5|sha1)\(|hashes\.(MD5|SHA1)\(",
    "weak ciphers": r"modes\.(ECB|CBC|CFB|OFB)|algorithms\.(TripleDES|ARC4|Blowfish)|PKCS1v15",
    "weak randomness": r"\brandom\.(random|randint|choice|getrandbits|shuffle|sample)\(|uuid\.uuid1",
    "certificates that nobody looks at": r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False",
    "redirects that are followed": r"follow_redirects\s*=\s*True",
    "SQL made of values": r"execute\(\s*f['\"][^'\"]*\{(?!FUNCTION)|\.extra\(|\.raw\(f",
    "one password for all": r"(password|secret|token)\s*=\s*['\"][^'\"{]{6,}['\"]",
}
NEVER_IN_SCRIPTS = {
    "markup made of text": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write",
    "code made of text": r"\beval\(|new Function\(|setTimeout\(\s*['\"]",
    "messages from anywhere": r"addEventListener\(\s*['\"]message['\"]|postMessage\(",
    "something kept of somebody": r"indexedDB|document\.cookie\s*=",
    "another site": r"https?://(?!www\.w3\.org)",
    "keys that come from outside in a plain object": r"__proto__|Object\.assign\(\{\},\s*JSON",
}
NEVER_IN_TEMPLATES = {
    "text that is not escaped": r"\|\s*safe\b|autoescape off",
    "addresses of scripts": r"(href|src|action)=[\"']javascript:",
    "handlers inside": r"\son[a-z]+=[\"']",
    "another site": r"(src|href)=[\"']https?://",
    "a password that cannot be pasted": r"onpaste|autocomplete=[\"']off[\"'][^>]*type=[\"']password",
}
# Where a search finds what it looks for and it is right so: the file, and why.
RIGHT_SO = {
    ("one password for all", "cast.py"): "the demo's staff; the doctor names them elsewhere",
    ("SQL made of values", "ledger.py"): "names of tables, in migrations",
    ("SQL made of values", "founding.py"): "names of tables, from the catalogue, when the demo is left",
    ("SQL made of values", "backup.py"): "names of tables, quoted by the framework",
    ("SQL made of values", "bench.py"): "names of the bench's own tables",
    (
        "code made of text",
        "conditions.py",
    ): "CEL, which has no effects, typed and bounded when a journey is read",
    ("templates made of text", "letters.py"): "an engine that reads our own folder of letters",
}


def found(pattern, files, rule):
    """Places that match, without what stands in RIGHT_SO and in migrations."""
    places = []
    for file in files:
        if "migrations" in file.parts or (rule, file.name) in RIGHT_SO:
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.search(pattern, line) and not line.lstrip().startswith(("#", "//", "*", '"""')):
                places.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return places


@pytest.mark.parametrize("rule", NEVER_IN_PYTHON)
def test_no_python_of_ours_has(rule):
    assert found(NEVER_IN_PYTHON[rule], PYTHON, rule) == []


@pytest.mark.parametrize("rule", NEVER_IN_SCRIPTS)
def test_no_script_of_ours_has(rule):
    assert found(NEVER_IN_SCRIPTS[rule], SCRIPTS, rule) == []


@pytest.mark.parametrize("rule", NEVER_IN_TEMPLATES)
def test_no_template_of_ours_has(rule):
    assert found(NEVER_IN_TEMPLATES[rule], TEMPLATES, rule) == []


def test_no_secret_lies_in_the_repository():
    shapes = r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[bap]-"
    files = [file for file in EVERYTHING if "tests" not in file.parts]
    assert found(shapes, [*files, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], "secret") == []


def test_the_search_finds_what_it_looks_for(tmp_path):
    bad = ROOT / "pridvor" / "lib" / "planted.py"
    samples = {
        "code made of text": "eval(x)",
        "a shell": "run(x, shell=True)",
        "weak digests": "md5(x)",
        "certificates that nobody looks at": "get(x, verify=False)",
    }
    for rule, line in samples.items():
        assert re.search(NEVER_IN_PYTHON[rule], line), rule
    assert not bad.exists()
