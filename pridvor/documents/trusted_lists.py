"""The EU's trusted lists (ETSI TS 119 612), as files that the administrator supplies; nothing is fetched.

In the folder: `lotl.xml`, the list of the lists, whose signature is verified with the certificates that pyhanko ships
(published in the Official Journal); the national lists as further `*.xml`; and `*.pem`, certificates of list operators
beside those that the list of the lists names. A list whose signature none of these verifies counts for nothing.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.qualified import eutl_parse
from pyhanko.sign.validation.qualified.assess import QualificationAssessor
from pyhanko.sign.validation.qualified.tsp import QcCertType, TSPRegistry
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.path import ValidationPath

LOTL = "lotl.xml"
FOR_PEOPLE_AND_COMPANIES = {QcCertType.QC_ESIGN, QcCertType.QC_ESEAL}

log = logging.getLogger(__name__)


def registry(folder: Path) -> TSPRegistry | None:
    """The services that the verified lists in this folder grant; None where there is no list."""
    files = sorted(folder.glob("*.xml")) if folder.is_dir() else []
    if not files:
        return None
    operators, found = _operators(folder), TSPRegistry()
    for file in files:
        if file.name == LOTL or not operators:
            continue
        try:
            eutl_parse.trust_list_to_registry(file.read_text("utf-8"), operators, found)
        except (SignatureValidationError, ValueError, OSError) as error:
            log.warning("the trusted list %s counts for nothing: %s", file.name, type(error).__name__)
    return found


def authorities(found: TSPRegistry) -> list[x509.Certificate]:
    """Certificates of the authorities that a registry knows: paths may end there."""
    known = found.known_certificate_authorities
    return [authority.certificate for authority in known if isinstance(authority, AuthorityWithCert)]


def is_qualified(found: TSPRegistry, path: ValidationPath) -> bool:
    """Whether the lists grant that the certificate at the end of this path is qualified, and its key in a device that is.

    A signature with it is then qualified (Regulation (EU) No 910/2014, Article 3(12) and (27)). Without the device it
    is advanced.
    """
    try:
        status = QualificationAssessor(found).check_entity_cert_qualified(path).status
    except (NotImplementedError, ValueError):
        return False
    return status.qualified and status.qc_key_security.is_qscd and status.qc_type in FOR_PEOPLE_AND_COMPANIES


def _operators(folder: Path) -> list[x509.Certificate]:
    """Whose signatures on national lists count."""
    return [*_supplied(sorted(folder.glob("*.pem"))), *_named_by_the_list_of_lists(folder / LOTL)]


def _supplied(files: Sequence[Path]) -> list[x509.Certificate]:
    return [
        x509.Certificate.load(der)
        for file in files
        for name, _, der in pem.unarmor(file.read_bytes(), multiple=True)
        if name == "CERTIFICATE"
    ]


def _named_by_the_list_of_lists(file: Path) -> list[x509.Certificate]:
    if not file.exists():
        return []
    try:
        parsed = eutl_parse.validate_and_parse_lotl(file.read_text("utf-8"))
    except (SignatureValidationError, ValueError, OSError) as error:
        log.warning("the list of the lists counts for nothing: %s", type(error).__name__)
        return []
    return [certificate for reference in parsed.references for certificate in reference.tlso_certs]
