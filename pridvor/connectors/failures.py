"""What the codes of calls that did not go well mean, for the person who has to do something about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_STATUS = ("http-", "status-")  # before the status with which a system answered
_MEANINGS: dict[str, Promise] = {
    # the way there
    "no-connection": gettext_lazy("the system does not answer"),
    "answer-lost": gettext_lazy("the answer was lost; it is looked up before anything is sent again"),
    "worker-gone": gettext_lazy("our try was broken off; it is looked up before anything is sent again"),
    "peer-resting": gettext_lazy("the system has failed several times and is left alone for a while"),
    "wrong-schema": gettext_lazy("the answer has not the form that was agreed"),
    "key-refused": gettext_lazy("the system does not take our key: renew it in the settings"),
    "no-token": gettext_lazy("the system does not let us sign in: look at the key in the settings"),
    "in-use": gettext_lazy("the system is still at the same request"),
    "no-answer": gettext_lazy("it took the order and never said how it ended: look there"),
    "gave-up": gettext_lazy("it was tried for as long as promised, without success"),
    "unforeseen": gettext_lazy("a fault of ours: the log has the details"),
    # what the system says no to
    "erp-refused": gettext_lazy("the ERP refuses the data"),
    "crm-refused": gettext_lazy("the CRM refuses the data"),
    "shop-refused": gettext_lazy("the shop refuses the data"),
    "shop-error": gettext_lazy("the shop has a fault of its own"),
    "stripe-refused": gettext_lazy("the billing system refuses the data"),
    "bank": gettext_lazy("the client's bank could not be made in the ERP"),
    "tickets-refused": gettext_lazy("the ticketing system refuses the data"),
    "refused": gettext_lazy("the system refuses the data"),
    # whom it knows
    "several-parties": gettext_lazy("the ERP has several customers with this fiscal code: merge them there"),
    "several-accounts": gettext_lazy("the CRM has several accounts with this fiscal code: merge them there"),
    "several-records": gettext_lazy("several records there have this number: merge them there"),
    "archived-party": gettext_lazy(
        "the customer is archived in the ERP: bring it back there, or make a new one"
    ),
    "archived-account": gettext_lazy("the account is out of use in the CRM: bring it back there"),
    "reference-taken": gettext_lazy("a removed account of the shop still has our reference"),
    "name-taken": gettext_lazy("another account of the CRM has this name"),
    "email-of-another": gettext_lazy("another customer of the shop has this e-mail address"),
    "contact-of-another": gettext_lazy("the person is a contact of another company in the CRM"),
    "iban-of-another": gettext_lazy("another customer of the ERP has this IBAN"),
    "no-party": gettext_lazy("the customer is not in the ERP"),
    "no-account": gettext_lazy("the account is not there"),
    "no-deal": gettext_lazy("the deal is not there"),
    "no-ticket": gettext_lazy("the ticket is not there"),
    "not-found": gettext_lazy("what should be changed is not there"),
    "not-erased": gettext_lazy("it is as before: may our key remove people there?"),
    # what is lacking
    "no-email": gettext_lazy("no e-mail address is known"),
    "no-value": gettext_lazy("the case lacks a value that the request needs"),
    "no-request": gettext_lazy("the case lacks what the request is made of"),
    "no-such-capability": gettext_lazy("nothing is connected that can do this"),
    "not-configured": gettext_lazy("no such system is connected"),
    "no-payment-term": gettext_lazy("the ERP has no such payment term: make it there"),
    "no-price-list": gettext_lazy("the ERP has no such price list: make it there"),
    "no-price-group": gettext_lazy("the shop has no such price list: make it there"),
    "no-price": gettext_lazy("no price is set for the plan"),
    "no-credit-module": gettext_lazy("the ERP's module for credit limits is not active"),
    "no-plugin": gettext_lazy("the shop lacks our plugin"),
    "no-queue": gettext_lazy("the ticketing system has no such queue, or hides it from our key"),
    "no-key-field": gettext_lazy("the ticketing system lacks the field that carries our reference"),
    "no-company": gettext_lazy("the user of our key belongs to no company there"),
    "no-won-stage": gettext_lazy("the deal's pipeline has no stage that means won"),
    "no-such-outcome": gettext_lazy("it ended in a way that nobody has described"),
    "no-list": gettext_lazy("the sanctions list is not loaded there"),
    "no-dataset": gettext_lazy("the sanctions service has no such list"),
    "no-algorithm": gettext_lazy("the sanctions service has no such way to compare"),
    "part-missing": gettext_lazy("not everybody was answered for"),
    "wrong-address": gettext_lazy("the address in the settings cannot be right"),
    "wrong-options": gettext_lazy("the options in the settings cannot be right"),
    # differences
    "changed-there": gettext_lazy("it has changed there since: compare again"),
    "no-iban": gettext_lazy("what stands there is no IBAN"),
    "iban-by-hand": gettext_lazy("a bank account is changed there by hand"),
    "no-such-answer": gettext_lazy("the case has no such answer"),
    "nothing-ours": gettext_lazy("we hold nothing to write"),
}


def meaning(code: str) -> str:
    """In the reader's language; the code itself, where it is one that nobody has described."""
    if code in _MEANINGS:
        return str(_MEANINGS[code])
    kind, dash, status = code.rpartition("-")
    if kind + dash == "status-" and status.startswith("2"):  # a refusal in an answer that says it is well
        return str(_MEANINGS["refused"])
    if kind + dash in _STATUS:
        return _("the system answers with the error %(status)s") % {"status": status}
    return code
