"""Forms and asked-for documents, as a journey writes them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Given

from pridvor.journeys.model import Field, Form, Item, Page

TYPES = {  # a field's type: what conditions see it as
    "text": "text",
    "email": "text",
    "phone": "text",
    "iban": "text",
    "company number": "text",
    "country": "text",
    "choice": "text",
    "long text": "text",
    "number": "number",
    "int": "int",
    "bool": "bool",
    "date": "text",
    "secret": "text",
}


class BadForm(ValueError):
    """A form or document that cannot be read; the message names the place and the remedy."""


class _Field(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: str = "text"
    label: dict[str, str]
    hint: dict[str, str] = {}
    required: bool = True
    personal: bool = False
    options: dict[str, dict[str, str]] = {}
    autocomplete: str = ""
    locked: bool = False
    expires_in_days: int = Given(90, ge=1, le=3660)


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    intro: dict[str, str] = {}
    fields: dict[str, _Field] = Given(min_length=1)
    before_sign_in: bool = False


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    hint: dict[str, str] = {}
    template: str = ""
    signed: bool = False


def read(key: str, body: Any) -> Form:
    """A form from its YAML. Raises BadForm."""
    try:
        pages = {name: _Page.model_validate(page) for name, page in (body or {}).items()}
    except ValidationError as error:
        raise BadForm(f"form {key}: {_first(error)}") from None
    for name, page in pages.items():
        for question, given in page.fields.items():
            if given.type not in TYPES:
                raise BadForm(
                    f"form {key}, {name}, {question}: there is no type “{given.type}”; use {', '.join(TYPES)}"
                )
            if (given.type == "choice") != bool(given.options):
                raise BadForm(
                    f"form {key}, {name}, {question}: `options:` belong to a choice, and only there"
                )
            if given.type == "secret" and page.before_sign_in:
                raise BadForm(f"form {key}, {name}, {question}: a secret is asked after sign-in only")
    return Form(key, tuple(_page(name, page) for name, page in pages.items()))


def read_item(key: str, body: Any) -> Item:
    try:
        return Item(key, **_Item.model_validate(body).model_dump())
    except ValidationError as error:
        raise BadForm(f"document {key}: {_first(error)}") from None


def schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """A page of a form and a document as JSON Schemas, and the definitions that they refer to."""
    page = _Page.model_json_schema()
    defs = page.pop("$defs")
    defs["_Field"]["properties"]["type"]["enum"] = list(TYPES)
    return {"page": page, "document": _Item.model_json_schema()}, defs


def cel_type(spec: Any) -> str:
    """The type that conditions see: of a named field type, or of a short-hand such as [small, large]."""
    return "text" if isinstance(spec, (list, tuple)) else TYPES.get(str(spec), "text")


def choices(field: Field) -> tuple[str, ...]:
    """The answers that a choice can have; one that is left open is stored as an empty text."""
    return (*field.options, *(() if field.required else ("",)))


def may_be_empty(field: Field) -> bool:
    """Whether a condition can find nothing here: texts are stored empty, numbers are not stored."""
    return not field.required and field.type in ("number", "int")


def _page(name: str, page: _Page) -> Page:
    questions = tuple(
        Field(key, **question.model_dump() | {"personal": question.personal or question.type == "secret"})
        for key, question in page.fields.items()
    )
    return Page(name, page.title, page.intro, questions, page.before_sign_in)


def _first(error: ValidationError) -> str:
    first: Mapping[str, Any] = error.errors()[0]
    return f"{', '.join(map(str, first['loc']))}: {first['msg'].lower()}"
