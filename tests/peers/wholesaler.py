"""The wholesaler's three systems, real and side by side: Tryton, BottleCRM and Vendure, each with a database of its own."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers import bottlecrm, tryton, vendure


@dataclass(frozen=True)
class House:
    erp: tryton.Tryton
    crm: bottlecrm.BottleCRM
    shop: vendure.Shop

    @property
    def services(self) -> dict[str, dict[str, str]]:
        """As the setting of this name has them; the ERP has settings of its own."""
        return {
            "crm": {"url": f"bottlecrm+{self.crm.url}", "token": self.crm.key},
            "shop": {"url": f"vendure+{self.shop.url}/admin-api", "token": self.shop.key},
        }

    @property
    def environment(self) -> dict[str, str]:
        """How an installation names them."""
        services = json.dumps(self.services)
        return {"PRIDVOR_ERP": self.erp.url, "PRIDVOR_ERP_KEY": self.erp.key, "PRIDVOR_SERVICES": services}


@contextmanager
def running(folder: Path, keys: object) -> Iterator[House]:
    """All three below `folder`, stopped when the block ends. `keys`: whose links the shop takes."""
    os.chmod(folder, 0o711)  # the databases' account passes through; nobody can list it
    places = {name: folder / name for name in ("erp", "crm", "shop")}
    for place in places.values():
        place.mkdir()
    with ExitStack() as stack:
        yield House(
            stack.enter_context(tryton.running(places["erp"])),
            stack.enter_context(bottlecrm.running(places["crm"])),
            stack.enter_context(vendure.running(places["shop"], keys)),
        )
