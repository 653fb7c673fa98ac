"""The company's directory opens accounts that stand here, makes none, and takes no second factor's place."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from pridvor.accounts import single_sign_on
from pridvor.accounts.models import Role, Staff
from tests.desk.conftest import staff
from tests.desk.test_sign_in import code_of
from tests.peers.directory import ENTITY, OpenID, Saml

pytestmark = pytest.mark.django_db
NO_OIDC = {"url": "", "client": "", "secret": "", "name": "", "proves_mail": "0"}
NO_SAML = {"metadata": "", "entity": "", "name": ""}


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en", "host": "testserver"})


@pytest.fixture
def openid(settings):
    directory = OpenID()
    named = {"url": directory.url, "client": "pridvor", "secret": "s", "name": "Arcada", "proves_mail": "0"}
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on.providers(named, NO_SAML)
    yield directory
    directory.stop()


@pytest.fixture
def saml(settings, tmp_path):
    directory = Saml()
    file = tmp_path / "metadata.xml"
    file.write_text(directory.metadata())
    named = {"metadata": str(file), "entity": "", "name": "Arcada SAML"}
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on.providers(NO_OIDC, named)
    return directory


@pytest.fixture
def carmen():
    return staff(Role.OPERATOR, "carmen@arcada.example")


def by_openid(browser):
    """What the browser does: to the directory, and back with a code."""
    asked = browser.get("/accounts/oidc/company/login/")["Location"]
    state = parse_qs(urlsplit(asked).query)["state"][0]
    return browser.get(f"/accounts/oidc/company/login/callback/?code=c&state={state}")


def by_saml(browser, directory, mail, **how):
    asked = browser.get("/accounts/saml/company/login/")["Location"]
    answer = directory.answer(asked, mail, **how)
    return browser.post(
        "/accounts/saml/company/acs/", {"SAMLResponse": answer, "RelayState": ""}, follow=True
    )


def test_the_sign_in_page_offers_the_directory(browser, openid):
    assert "Sign in with Arcada" in browser.get("/accounts/login/").content.decode()


def test_openid_opens_the_account_and_the_second_factor_is_asked(browser, openid, carmen):
    assert by_openid(browser)["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/desk/").status_code == 302
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(carmen)})
    assert browser.get("/desk/").status_code == 200
    assert carmen.socialaccount_set.get().extra_data == {}, "nothing else that the directory tells is kept"


def test_an_address_that_the_directory_did_not_prove_opens_nothing(browser, openid, carmen):
    openid.who["email_verified"] = False
    by_openid(browser)
    assert browser.get("/accounts/2fa/authenticate/").status_code == 302, "no sign-in is under way"


def test_somebody_without_an_account_gets_none(browser, openid):
    openid.who["email"] = "stranger@arcada.example"
    said = browser.get(by_openid(browser)["Location"]).content.decode()
    assert "Ask your administrator" in said
    assert not Staff.objects.exists()


def test_somebody_disabled_does_not_come_in_by_the_directory(browser, openid, carmen):
    Staff.objects.filter(pk=carmen.pk).update(is_active=False)
    by_openid(browser)
    assert browser.get("/accounts/2fa/authenticate/").status_code == 302


def test_an_answer_to_a_question_that_was_not_asked_opens_nothing(browser, openid, carmen):
    browser.get("/accounts/oidc/company/login/callback/?code=c&state=guessed")
    assert browser.get("/accounts/2fa/authenticate/").status_code == 302


def test_saml_opens_the_account_and_the_second_factor_is_asked(browser, saml, carmen):
    answer = by_saml(browser, saml, carmen.email)
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(carmen)})
    assert browser.get("/desk/").status_code == 200


@pytest.mark.parametrize("forged", ["unsigned", "other key"])
def test_a_forged_assertion_opens_nothing(browser, saml, carmen, forged):
    directory = saml if forged == "unsigned" else Saml()
    answer = by_saml(browser, directory, carmen.email, signed=forged != "unsigned")
    assert "did not let you in" in answer.content.decode()
    assert browser.get("/accounts/2fa/authenticate/").status_code == 302


def test_an_assertion_counts_once(browser, saml, carmen):
    asked = browser.get("/accounts/saml/company/login/")["Location"]
    said = {"SAMLResponse": saml.answer(asked, carmen.email), "RelayState": ""}
    browser.post("/accounts/saml/company/acs/", said, follow=True)
    browser.get("/accounts/logout/")
    browser.post("/accounts/logout/")
    again = browser.post("/accounts/saml/company/acs/", said, follow=True)
    assert browser.get("/accounts/2fa/authenticate/").status_code == 302, again.redirect_chain


def test_an_assertion_for_somebody_else_opens_nothing(browser, saml, carmen):
    """Made for another service of the same directory: its audience is not ours."""
    asked = browser.get("/accounts/saml/company/login/")["Location"]
    answer = saml.answer(asked, carmen.email, audience="https://other.example/metadata")
    page = browser.post(
        "/accounts/saml/company/acs/", {"SAMLResponse": answer, "RelayState": ""}, follow=True
    )
    assert "did not let you in" in page.content.decode()


def test_metadata_is_read(saml, tmp_path):
    file = tmp_path / "metadata.xml"
    found = single_sign_on.read_metadata(str(file))
    assert (found["entity_id"], found["sso_url"]) == (ENTITY, f"{ENTITY}/sso")
    file.write_text(file.read_text().replace("IDPSSODescriptor", "SPSSODescriptor"))
    with pytest.raises(single_sign_on.Misconfigured, match="describes no identity provider"):
        single_sign_on.read_metadata(str(file))
