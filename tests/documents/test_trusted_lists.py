"""Qualified is what a verified trusted list grants, and nothing else."""

import base64
import io

import pytest
from cryptography.hazmat.primitives import serialization
from lxml import etree
from signxml.xades import XAdESSigner

from pridvor.documents.contract import render_contract
from pridvor.documents.signatures import inspect, trust_in
from tests.documents import pki
from tests.documents.corpus import CONTRACT

PDF = render_contract(CONTRACT, "ro")
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
BASE = "http://uri.etsi.org/TrstSvc/TrustedList"
LIST = """<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>1</TSLSequenceNumber>
<TSLType>{base}/TSLType/EUgeneric</TSLType>
<SchemeOperatorName><Name xml:lang="en">Operator</Name></SchemeOperatorName>
<SchemeTerritory>RO</SchemeTerritory><ListIssueDateTime>2026-01-01T00:00:00Z</ListIssueDateTime></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider>
<TSPInformation><TSPName><Name xml:lang="en">Provider</Name></TSPName></TSPInformation>
<TSPServices><TSPService><ServiceInformation>
<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/CA/QC</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">CA for qualified certificates</Name></ServiceName>
<ServiceDigitalIdentity><DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId></ServiceDigitalIdentity>
<ServiceStatus>{base}/Svcstatus/{status}</ServiceStatus>
<StatusStartingTime>2016-07-01T00:00:00Z</StatusStartingTime>
</ServiceInformation></TSPService></TSPServices></TrustServiceProvider></TrustServiceProviderList>
</TrustServiceStatusList>"""


def pem(who: str) -> bytes:
    return pki.cast()[who].x509.public_bytes(serialization.Encoding.PEM)


def trusted_list(of: str = "between", *, by: str = "root", status: str = "granted") -> bytes:
    """A national list that grants one authority its status, signed by its operator."""
    certificate = base64.b64encode(pki.cast()[of].certificate.dump()).decode()
    said = etree.fromstring(LIST.format(base=BASE, certificate=certificate, status=status).encode())
    key = pki.cast()[by].key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = XAdESSigner(c14n_algorithm=C14N, signature_algorithm="ecdsa-sha256")
    signer.namespaces[None] = said.nsmap[
        None
    ]  # its digests are taken before the signature stands in the list
    return etree.tostring(signer.sign(said, key=key, cert=pem(by).decode()))


def level(folder, who: str) -> tuple[str, str]:
    report = inspect(io.BytesIO(pki.sign(PDF, who)), trust_in(folder))[0]
    return report.verdict, report.level


@pytest.fixture
def folder(tmp_path):
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "operator.pem").write_bytes(pem("root"))
    (lists / "ro.xml").write_bytes(trusted_list())
    return tmp_path


def test_a_qualified_certificate_in_a_device_under_a_granted_authority_is_qualified(folder):
    assert level(folder, "in-device") == ("valid", "qualified")


def test_without_the_device_it_is_advanced(folder):
    assert level(folder, "qualified") == ("valid", "advanced")


def test_an_ordinary_certificate_of_the_same_authority_is_advanced(folder):
    assert level(folder, "ana") == ("valid", "advanced")


def test_a_certificate_of_somebody_unknown_is_simple(folder):
    assert level(folder, "stranger") == ("untrusted", "simple")


def test_a_status_that_was_withdrawn_grants_nothing(folder):
    (folder / "lists" / "ro.xml").write_bytes(trusted_list(status="withdrawn"))
    assert level(folder, "in-device") == ("untrusted", "simple")


def test_a_list_that_somebody_else_signed_counts_for_nothing(folder):
    (folder / "lists" / "ro.xml").write_bytes(trusted_list(by="evil"))
    assert level(folder, "in-device") == ("untrusted", "simple")


def test_a_list_that_was_changed_counts_for_nothing(folder):
    said = (folder / "lists" / "ro.xml").read_bytes().replace(b"<SchemeTerritory>RO", b"<SchemeTerritory>DE")
    (folder / "lists" / "ro.xml").write_bytes(said)
    assert level(folder, "in-device") == ("untrusted", "simple")


def test_a_list_without_its_operators_certificate_counts_for_nothing(folder):
    (folder / "lists" / "operator.pem").unlink()
    assert level(folder, "in-device") == ("untrusted", "simple")


def test_a_list_of_lists_that_the_union_did_not_sign_names_nobody(folder):
    (folder / "lists" / "operator.pem").rename(folder / "operator.txt")
    (folder / "lists" / "lotl.xml").write_bytes(trusted_list())
    assert level(folder, "in-device") == ("untrusted", "simple")
