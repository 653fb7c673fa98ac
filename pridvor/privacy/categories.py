"""What kinds of personal data there are, as retention rules, letters and the access ledger name them.

What is not listed counts as identification, the kind that laws bind most: nothing is erased because it was forgotten here.
"""

from django.utils.translation import gettext_lazy

IDENTIFICATION = "identification"
NAMES = {
    "contact": gettext_lazy("name, e-mail address and telephone"),
    "identification": gettext_lazy("what identifies persons and the company, with its documents"),
    "payment": gettext_lazy("bank account and what proves it"),
    "contract": gettext_lazy("contracts"),
    "communication": gettext_lazy("notes, comments and correspondence"),
    "technical": gettext_lazy("sign-in codes, sessions, drafts and credentials"),
}
OF_FIELD = {
    "email": "contact",
    "phone": "contact",
    "contact_name": "contact",
    "iban": "payment",
    "note": "communication",
    "internal_note": "communication",
    "comment": "communication",
    "comment_answer": "communication",
    "item": "communication",
    "delivered": "communication",
    "incident_note": "communication",
    "secret": "technical",
}
OF_DOCUMENT = {"bank-letter": "payment", "contract": "contract"}


def of_field(field: str) -> str:
    """The category of a value in the vault, by its name."""
    return OF_FIELD.get(field, IDENTIFICATION)


def of_document(item: str) -> str:
    return OF_DOCUMENT.get(item, IDENTIFICATION)
