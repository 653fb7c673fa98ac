"""Sign-in by the company's own directory: OpenID Connect or SAML 2.0. It opens an account that stands here already.

A directory says who somebody is by their e-mail address, so only one that proves addresses may be named. The second
factor is asked here all the same: what the directory asked is not known to us.
"""

from typing import Any
from urllib.parse import urlsplit

from defusedxml import ElementTree

NAMES = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#"}
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
MAIL = [  # names under which directories send the address
    "email",
    "mail",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
]
UID = [
    "urn:oasis:names:tc:SAML:attribute:subject-id",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
    *MAIL,
]


class Misconfigured(Exception):
    """The directory's description cannot be used; the message says what is missing."""


def providers(oidc: dict[str, str], saml: dict[str, str]) -> dict[str, Any]:
    """What django-allauth wants to know of the directories that are named.

    `oidc`: url (issuer), client, secret, name, proves_mail. `saml`: metadata (address or path of the directory's
    metadata), entity, name. Either may be empty. Raises Misconfigured, OSError.
    """
    found: dict[str, Any] = {}
    if oidc["url"]:
        found["openid_connect"] = {"APPS": [_oidc(oidc)], "OAUTH_PKCE_ENABLED": True}
    if saml["metadata"]:
        found["saml"] = {"APPS": [_saml(saml)]}
    return found


def _oidc(given: dict[str, str]) -> dict[str, Any]:
    return {
        "provider_id": "company",
        "name": given["name"],
        "client_id": given["client"],
        "secret": given["secret"],
        "settings": {"server_url": given["url"], "verified_email": given["proves_mail"] == "1"},
    }


def _saml(given: dict[str, str]) -> dict[str, Any]:
    return {
        "provider_id": "company-saml",
        "name": given["name"],
        "client_id": "company",
        "settings": {
            "idp": _identity_provider(given),
            "attribute_mapping": {"uid": UID, "email": MAIL},
            "verified_email": True,  # the directory is the company's own, and what it says is signed
            "use_nameid_for_email": True,
            "advanced": {
                "want_assertion_signed": True,
                "reject_idp_initiated_sso": True,
                "allow_single_label_domains": True,  # our own name, in an intranet
                "strict": True,
            },
        },
    }


def _identity_provider(given: dict[str, str]) -> dict[str, str]:
    if urlsplit(given["metadata"]).scheme in ("http", "https"):
        return {"entity_id": given["entity"], "metadata_url": given["metadata"]}
    return read_metadata(given["metadata"])


def read_metadata(path: str) -> dict[str, str]:
    """The directory's name, address and certificate from its metadata file (SAML 2.0 Metadata, 2.4.3)."""
    root = ElementTree.parse(path).getroot()
    entity = root if root.tag.endswith("}EntityDescriptor") else root.find("md:EntityDescriptor", NAMES)
    found = entity.find("md:IDPSSODescriptor", NAMES) if entity is not None else None
    if found is None:
        raise Misconfigured(f"{path} describes no identity provider")
    places = [
        place.get("Location")
        for place in found.findall("md:SingleSignOnService", NAMES)
        if place.get("Binding") == REDIRECT
    ]
    keys = found.findall("md:KeyDescriptor", NAMES)
    signing = [key for key in keys if key.get("use", "signing") == "signing"]
    certificate = signing[0].findtext(".//ds:X509Certificate", "", NAMES) if signing else ""
    if not places or not certificate:
        raise Misconfigured(f"{path} names no HTTP-Redirect address or no signing certificate")
    return {
        "entity_id": entity.get("entityID"),
        "sso_url": places[0],
        "x509cert": "".join(certificate.split()),
    }
