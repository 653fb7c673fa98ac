"""A stand-in of Vendure: the part of its Admin API that our client uses, with its manner of failing inside HTTP 200."""

import json
import re
from typing import Any

import httpx

from pridvor.connectors.stand_ins.store import Record, StandIn, Taken

ACCOUNTS = "shop.customer"
PRICE_LISTS = {"Partner Silver": 5, "Partner Gold": 10}  # percent below the list price
GROUPS = [{"id": name, "name": name, "customFields": {"isPriceList": True}} for name in PRICE_LISTS]


class Shop(StandIn):
    """Accounts by our reference, with addresses, price lists and payment days."""

    def reads(self, request: httpx.Request) -> bool:
        return not json.loads(request.content)["query"].startswith("mutation")

    def answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        named = re.search(r"\{\s*(\w+)", asked["query"])
        try:
            result = getattr(self, f"_{_snake(named[1] if named else '')}")(asked["variables"])
        except (AttributeError, Taken) as error:
            code = "INTERNAL_SERVER_ERROR" if isinstance(error, Taken) else "GRAPHQL_VALIDATION_FAILED"
            said = (
                "duplicate key value violates unique constraint" if isinstance(error, Taken) else str(error)
            )
            return httpx.Response(
                200, json={"errors": [{"message": said, "extensions": {"code": code}}], "data": None}
            )
        return httpx.Response(200, json={"data": {named[1] if named else "": result}})

    # -- reading

    def _customers(self, given: Record) -> Record:
        accounts = [each for each in self.store.all(ACCOUNTS) if not each.get("deleted")]
        wanted = str(given.get("ref", ""))
        if wanted.endswith("~"):
            accounts = [each for each in accounts if wanted in each["customFields"]["externalRef"]]
        elif wanted:
            accounts = [each for each in accounts if each["customFields"]["externalRef"] == wanted]
        return {"items": accounts, "totalItems": len(accounts)}

    def _customer_groups(self, given: Record) -> Record:
        return {"items": [group for group in GROUPS if group["name"] == given["name"]]}

    # -- writing

    def _create_customer(self, given: Record) -> Record:
        wanted = given["input"]
        reference = wanted["customFields"]["externalRef"]
        everybody = self.store.all(ACCOUNTS)
        if any(
            each["emailAddress"] == wanted["emailAddress"] and not each.get("deleted") for each in everybody
        ):
            return {
                "errorCode": "EMAIL_ADDRESS_CONFLICT_ERROR",
                "message": "The email address is not available.",
            }
        if any(each["customFields"]["externalRef"] == reference for each in everybody):
            raise Taken
        closed = sum(each["customFields"]["externalRef"].startswith(f"{reference}~") for each in everybody)
        record = {
            **wanted,
            "code": f"shop/{reference}/{closed}",
            "customFields": {"paymentDays": None, **wanted["customFields"]},
            "groups": [],
            "addresses": [],
        }
        return record | {"id": self.store.add(ACCOUNTS, record)}

    def _update_customer(self, given: Record) -> Record:
        wanted = given["input"]
        account = self._one(wanted["id"])
        own = {**account["customFields"], **wanted.get("customFields", {})}
        return self._keep(account | wanted | {"customFields": own})

    def _delete_customer(self, given: Record) -> Record:
        self._keep(self._one(given["id"]) | {"deleted": True})
        return {"result": "DELETED"}

    def _create_customer_address(self, given: Record) -> Record:
        account, wanted = self._one(given["id"]), given["input"]
        address = {**wanted, "id": f"{account['id']}-{len(account['addresses']) + 1}"}
        self._keep(account | {"addresses": [*account["addresses"], _as_read(address)]})
        return address

    def _update_customer_address(self, given: Record) -> Record:
        wanted = given["input"]
        account = self._one(int(wanted["id"].partition("-")[0]))
        changed = [
            _as_read(each | wanted) if each["id"] == wanted["id"] else each for each in account["addresses"]
        ]
        self._keep(account | {"addresses": changed})
        return {"id": wanted["id"]}

    def _delete_customer_address(self, given: Record) -> Record:
        account = self._one(int(given["id"].partition("-")[0]))
        self._keep(
            account | {"addresses": [each for each in account["addresses"] if each["id"] != given["id"]]}
        )
        return {"success": True}

    def _add_customers_to_group(self, given: Record) -> Record:
        account = self._one(given["ids"][0])
        groups = [group for group in GROUPS if group["id"] == given["group"]]
        self._keep(account | {"groups": [*account["groups"], *groups]})
        return {"id": given["group"]}

    def _remove_customers_from_group(self, given: Record) -> Record:
        account = self._one(given["ids"][0])
        self._keep(account | {"groups": [each for each in account["groups"] if each["id"] != given["group"]]})
        return {"id": given["group"]}

    def _one(self, id: object) -> Record:
        return next(each for each in self.store.all(ACCOUNTS) if each["id"] == id)

    def _keep(self, account: Record) -> Record:
        self.store.change(
            ACCOUNTS, account["id"], {name: value for name, value in account.items() if name != "id"}
        )
        return account


def _as_read(address: Record) -> Record:
    code: Any = address.pop("countryCode", None)
    return address | ({"country": {"code": code}} if code else {})


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()
