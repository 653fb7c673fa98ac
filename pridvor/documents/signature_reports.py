"""What is said of a signature. Apart from signatures.py, so that whoever reads reports need not import pyhanko."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

Verdict = Literal["valid", "tampered", "changed-after-signing", "untrusted", "expired", "revoked", "unsigned"]
Level = Literal["qualified", "advanced", "simple", "none"]


@dataclass(frozen=True)
class SignatureReport:
    """One signature. `level` is the most that we can honestly say: «qualified» when the EU's trusted lists grant it, or
    with QcStatements under a root that the installation declares qualified; «advanced» under any other root that is
    trusted; «simple» when the file is what was signed and nobody known confirms by whom; otherwise «none»."""

    verdict: Verdict
    level: Level
    signer: str = ""
    organisation: str = ""
    signed_at: datetime | None = None  # as the signer claims
    timestamp: datetime | None = None  # as a trusted timestamp proves
    covers_all: bool = False

    @property
    def is_valid(self) -> bool:
        return self.verdict == "valid"

    def as_json(self) -> dict[str, Any]:
        times = {"signed_at": self.signed_at, "timestamp": self.timestamp}
        return {**asdict(self), **{name: at.isoformat() if at else None for name, at in times.items()}}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "SignatureReport":
        times = {
            name: datetime.fromisoformat(found[name]) if found[name] else None
            for name in ("signed_at", "timestamp")
        }
        return cls(**{**found, **times})
