"""Forms and asked-for documents, as a journey writes them."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic import Field as Given

from pridvor.journeys import entries
from pridvor.journeys.model import NUMBERS, Field, Form, Item, Page, Repeat

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
    min: int | None = None
    max: int | None = None
    when: str = ""

    @model_validator(mode="after")
    def _bounds_are_of_numbers(self) -> Self:
        if (self.min, self.max) != (None, None) and self.type not in NUMBERS:
            raise ValueError("min and max bound numbers alone")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self


class _Repeat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    min: int = Given(default=1, ge=0)
    max: int = Given(default=20, ge=1, le=entries.MOST)


class _Check(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rule: str
    message: dict[str, str]


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    intro: dict[str, str] = {}
    fields: dict[str, _Field] = Given(min_length=1)
    before_sign_in: bool = False
    when: str = ""
    repeat: _Repeat | None = None
    entry: dict[str, str] = {}
    add: dict[str, str] = {}
    check: _Check | None = None


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
        for problem in (*_odd_fields(page), *_odd_group(name, page), *_odd_before_sign_in(page)):
            raise BadForm(f"form {key}, {name}{problem}")
    form = Form(key, tuple(_page(name, page) for name, page in pages.items()))
    taken = {field.key for field in form.fields} & {page.key for page in form.groups}
    if taken:
        raise BadForm(
            f"form {key}, {min(taken)}: a page that repeats and a question have one name; change one"
        )
    return form


def _odd_fields(page: _Page) -> Iterator[str]:
    for question, given in page.fields.items():
        if given.type not in TYPES:
            yield f", {question}: there is no type “{given.type}”; use {', '.join(TYPES)}"
        if (given.type == "choice") != bool(given.options):
            yield f", {question}: `options:` belong to a choice, and only there"
        if given.type == "secret" and page.before_sign_in:
            yield f", {question}: a secret is asked after sign-in only"
        if given.type == "secret" and (page.repeat or page.when or given.when):
            yield f", {question}: a secret is asked once and of everybody; take `repeat:` and `when:` away"


def _odd_group(name: str, page: _Page) -> Iterator[str]:
    """What belongs to a page that repeats stands there whole, and nowhere else."""
    if page.repeat is None:
        for word, given in (("entry", page.entry), ("add", page.add), ("check", page.check)):
            if given:
                yield f": `{word}:` belongs to a page with `repeat:`"
        return
    if not (page.entry and page.add):
        yield ": a page that repeats says what one is called, and how another is added; write `entry:` and `add:`"
    if page.repeat.min > page.repeat.max:
        yield ": `repeat:` asks for more than it allows; let min be at most max"
    for question in page.fields:
        if not entries.can_name(name, question):
            yield f", {question}: this name, with its page's, cannot be kept; write short names of letters and hyphens"


def _odd_before_sign_in(page: _Page) -> Iterator[str]:
    """Before signing in there is no case to which a condition could look."""
    depends = page.when or any(
        given.when or any("when" in text for text in given.options.values()) for given in page.fields.values()
    )
    if page.before_sign_in and (depends or page.repeat):
        yield ": what is asked before signing in neither depends on answers nor repeats; move it to a later page"


def staff_fields(where: str, given: Mapping[str, Any]) -> tuple[Field, ...]:
    """What staff answer with their decision: `{limit: {type: number, label: …}}`, or in short `{limit: number}`.

    A list is a choice between its words. Raises BadForm.
    """
    return tuple(_field(key, _staff_field(f"{where}, {key}", key, spec)) for key, spec in given.items())


def _staff_field(where: str, key: str, spec: Any) -> _Field:
    named = {"en": key, "ro": key}
    body = spec
    if isinstance(spec, list):
        body = {
            "type": "choice",
            "label": named,
            "options": {str(one): {"en": str(one), "ro": str(one)} for one in spec},
        }
    elif not isinstance(spec, Mapping):
        body = {"type": str(spec), "label": named}
    try:
        field = _Field.model_validate(body)
    except ValidationError as error:
        raise BadForm(f"{where}: {_first(error)}") from None
    if field.personal or field.type == "secret" or field.when:
        raise BadForm(f"{where}: what staff decide is neither personal nor secret, and always asked")
    return field


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
    if isinstance(spec, Mapping):
        return TYPES.get(str(spec.get("type", "text")), "text")
    return "text" if isinstance(spec, (list, tuple)) else TYPES.get(str(spec), "text")


def choices(field: Field) -> tuple[str, ...]:
    """The answers that a choice can have; one that is left open is stored as an empty text."""
    return (*field.options, *(() if field.required else ("",)))


def may_be_empty(page: Page, field: Field) -> bool:
    """Whether a condition can find nothing here: it may not be asked; texts are stored empty, numbers are not stored."""
    left_open = not field.required and field.is_number
    return left_open or page.depends or field.depends


def _page(name: str, page: _Page) -> Page:
    questions = tuple(_field(key, question) for key, question in page.fields.items())
    repeat = Repeat(page.repeat.min, page.repeat.max, page.entry, page.add) if page.repeat else None
    depends = bool(page.when)
    return Page(name, page.title, page.intro, questions, page.before_sign_in, depends, repeat=repeat)


def _field(key: str, question: _Field) -> Field:
    """A question; its conditions are added once all that they may look at is known (see binding)."""
    options = {
        name: {language: said for language, said in text.items() if language != "when"}
        for name, text in question.options.items()
    }
    return Field(
        key,
        **question.model_dump(exclude={"options", "when", "personal", "min", "max"}),
        least=question.min,
        most=question.max,
        personal=question.personal or question.type == "secret",
        options=options,
        depends=bool(question.when),
    )


def _first(error: ValidationError) -> str:
    first: Mapping[str, Any] = error.errors()[0]
    return f"{', '.join(map(str, first['loc']))}: {first['msg'].lower()}"
