"""Which region a new case is of: the one that covers its client's county, else the one that covers the country."""

from pridvor.accounts.models import Region
from pridvor.lib import text


def of(country: str, county: str) -> Region | None:
    """The region of an address, as the administrator drew them; None: no region covers it, and everybody sees it."""
    places = [f"{country.upper()}:{text.fold(county)}", country.upper()]
    found = {
        place: region for region in Region.objects.filter(covers__overlap=places) for place in region.covers
    }
    return next((found[place] for place in places if place in found), None)


def all_regions() -> list[Region]:
    return list(Region.objects.all())
