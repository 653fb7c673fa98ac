"""The report of an incident with what GDPR Art. 33(3) asks for: nature, persons, data, measures, times, decision."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.lib.actor import Actor
from pridvor.privacy import incidents, ledger, looking
from pridvor.privacy.models import Incident
from pridvor.privacy.sheets import Sheet
from pridvor.ui import dates

FIGURES = {
    "clients": gettext_lazy("Clients within an hour"),
    "copies": gettext_lazy("Copies taken at night"),
    "cases": gettext_lazy("Cases outside one's work"),
    "limit": gettext_lazy("Noticed from"),
    "usual": gettext_lazy("This person's usual busiest hour"),
}
STEPS = {
    "incident.opened": gettext_lazy("opened"),
    "incident.noted": gettext_lazy("noted"),
    "incident.decided": gettext_lazy("decided"),
    "incident.closed": gettext_lazy("closed"),
}


def figures(incident: Incident) -> list[tuple[str, str]]:
    """What was counted, in words."""
    return [(str(FIGURES.get(name, name)), f"{value:g}") for name, value in incident.figures.items()]


def sheet(incident: Incident, language: str, *, actor: Actor, now: datetime) -> Sheet:
    """The report to print or send. Its notes are revealed, which is logged; persons stand in it by id alone."""
    with translation.override(language):
        made = Sheet(_("Breach of personal data"), language, now)
        made.footer = _("Incident %(id)s") % {"id": str(incident.public_id)}
        made.facts(_facts(incident))
        rows = list(incident.affected.all())
        made.heading(_("Persons affected"))
        made.paragraph(
            _("%(count)d persons; their addresses are in the list of persons.") % {"count": len(rows)}
        )
        fields = sorted({field for row in rows for field in row.fields})
        made.facts([(_("Data"), looking.in_words(fields, {}) or "–")])
        made.heading(_("What was found out and done"))
        for said in incidents.notes(incident, actor=actor, now=now):
            made.paragraph(f"{dates.said(said.note.at, 'year')}, {said.note.author.role}: {said.text}")
        made.heading(_("Times"))
        steps = [
            (dates.said(entry.at), str(STEPS.get(entry.kind, entry.kind)))
            for entry in ledger.history(incident.public_id)
        ]
        made.facts(steps)
    return made


def _facts(incident: Incident) -> list[tuple[str, str]]:
    decision = incidents.DECISIONS.get(Incident.Decision(incident.decision), _("not decided yet"))
    return [
        (_("What happened"), str(incidents.KINDS[Incident.Kind(incident.kind)])),
        *figures(incident),
        (_("Began"), dates.said(incident.began_at)),
        (_("Known since"), dates.said(incident.aware_at)),
        (_("72 hours end"), dates.said(incident.due_at)),
        (_("Decision"), str(decision)),
    ]
