"""A company's directory: an OpenID provider on loopback, and a SAML identity provider that signs what it says."""

import base64
import json
import threading
import zlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from onelogin.saml2.utils import OneLogin_Saml2_Utils

ENTITY = "https://directory.example/saml"
SAML_TIME = "%Y-%m-%dT%H:%M:%SZ"


class OpenID:
    """Whoever brings any code is `who`."""

    def __init__(self):
        self.who = {"sub": "7", "email": "carmen@arcada.example", "email_verified": True}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def _answers(self):
        claims = {
            "iss": self.url,
            "aud": "pridvor",
            "exp": datetime.now(UTC) + timedelta(minutes=5),
            **self.who,
        }
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/me",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/token": {
                "access_token": "a",
                "token_type": "Bearer",
                "id_token": jwt.encode(claims, "k" * 32, "HS256"),
            },
            "/me": self.who,
        }

    def _handler(self):
        directory = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps(directory._answers()[self.path]).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args):
                pass

        return Handler


class Saml:
    """Signs an assertion about somebody, for the request that the browser brought."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "directory")]), datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(7)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self.key, hashes.SHA256())
        )

    def pem(self, thing):
        if thing is self.key:
            return thing.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode()
        return thing.public_bytes(serialization.Encoding.PEM).decode()

    def metadata(self):
        body = "".join(self.pem(self.certificate).splitlines()[1:-1])
        return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ENTITY}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{ENTITY}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""

    def answer(self, asked, mail, *, signed=True, audience=""):
        """The form value SAMLResponse for the redirect address `asked`."""
        query = parse_qs(urlsplit(asked).query)
        request = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15).decode()
        request_id = request.split('ID="')[1].split('"')[0]
        there = request.split('AssertionConsumerServiceURL="')[1].split('"')[0]
        us = request.split("<saml:Issuer>")[1].split("</saml:Issuer>")[0]
        assertion = self._assertion(request_id, there, audience or us, mail)
        if signed:
            assertion = OneLogin_Saml2_Utils.add_sign(
                assertion, self.pem(self.key), self.pem(self.certificate)
            ).decode()
        now = datetime.now(UTC).strftime(SAML_TIME)
        response = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="{now}" Destination="{there}" InResponseTo="{request_id}"><saml:Issuer>{ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}</samlp:Response>"""
        return base64.b64encode(response.encode()).decode()

    def _assertion(self, request_id, there, us, mail):
        now = datetime.now(UTC)
        before, after = (
            (now - timedelta(minutes=2)).strftime(SAML_TIME),
            (now + timedelta(minutes=5)).strftime(SAML_TIME),
        )
        return f"""<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_a1" Version="2.0" IssueInstant="{before}"><saml:Issuer>{ENTITY}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">{mail}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{after}" Recipient="{there}" InResponseTo="{request_id}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{before}" NotOnOrAfter="{after}"><saml:AudienceRestriction><saml:Audience>{us}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{before}" SessionIndex="_s1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue xsi:type="xs:string">{mail}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"""
