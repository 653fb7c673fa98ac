"""Verifies a case's exported evidence, offline: python verify_evidence.py FILE --key PUBLIC_KEY

Needs nothing of Pridvor, and of other packages only `cryptography`. The public key (Ed25519, 64 hexadecimal digits) is
to be had from the company by another way than the export: `pridvor evidence key` prints it. Exit codes: 0 all is as it
was sealed, 1 something is not, 2 wrong use.
"""

import argparse
import hashlib
import hmac
import json
import sys
import zipfile
import zlib
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
FORMAT = "pridvor-evidence/1"
CHUNK = 1 << 20
UNREADABLE = (  # what a file raises that is not what it says it is
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
)


def canonical(said: Any) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def problems(path: str, keys: list[str]) -> list[str]:
    """Everything that is not as it was sealed, in plain words; none: it is genuine. `keys` are public keys."""
    try:
        with zipfile.ZipFile(path) as file:
            return _problems(file, keys)
    except UNREADABLE as error:
        return [f"the file cannot be read as an export ({type(error).__name__}: {error})"]


def summary(path: str) -> str:
    """What a genuine export is about."""
    with zipfile.ZipFile(path) as file:
        manifest = json.loads(file.read(MANIFEST))
        rows = {name: len(json.loads(file.read(f"ledgers/{name}.json"))) for name in manifest["chains"]}
        covering = [line["number"] for line in json.loads(file.read("checkpoints.json"))]
    counted = ", ".join(f"{count} rows of {name}" for name, count in rows.items())
    last = f"checkpoint {max(covering)}" if covering else "no checkpoint"
    return f"{manifest['case']}, sealed {manifest['made_at']}: {counted}; {last}"


def _problems(file: zipfile.ZipFile, keys: list[str]) -> list[str]:
    sealed = file.read(MANIFEST)
    if not any(_is_signed(key, file.read(SIGNATURE).decode().strip(), sealed) for key in keys):
        return ["the manifest is not signed by this key"]
    manifest = json.loads(sealed)
    if manifest["format"] != FORMAT:
        return [f"this verifier does not know the format {manifest['format']}"]
    found = _files(file, manifest["files"])
    if found:
        return found
    lines = json.loads(file.read("checkpoints.json"))
    found = [problem for line in lines for problem in _checkpoint(line, keys)]
    for ledger, chain in manifest["chains"].items():
        rows = json.loads(file.read(f"ledgers/{ledger}.json"))
        found += _chain(ledger, chain["keys"], rows)
        found += _covered(ledger, rows, lines)
    return found


def _is_signed(key: str, signature: str, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _files(file: zipfile.ZipFile, sealed: dict[str, str]) -> list[str]:
    """Each file as the manifest has it, none missing, none added, none twice."""
    there = [info.filename for info in file.infolist()]
    wanted = sorted([*sealed, MANIFEST, SIGNATURE])
    if sorted(there) != wanted:
        strange = sorted({name for name in [*there, *wanted] if there.count(name) != wanted.count(name)})
        return [f"{name} is missing, added or there twice" for name in strange]
    return [f"{name} was changed" for name, digest in sealed.items() if _sha256(file, name) != digest]


def _sha256(file: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with file.open(name) as content:
        while piece := content.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _chain(ledger: str, keys: dict[str, str], rows: list[dict[str, Any]]) -> list[str]:
    """Every row linked to the one before it, from the first on."""
    previous = ""
    for position, row in enumerate(rows, 1):
        mac = bytes.fromhex(row["mac"])
        key = bytes.fromhex(keys.get(str(mac[0]), ""))
        content = canonical([position, previous, *row["said"]])
        right = hmac.digest(key, content, "sha256") if key else b""
        if row["position"] != position or not hmac.compare_digest(right, mac[1:]):
            return [f"{ledger}: row {row['position']} does not follow the one before it"]
        previous = row["mac"]
    return []


def _checkpoint(line: dict[str, Any], keys: list[str]) -> list[str]:
    """Signed, and the heads that are shown are among those that were signed."""
    signed = {name: said for name, said in line.items() if name not in ("digest", "signature", "shown")}
    content = canonical(signed)
    if hashlib.sha256(content).hexdigest() != line["digest"] or not any(
        _is_signed(key, line["signature"], content) for key in keys
    ):
        return [f"checkpoint {line['number']} is not signed by this key"]
    strange = [
        head for head in line["shown"] if hashlib.sha256(canonical(head)).hexdigest() not in line["heads"]
    ]
    return [f"checkpoint {line['number']} does not vouch for {head[0]}" for head in strange]


def _covered(ledger: str, rows: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[str]:
    """What checkpoints saw still stands where they saw it."""
    macs = {row["position"]: row["mac"] for row in rows}
    heads = [(line["number"], head) for line in lines for head in line["shown"] if head[0] == ledger]
    return [
        f"{ledger}: row {position} is not the one of checkpoint {number}"
        for number, (_ledger, _scope, position, mac) in heads
        if macs.get(position) != mac
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a case's exported evidence, offline.")
    parser.add_argument("file")
    parser.add_argument(
        "--key", action="append", required=True, help="public key, 64 hexadecimal digits; may be given twice"
    )
    given = parser.parse_args(arguments)
    return report(given.file, given.key)


def report(path: str, keys: list[str]) -> int:
    """Print what was found; 1 when something is not as it was sealed."""
    found = problems(path, keys)
    for problem in found:
        print(f"NOT GENUINE: {problem}", file=sys.stderr)
    if not found:
        print(f"Genuine: {summary(path)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
