"""What machines are told when something is refused: codes that never change, each with its title and the way out.

The API answers with them as RFC 9457 problems; the page of a machine explains with them what went wrong.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Words:
    """One kind of problem: the status it is answered with, what happened, and what to do."""

    status: int
    title: Promise
    way_out: Promise


PROBLEMS = {
    "not-json": Words(
        400, _("The body cannot be read"), _("Send JSON in UTF-8 with Content-Type: application/json.")
    ),
    "no-key": Words(
        401,
        _("No valid key came with the request"),
        _("Send the header Authorization: Bearer and a key, or a token of /api/v1/token, that is not over."),
    ),
    "not-genuine": Words(
        401,
        _("The message is not signed as agreed"),
        _("Compare what the answer names: the secret, or the clock, which may differ by five minutes."),
    ),
    "missing-scope": Words(
        403,
        _("The key may not do this"),
        _("Ask an administrator for a key with the scope that the answer names."),
    ),
    "purpose-needed": Words(
        403,
        _("Personal values are shown for a purpose alone"),
        _("Say in the query parameter purpose what they are needed for; it is kept with the look."),
    ),
    "not-found": Words(
        404,
        _("There is nothing at this address for this key"),
        _("Compare the id; a test key finds tests alone, and a key of a region the cases of that region."),
    ),
    "method": Words(405, _("This address does not take this method"), _("See the description of the API.")),
    "already-open": Words(
        409,
        _("This person is on this journey for this company already"),
        _("Go on with the case that the answer names."),
    ),
    "no-longer-open": Words(
        409,
        _("The step is not open, or not any more"),
        _("Read the case again and do what is open now."),
    ),
    "stale": Words(
        409,
        _("Somebody changed the case since it was read"),
        _("Read it again and decide on what stands there now."),
    ),
    "key-reused": Words(
        409,
        _("The Idempotency-Key came with another request before"),
        _("Use a new key for each new request."),
    ),
    "refused": Words(
        409,
        _("The case does not allow this now"),
        _("The answer names the reason; read the case and do what is open."),
    ),
    "too-large": Words(413, _("There is more than we take"), _("Send less at once.")),
    "not-a-journey": Words(
        422, _("No journey of this name can be opened so"), _("List the journeys and choose one of them.")
    ),
    "wrong-fields": Words(
        422,
        _("Some values cannot be right"),
        _("The answer names each field and why; correct these and send the request again."),
    ),
    "no-such-outcome": Words(
        422, _("The step cannot end so"), _("Choose one of the outcomes that the step names.")
    ),
    "not-for-machines": Words(
        422,
        _("This step is not ended by machines"),
        _("The person or system that the step names ends it."),
    ),
    "file-refused": Words(
        422, _("The file cannot be taken"), _("The answer says why; send another file, or the whole one.")
    ),
    "documents-missing": Words(
        422, _("Not every document is there"), _("Upload those that the answer names, then send again.")
    ),
    "bad-cursor": Words(
        422, _("The cursor is not one of ours"), _("Take it from next of the answer before, unchanged.")
    ),
    "bad-address": Words(
        422,
        _("Events cannot be sent to this address"),
        _("Name a public https address; addresses of private networks are not called."),
    ),
    "too-many-requests": Words(
        429,
        _("More requests than a minute allows"),
        _("Wait as many seconds as the header Retry-After says."),
    ),
    "failed": Words(
        500,
        _("Something went wrong on our side"),
        _("Send the request again later, with the same Idempotency-Key; the request id helps us find it."),
    ),
}


def words(code: str) -> Words:
    """The words of a code; one that is not in the table is a refusal of the case."""
    return PROBLEMS.get(code, PROBLEMS["refused"])
