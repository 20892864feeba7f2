"""What goes in and comes out, as OpenAPI describes it. Ids are opaque; times are ISO 8601 in UTC."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _storable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        value = "\x00"
    if "\x00" in value:
        raise ValueError("There is a character in it that cannot be stored.")
    return value


def _day(value: str) -> str:
    try:
        if len(value) == 10:  # fromisoformat takes weeks and shorter forms too
            return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise ValueError("Enter a date, like 2026-03-14.")


Text = Annotated[str, AfterValidator(_storable)]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
Box = Annotated[
    list[float], Field(min_length=4, max_length=4, description="x0, y0, x1, y1 in fractions of the page")
]


class In(BaseModel):
    """What is sent. A name that is not known is an error: a misspelt `visible_to` must not serve on everybody."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


# --- people and cases ---------------------------------------------------------------------------
class Person(BaseModel):
    """Somebody in a case."""

    id: str
    name: str
    role: str = Field(description="prosecution, defence, judge, clerk or observer")
    party: str | None = Field(description="the slug of the party they act for first")
    parties: list[str] = []


class Member(Person):
    """Somebody among the people of a case."""

    organisation: str = Field(description="the domain of their e-mail address, to tell two of one name apart")


class Party(BaseModel):
    slug: str
    name: str
    kind: str = Field(description="prosecution, defendant or court")


class CaseItem(BaseModel):
    reference: str
    title: str
    court: str
    created: datetime.datetime
    role: str = Field(description="the caller's own")
    party: str | None
    parties: list[str]


class BundleItem(BaseModel):
    slug: str
    title: str
    profile: str
    numbering_version: int


class Case(BaseModel):
    reference: str
    title: str
    court: str
    template: str
    created: datetime.datetime
    numbering_version: int = Field(description="of the main bundle")
    parties: list[Party]
    participants: list[ParticipantItem]
    bundles: list[BundleItem]
    me: Person = Field(description="the caller in this case")


class NewCase(In):
    reference: Text
    title: Text
    court: Text
    template: Text = "crown"
    defendants: list[Annotated[Text, Field(min_length=1, max_length=120)]] = Field([], max_length=100)


class TokenItem(BaseModel):
    name: str
    scope: str = Field(description="read, serve or full")
    expires: datetime.datetime


class Me(BaseModel):
    name: str
    email: str
    language: str
    court_staff: bool = Field(description="whether they may make cases")
    cases: list[CaseItem]
    token: TokenItem | None = Field(description="the token of this call; null for a session")


class NewParticipant(In):
    email: Text
    role: Text
    party: Text | list[Text] | None = Field(None, description="a slug, or for the defence several")
    name: Text = ""


class ParticipantItem(Member):
    accepted: bool = Field(description="false: invited, and not in the case before they accept by the link")


class Invited(ParticipantItem):
    invited: bool


class ChangedParticipant(In):
    role: Text | None = None
    party: Text | list[Text] | None = None
    name: Text | None = Field(None, description="as the court writes it, with a title where they have one")


class NewParty(In):
    name: Text


# --- bundles and documents ----------------------------------------------------------------------
class BundleDocument(BaseModel):
    id: str
    title: str
    date: datetime.date | None
    exhibit: str
    first: str | None = Field(description="label of its first page as it stands now; null until it is served")
    last: str | None
    pages: int
    status: str = Field(description="received, scanning, converting, reading, ready or refused")
    served: datetime.datetime | None
    party: str = Field(description="the party that serves it")


class Section(BaseModel):
    id: str = Field(description="names it where its letter is that of another section too")
    letter: str
    title: str
    documents: list[BundleDocument]


class Bundle(BundleItem):
    sections: list[Section]


class ChangedBundle(In):
    profile: Text


class NewSection(In):
    letter: Text
    title: Text
    visible_to: list[Text] | None = Field(
        None, description="parties, or judge; left out: everybody in the case"
    )


class ChangedSection(In):
    visible_to: list[Text] | None = Field(description="parties, or judge; null: everybody in the case")


class SectionItem(BaseModel):
    id: str = Field(description="names it where its letter is that of another section too")
    letter: str
    title: str
    visible_to: list[str] | None


class Warning(BaseModel):  # noqa: A001 the word the contract uses
    code: str = Field(description="duplicate, blank_page, awaiting_ocr, not_scanned, …")
    detail: str
    pages: list[int] = Field([], description="on which pages of the document, from 1")


class Version(BaseModel):
    number: int
    name: str
    sha256: str
    size: int
    status: str
    received: datetime.datetime
    current: bool = Field(description="whether this is the version that people read")


class Document(BaseModel):
    """A document as the caller sees it: its server's side sees its newest version, everybody else the one served."""

    id: str
    case: str
    bundle: str
    section: str
    position: int
    title: str
    date: datetime.date | None
    exhibit: str
    party: str
    state: str = Field(description="staged, served or withdrawn")
    served: datetime.datetime | None
    served_by: Person | None
    first: str | None
    last: str | None
    status: str = Field(description="received, scanning, converting, reading, ready or refused")
    reason: str | None = Field(description="why it was refused, in words")
    reason_code: str | None
    pages: int
    pages_done: int
    warnings: list[Warning]
    name: str
    sha256: str
    size: int
    media_type: str
    version: int
    visible_to: list[str] | None = Field(
        description="parties (for its own side; null: all who may see the section)"
    )
    earlier_versions: bool = Field(description="whether others may see the versions that were replaced")
    versions: list[Version] = Field([], description="every version, for its own side and the court")


class Served(BaseModel):
    documents: list[Document]


class ChangedDocument(In):
    title: Text | None = None
    date: Day | None = None
    exhibit: Text | None = None
    section: Text | None = Field(None, description="a letter of the same bundle")
    position: int | None = Field(None, ge=0, le=1_000_000, description="from 0 within the section")
    visible_to: list[Text] | None = Field(None, description="parties; null: all who may see the section")
    earlier_versions: bool | None = Field(
        None, description="whether those who see the document may see the versions that were replaced, too"
    )


class ToServe(In):
    documents: list[Text] = Field(min_length=1, max_length=5000)


class Reason(In):
    reason: Text


class Withdrawn(BaseModel):
    id: str
    state: str
    withdrawn: datetime.datetime
    reason: str


class EntryRef(BaseModel):
    seq: int
    digest: str
    previous: str
    hash: str


class Span(BaseModel):
    first: str | None
    last: str | None


class Receipt(BaseModel):
    """That and what was served. What it says is in the journal entry, whose hash it carries."""

    document: str
    case: str
    title: str
    exhibit: str
    section: str
    name: str
    sha256: str
    size: int
    pages: int
    served: datetime.datetime
    by: Person
    party: str
    on: list[str] = Field(description="the parties on whom it was served")
    served_as: Span = Field(description="its labels when it was served")
    first: str | None = Field(description="its labels as they stand now")
    last: str | None
    scanned: bool = Field(description="whether it was scanned for viruses")
    entry: EntryRef


# --- pages --------------------------------------------------------------------------------------
class PageItem(BaseModel):
    id: str
    label: str | None
    document: str
    position: int = Field(description="in the document, from 1")
    width: float = Field(description="points, as displayed")
    height: float


class NamedPage(PageItem):
    asked: str


class PageLayer(BaseModel):
    page: str
    label: str | None
    text: str
    words: list[tuple[float, float, float, float, str]] = Field(
        description="x0, y0, x1, y1 in fractions of the page as displayed (origin top left) and the word"
    )


# --- notes --------------------------------------------------------------------------------------
class Quote(In):
    exact: Text
    prefix: Text = ""
    suffix: Text = ""


class NewNote(In):
    kind: Text = Field(description="highlight, area or note")
    body: Text = ""
    quads: list[Box] | None = Field(None, description="boxes on the page")
    quote: Text | Quote | None = Field(None, description="words of the page, or a W3C text quote selector")
    audience: Text = Field("private", description="private, party, parties or case")
    parties: list[Text] | None = Field(None, description="with audience parties")
    tags: list[Text] = []


class ChangedNote(In):
    body: Text | None = None
    audience: Text | None = None
    parties: list[Text] | None = None
    tags: list[Text] | None = None


class NewReply(In):
    body: Text


class Note(BaseModel):
    id: str
    page: str
    label: str | None
    kind: str
    body: str
    quote: dict[str, Any]
    quads: list[list[float]]
    audience: str
    parties: list[str]
    tags: list[str]
    author: Person
    mine: bool
    created: str
    edited: str | None
    narrower: bool = Field(description="of a reply: fewer people see it than the note")
    replies: list[Note]


# --- search -------------------------------------------------------------------------------------
class Hit(BaseModel):
    page: str
    label: str | None
    document: str
    title: str
    exhibit: str
    case: str
    bundle: str
    section: str
    snippet: str
    marked: list[tuple[str, bool]] = Field(
        description="the snippet in pieces, and whether each is what was sought"
    )
    highlights: list[list[float]] = Field(description="boxes on the page, in fractions of it")


class Found(BaseModel):
    total: int
    hits: list[Hit]
    facets: dict[str, dict[str, int]]
    took_ms: float
    behind: int = Field(
        0, description="served documents that are not searchable yet, so that something may be missing"
    )
    next: str | None


# --- hearings -----------------------------------------------------------------------------------
class NewHearing(In):
    title: Text
    starts: AwareDatetime | None = Field(None, description="left out: it is opened at once")


class HearingItem(BaseModel):
    id: str
    title: str
    starts: datetime.datetime | None
    opened: datetime.datetime | None
    closed: datetime.datetime | None


class Hearing(HearingItem):
    """What stands now, as the socket's `state` frame has it."""

    model_config = ConfigDict(extra="allow")

    type: Literal["state"]
    seq: int
    hearing: str | None
    open: bool
    presenter: Person | None
    page: str | None
    label: str | None
    view: dict[str, float] | None
    present: list[Person]


class Floor(In):
    participant: Text | None = Field(description="who is given the floor; null takes it back")


class NewScreen(In):
    name: Text


class Screen(BaseModel):
    code: str
    url: str
    name: str


# --- journal ------------------------------------------------------------------------------------
class Entry(BaseModel):
    """One entry, whole: `digest` is the SHA-256 of the canonical JSON of its other fields with `chain`."""

    seq: int
    at: str
    action: str
    actor: dict[str, Any]
    audience: str
    document: str | None
    data: dict[str, Any]
    chain: str
    salt: str
    digest: str
    previous: str
    hash: str


class HiddenEntry(EntryRef):
    """An entry that is not for the caller: enough to check the chain with, and no more."""


class Journal(BaseModel):
    items: list[Entry | HiddenEntry]
    next: str | None
