"""The outside systems of this installation: which product plays each role, and where; in a demonstration, stand-ins."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from pydantic import ValidationError

from pridvor.cases.models import Case
from pridvor.company import systems
from pridvor.connectors import gathering
from pridvor.connectors.contract import Answer, Health, Place, Product, Rejected, Request, Verb
from pridvor.connectors.models import Switch
from pridvor.connectors.sandbox_store import DatabaseStore
from pridvor.connectors.stand_ins.store import SANDBOX

_trying: ContextVar[bool] = ContextVar("trying", default=False)
_products: dict[str, tuple[Product, ...]] = {}


def learn(products: Iterable[Product]) -> None:
    """Take the products from the table, which calls it once."""
    for product in products:
        _products[product.role] = (*_products.get(product.role, ()), product)


@contextmanager
def of_a_test(is_test: bool) -> Iterator[None]:
    """While this lasts, stand-ins answer for every system if the case is a test: nobody's books are touched by one."""
    token = _trying.set(is_test)
    try:
        yield
    finally:
        _trying.reset(token)


def roles() -> list[str]:
    return list(_products)


def product(role: str) -> Product:
    """The product that plays a role here. Raises Rejected when none does: then people do by hand what it would do."""
    return _here(role)[0]


def options(role: str) -> Any:
    """The options behind the address of the system that plays a role. Raises Rejected."""
    return _here(role)[1].options


@contextmanager
def connection(role: str) -> Iterator[Any]:
    """The product of a role, connected. Raises Rejected when there is none, or its address cannot be right."""
    chosen, place = _here(role)
    with closing(chosen.connect(place, _transport(chosen, place))) as connected:
        yield connected


def connect(role: str, address: str, key: str) -> Any:
    """A system at this address, connected whatever the settings say. The caller closes it. Raises Rejected."""
    chosen, place = _of_address(_products.get(role, ()), address, key)
    return chosen.connect(place, None)


def gather(role: str, verb: str, case: Case, *, now: datetime) -> Request:
    """The request of a verb: what the product that plays the role wants to know, and nothing else."""
    chosen = product(role)
    named = _verb(chosen, verb)
    build = chosen.gather or gathering.customer
    return build(named, case, now=now)


def perform(role: str, verb: str, request: Request) -> Answer:
    named = _verb(product(role), verb)
    with connection(role) as connected:
        return named.perform(connected, request)


def judge(role: str, verb: str, said: Mapping[str, Any], key: str) -> Answer:
    """What a system means that tells later. Raises Rejected, also where no such answer can be awaited."""
    chosen = product(role)
    _verb(chosen, verb)
    if chosen.judge is None:
        raise Rejected("no-such-answer", f"{chosen.name} tells nothing later")
    return chosen.judge(verb, dict(said), key)


def key_of_answers(role: str) -> str:
    """The key with which the system that plays the role signs what it tells later; empty: it tells nothing."""
    try:
        chosen, place = _here(role)
    except Rejected:
        return ""
    return place.key if chosen.judge else ""


def can_tell(role: str, verb: str) -> bool:
    """Whether the product that plays the role can read if this verb's effect stands."""
    try:
        return _verb(product(role), verb).is_there is not None
    except Rejected:
        return False


def is_there(role: str, verb: str, request: Request) -> bool:
    """Whether the effect stands now. Raises Failed when it cannot be asked, LookupError where it can never be."""
    look = _verb(product(role), verb).is_there
    if look is None:
        raise LookupError(f"{role} cannot tell whether {verb} stands")
    with connection(role) as connected:
        return look(connected, request)


def entrance(role: str, reference: str, *, now: datetime) -> str:
    """Where the customer of this reference comes into the system that plays the role, signed in, once; empty: nowhere."""
    try:
        chosen, place = _here(role)
    except Rejected:
        return ""
    return chosen.enter(place, reference, now) if chosen.enter else ""


def stand_in_modes(role: str) -> tuple[str, ...]:
    """How the demonstration's stand-in of a role can behave."""
    return _products[role][0].modes


def probe(role: str) -> Health:
    """Whether the product of a role answers and takes our key; without one there is nothing to fail."""
    if not is_configured(role):
        return Health(role, True, "not configured")
    try:
        with connection(role) as connected:
            found: Health = connected.probe()
            return found
    except Rejected as error:
        return Health(role, False, error.words)


def is_configured(role: str) -> bool:
    return settings.DEMO or bool(systems.system(role))


def _here(role: str) -> tuple[Product, Place]:
    known = _products.get(role, ())
    found = None if _trying.get() else systems.system(role)
    if found:
        return _of_address(known, *found)
    if (settings.DEMO or _trying.get()) and known:
        return known[0], Place(f"http://{SANDBOX}/{role}", SANDBOX, known[0].options())
    raise Rejected("not-configured", f"no system is configured for {role}")


def _of_address(known: Iterable[Product], address: str, key: str) -> tuple[Product, Place]:
    parts = urlsplit(address)
    scheme, _plus, web = parts.scheme.rpartition("+")
    chosen = next((each for each in known if each.scheme == scheme), None)
    if chosen is None or web not in ("http", "https") or not parts.hostname:
        forms = ", ".join(f"{each.scheme}+https://…" if each.scheme else "https://…" for each in known)
        raise Rejected("wrong-address", f"the address has one of the forms {forms}")
    try:
        options = chosen.options.model_validate(dict(parse_qsl(parts.query)))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise Rejected("wrong-options", f"behind the ? of the address: {wrong}") from None
    return chosen, Place(f"{web}://{parts.netloc}{parts.path.rstrip('/')}", key, options)


def _transport(chosen: Product, place: Place) -> Any:
    """None: the network. The stand-in for a test's case, and in a demonstration where nothing is set or `sandbox` is."""
    in_demo = settings.DEMO and (
        urlsplit(place.address).hostname == SANDBOX or not systems.system(chosen.role)
    )
    if not (_trying.get() or in_demo):
        return None
    mode = Switch.objects.mode(chosen.role)
    return chosen.stand_in(DatabaseStore(), lambda: mode)


def _verb(chosen: Product, name: str) -> Verb:
    if name not in chosen.verbs:
        raise Rejected("no-such-capability", f"{chosen.name} has no {name}")
    return chosen.verbs[name]
