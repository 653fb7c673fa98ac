"""Reads of findings."""

from pridvor.cases.models import Case
from pridvor.checks.models import Assessment, Finding


def findings(case: Case) -> list[Finding]:
    """What the latest run of checks found, certain ones first."""
    last = (
        Finding.objects.filter(case=case).order_by("-attempt_id").values_list("attempt_id", flat=True).first()
    )
    done = case.attempts.filter(kind="check").order_by("-id").values_list("id", flat=True).first()
    if last is None or last != done:
        return []
    return list(Finding.objects.filter(attempt_id=last).order_by("certainty", "id"))


def history(case: Case) -> list[Finding]:
    return list(Finding.objects.filter(case=case).select_related("attempt").order_by("id"))


def assessments(case: Case) -> list[Assessment]:
    """What scorecards came to in this case, the latest first."""
    return list(Assessment.objects.filter(case=case).select_related("attempt").order_by("-id"))
