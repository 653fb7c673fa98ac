"""The first wall: tables of cases are read through one manager, which leaves out what the reader may not see.

While a page of staff is made, `accounts.sight` says which cases exist for the person; machines see all of them.
"""

from functools import cache
from typing import TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

from pridvor.accounts.sight import Sight, present

Row = TypeVar("Row", bound=models.Model)
CASE = "cases.Case"


class Seen(models.Manager[Row]):
    """Rows of the cases that whoever acts now may see. Django's `_base_manager` stays without it, for joins."""

    def get_queryset(self) -> models.QuerySet[Row]:
        rows, sight = super().get_queryset(), present()
        return rows if sight.is_whole else rows.filter(visible(self.model, sight))


def visible(model: type[models.Model], sight: Sight) -> Q:
    """Which rows of a table are of cases in sight."""
    if sight.is_whole:
        return Q()
    cases, way = apps.get_model(CASE)._base_manager, way_to_case(model)
    seen = Q() if sight.regions is None else _in_regions(sight)
    if sight.tests is not None:
        seen &= Q(is_test=sight.tests)
    return Q(**{f"{way}__in": cases.filter(seen).values("pk")}) if way else seen


def _in_regions(sight: Sight) -> Q:
    """Cases of the reader's regions, of none, and those in which they look after a stage."""
    own = Q(assignments__staff=sight.staff, assignments__ended_at=None)
    given = Q(pk__in=apps.get_model(CASE)._base_manager.filter(own).values("pk"))
    return given | Q(region=None) | Q(region__in=sight.regions) if sight.regions else given


@cache
def way_to_case(model: type[models.Model]) -> str:
    """The names that lead from a row to its case, as a query writes them; empty: the row is the case itself."""
    if model is apps.get_model(CASE):
        return ""
    keys = [field for field in model._meta.fields if isinstance(field, models.ForeignKey)]
    straight = [field.name for field in keys if field.related_model is apps.get_model(CASE)]
    further = [f"{field.name}__{way}" for field in keys if (way := _way(field))]
    if not straight and not further:
        raise LookupError(f"{model.__name__} belongs to no case")
    return straight[0] if straight else min(further, key=lambda way: way.count("__"))


def _way(field: models.ForeignKey) -> str:
    """The rest of the way, through the table that a key points to; empty when it leads to no case."""
    other = field.related_model
    if isinstance(other, str) or not isinstance(other._default_manager, Seen):
        return ""
    return way_to_case(other)
