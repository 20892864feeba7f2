"""Makes the reading copy of a PDF: what a person sees on its pages, and nothing else. Runs in the child only.

A new file is made, and into it goes only what is named here: of a page its content, what the content uses, its size
and its rotation; links to other pages; the outline. What annotations and form fields show is made part of the page.
So what nobody thought of (revisions, attachments, scripts, metadata, hidden layers, private data) is not left in the
copy by being forgotten: it would have to be put there.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

import pikepdf
import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Name, Stream, String

from casebundle.pdf.content import names_in
from casebundle.pdf.copier import NESTED, Copier, Scope, Uncopied, content_of, plain
from casebundle.pdf.layers import Layers, dictionary, hides_layers, items
from casebundle.pdf.pictures import strip_pictures

PASS_BYTES = 192 * 1024 * 1024  # of a file that pdfium writes anew in memory
OUTLINE = 20_000  # entries of an outline
NAMED = 100_000  # places with a name
ANNOTATIONS = 5_000  # of one page

Rect = tuple[float, float, float, float]

# --- pages --------------------------------------------------------------------------------------
HIDDEN, NO_ROTATE, NO_VIEW = 2, 16, 32
# What pdfium draws though the file does not say how it looks.
_LOOKS_OF_ITS_OWN = frozenset(
    f"/{kind}"
    for kind in ["Circle", "Highlight", "Ink", "Square", "Squiggly", "StrikeOut", "Text", "Underline"]
)


def inherited(page: Any, key: str) -> Any:
    """What a page says, or what is above it in the tree of pages."""
    for _step in range(60):
        if not isinstance(page, Dictionary):
            return None
        if key in page:
            return page[key]
        page = page.get("/Parent")
    return None


def _rect(thing: Any) -> Rect | None:
    try:
        a, b, c, d = (float(one) for one in thing)
    except (TypeError, ValueError):
        return None
    return min(a, c), min(b, d), max(a, c), max(b, d)


def displayed(page: Any) -> tuple[Rect, Rect | None]:
    """What is shown of a page, as pdfium has it: the crop within the medium. Where they have nothing in common, both:
    then nothing is shown."""
    medium = _rect(inherited(page, "/MediaBox"))
    if medium is None or medium[0] >= medium[2] or medium[1] >= medium[3]:
        medium = 0, 0, 612, 792
    crop = _rect(inherited(page, "/CropBox"))
    if crop is None or crop[0] >= crop[2] or crop[1] >= crop[3]:
        return medium, None
    left, bottom = max(medium[0], crop[0]), max(medium[1], crop[1])
    right, top = min(medium[2], crop[2]), min(medium[3], crop[3])
    return ((left, bottom, right, top), None) if left < right and bottom < top else (medium, crop)


def annotations(page: Any, layers: Layers) -> list[Any]:
    """The annotations of a page that are seen when it is displayed."""
    found = []
    for one in items(page.get("/Annots"))[:ANNOTATIONS]:
        if not isinstance(one, Dictionary) or str(one.get("/Subtype")) == "/Popup":
            continue
        flags = one.get("/F", 0)
        if isinstance(flags, int) and flags & (HIDDEN | NO_VIEW):
            continue
        if layers.shows(one.get("/OC")):
            found.append(one)
    return found


def appearance(annotation: Any) -> Any:
    """How an annotation looks now: a form, or None."""
    looks = dictionary(annotation.get("/AP")).get("/N")
    if isinstance(looks, Stream):
        return looks
    if not isinstance(looks, Dictionary):
        return None
    state = annotation.get("/AS")
    if state is None:
        above = annotation.get("/V") or dictionary(annotation.get("/Parent")).get("/V")
        state = above if isinstance(above, Name) and str(above) in looks else Name.Off
    found = looks.get(str(state)) if isinstance(state, Name) else None
    return found if isinstance(found, Stream) else None


def _placed(annotation: Any, form: Any, turned: int) -> bytes | None:
    """The operator that brings a form's box onto the rectangle of its annotation, as pdfium does it."""
    place, box = _rect(annotation.get("/Rect")), _rect(form.get("/BBox"))
    if place is None or box is None:
        return None
    try:
        a, b, c, d, e, f = (float(one) for one in form.get("/Matrix", (1, 0, 0, 1, 0, 0)))
    except (TypeError, ValueError):
        a, b, c, d, e, f = 1, 0, 0, 1, 0, 0
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    left, bottom = min(x for x, _y in corners), min(y for _x, y in corners)
    wide, high = max(x for x, _y in corners) - left, max(y for _x, y in corners) - bottom
    sx = (place[2] - place[0]) / wide if wide >= 0.001 else 1.0
    sy = (place[3] - place[1]) / high if high >= 0.001 else 1.0
    matrix = [sx, 0.0, 0.0, sy, place[0] - left * sx, place[1] - bottom * sy]
    flags = annotation.get("/F", 0)
    if turned and isinstance(flags, int) and flags & NO_ROTATE:
        # It stays upright, turned about its upper left corner.
        x, y = place[0], place[3]
        cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[turned]
        m = matrix
        at = m[4] - x, m[5] - y
        matrix = [
            *(m[0] * cos, m[0] * sin, -m[3] * sin, m[3] * cos),
            *(at[0] * cos - at[1] * sin + x, at[0] * sin + at[1] * cos + y),
        ]
    return " ".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in matrix).encode() + b" cm"


def lacks_looks(page: Any, layers: Layers, afresh: bool) -> set[int]:
    """Whether something is seen on a page that only pdfium knows how to draw; `afresh`: all fields are."""
    for one in annotations(page, layers):
        kind = str(one.get("/Subtype"))
        if kind == "/Widget" and (afresh or appearance(one) is None):
            return True
        if kind in _LOOKS_OF_ITS_OWN and appearance(one) is None:
            return True
    return False


class Rebuilder:
    """The pages, outline and links of a file made anew, beside what was there.

    They are new things that lead to nothing old but packed data, which need not be held in memory so. What nothing
    leads to from the new beginning of the file is not written.
    """

    def __init__(self, old: pikepdf.Pdf) -> None:
        self.old = old
        self.layers = Layers(old.Root)
        self.copier = Copier(old, self.layers)
        self.sources = [page.obj for page in old.pages]
        self.at = {page.objgen: index for index, page in enumerate(self.sources)}
        self.pages = [old.make_indirect(Dictionary(Type=Name.Page)) for _source in self.sources]
        self.unlike: set[int] = set()  # pages of which something was left out that pdfium draws
        self._named: dict[str, Any] | None = None

    def make(self, went_on: Callable[[], None]) -> None:
        """Put what was made anew in the place of what was there. `went_on` is called with each page."""
        tree = self.old.make_indirect(
            Dictionary(Type=Name.Pages, Kids=Array(self.pages), Count=len(self.pages))
        )
        root = self.old.make_indirect(Dictionary(Type=Name.Catalog, Pages=tree))
        for source, page in zip(self.sources, self.pages, strict=True):
            went_on()
            self.page(source, page)
            page.Parent = tree
        self.outline(root)
        for key in list(self.old.trailer.keys()):
            if key not in ("/Root", "/Size"):
                del self.old.trailer[key]
        self.old.trailer.Root = root

    def page(self, source: Any, page: Any) -> None:
        turned = inherited(source, "/Rotate")
        turned = int(turned) // 90 % 4 * 90 if isinstance(turned, int) else 0
        # What lies outside is not seen: the page ends there.
        shown_at, beside = displayed(source)
        page.MediaBox = Array([round(number, 4) for number in shown_at])
        if beside is not None:
            page.CropBox = Array([round(number, 4) for number in beside])
        if turned:
            page.Rotate = turned
        unit = source.get("/UserUnit")
        if plain(unit) is not None and not isinstance(unit, pikepdf.Object):
            page.UserUnit = unit
        group = source.get("/Group")
        if isinstance(group, Dictionary):
            page.Group = self.copier.group(group)
        held = inherited(source, "/Resources")
        held = held if isinstance(held, Dictionary) else Dictionary()
        scope = Scope(held, held)
        given = source.get("/Contents")
        streams = [one for one in (items(given) or [given]) if isinstance(one, Stream)]
        parts = [content_of(one) for one in streams]
        shown = annotations(source, self.layers)
        if any(self._drawn_by_some(one) for one in items(source.get("/Annots"))[:ANNOTATIONS]):
            self.unlike.add(self.at.get(source.objgen, 0))
        drawn = []
        for one in shown:
            place, form = _rect(one.get("/Rect")), appearance(one)
            if form is None or place is None:
                continue
            # What has no area is not seen, nor is what is in a layer that is off; pdfium draws both.
            if place[0] < place[2] and place[1] < place[3] and self.layers.shows(form.get("/OC")):
                drawn.append((one, form))
            else:
                self.unlike.add(self.at.get(source.objgen, 0))
        drawn.sort(key=lambda pair: str(pair[0].get("/Subtype")) == "/Widget")
        cleans = [self.copier.clean(data, scope) for data, _tidy in parts] if not drawn else []
        if not drawn and all(unchanged for _data, unchanged in cleans):
            names = set[str]().union(*(names_in(data) for data, _unchanged in cleans))
            copied = [
                self.copier.data(stream) if tidy else self.copier.packed(data)
                for stream, (data, tidy) in zip(streams, parts, strict=True)
            ]
            page.Resources = self.copier.resources(scope, names)
            page.Contents = copied[0] if len(copied) == 1 else Array(copied)
        else:
            # One instruction may begin in one stream and end in the next.
            content, _ = self.copier.clean(b"\n".join(data for data, _tidy in parts), scope, whole=True)
            names = names_in(content)
            page.Resources = self.copier.resources(scope, names)
            lines = [b"q", content, b"Q"]
            lines += self._on_top(drawn, scope, page.Resources, names, turned)
            page.Contents = self.copier.packed(b"\n".join(lines))
        links = [link for one in shown if (link := self.link(one)) is not None]
        if links:
            page.Annots = Array([self.old.make_indirect(link) for link in links])

    def _drawn_by_some(self, annotation: Any) -> bool:
        """Whether an annotation is left out that pdfium draws where it makes annotations part of the page."""
        flags = dictionary(annotation).get("/F", 0)
        unviewed = isinstance(flags, int) and bool(flags & NO_VIEW)
        return unviewed or not self.layers.shows(dictionary(annotation).get("/OC"))

    def _on_top(
        self, drawn: list[tuple[Any, Any]], scope: Scope, resources: Any, names: set[str], turned: int
    ) -> list[bytes]:
        """What annotations and fields show, as content of the page; its forms are put into `resources`."""
        lines = []
        for number, (annotation, form) in enumerate(drawn):
            place = _placed(annotation, form, turned)
            # Not as a group: pdfium draws it onto the page, so that a highlight does not cover what it marks.
            inner = scope.within(form.get("/Resources"))
            made = self.copier.once(
                "look", form, lambda one, inner=inner: self.copier.form(one, inner, group=False), scope
            )
            if place is None or made is None:
                continue
            name = f"Shown{number}"
            while name in names:
                name += "x"
            if "/XObject" not in resources:
                resources.XObject = Dictionary()
            resources.XObject[f"/{name}"] = made
            lines += [b"q", place, b"/%s Do" % name.encode(), b"Q"]
        return lines

    # -- links and outline --
    def link(self, annotation: Any) -> Any:
        """A link to another page; None for what is none, or leads elsewhere."""
        place = _rect(annotation.get("/Rect"))
        if str(annotation.get("/Subtype")) != "/Link" or place is None:
            return None
        to = self.destination(annotation)
        if to is None:
            return None
        return Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([round(number, 3) for number in place]),
            Border=Array([0, 0, 0]),
            Dest=to,
        )

    def destination(self, thing: Any) -> Any:
        """Where a link or an entry of the outline leads in this file: [page, how it is shown]; None if nowhere."""
        to = thing.get("/Dest")
        action = thing.get("/A")
        if to is None and isinstance(action, Dictionary) and str(action.get("/S")) == "/GoTo":
            to = action.get("/D")
        if isinstance(to, Name | String):
            to = self.named.get(str(to))
        if isinstance(to, Dictionary):
            to = to.get("/D")
        if not isinstance(to, Array) or not len(to):
            return None
        page = to[0]
        index = (
            page
            if isinstance(page, int)
            else self.at.get(page.objgen)
            if isinstance(page, Dictionary)
            else None
        )
        if index is None or not 0 <= index < len(self.pages):
            return None
        how: list[Any] = [Name.Fit]
        if len(to) > 1 and isinstance(to[1], Name):
            numbers = [None if isinstance(one, pikepdf.Object) else one for one in list(to)[2:6]]
            how = [Name(str(to[1])), *numbers]
        return Array([self.pages[index], *how])

    @property
    def named(self) -> dict[str, Any]:
        """Places that have a name."""
        if self._named is None:
            self._named = {}
            for key, value in dictionary(self.old.Root.get("/Dests")).items():
                self._named[key] = value
            waiting, seen = [dictionary(self.old.Root.get("/Names")).get("/Dests")], set()
            while waiting and len(self._named) < NAMED:
                node = waiting.pop()
                if not isinstance(node, Dictionary) or node.objgen in seen:
                    continue
                if node.objgen != (0, 0):
                    seen.add(node.objgen)
                waiting += items(node.get("/Kids"))
                pairs = items(node.get("/Names"))
                self._named.update(
                    (str(key), value) for key, value in zip(pairs[::2], pairs[1::2], strict=False)
                )
        return self._named

    def outline(self, to: Any) -> None:
        given = self.old.Root.get("/Outlines")
        if not isinstance(given, Dictionary):
            return
        made = self.old.make_indirect(Dictionary(Type=Name.Outlines))
        if self._entries(given, made, set(), 0):
            to.Outlines = made

    def _entries(self, above: Any, made: Any, seen: set[tuple[int, int]], depth: int) -> int:
        """Take over what is below an entry of the outline; how many of it are shown."""
        entries, shown = [], 0
        entry = above.get("/First")
        while isinstance(entry, Dictionary) and entry.objgen not in seen and len(seen) < OUTLINE:
            seen.add(entry.objgen)
            title = entry.get("/Title")
            new = self.old.make_indirect(
                Dictionary(Title=String(str(title) if isinstance(title, String) else ""), Parent=made)
            )
            to = self.destination(entry)
            if to is not None:
                new.Dest = to
            below = self._entries(entry, new, seen, depth + 1) if depth < NESTED else 0
            if below:
                open_ = isinstance(entry.get("/Count"), int) and entry.Count > 0
                new.Count = below if open_ else -below
                shown += below if open_ else 0
            entries.append(new)
            entry = entry.get("/Next")
        for one, after in itertools.pairwise(entries):
            one.Next, after.Prev = after, one
        if entries:
            made.First, made.Last = entries[0], entries[-1]
            made.Count = len(entries) + shown
        return len(entries) + shown


# --- the whole ----------------------------------------------------------------------------------
def write(source: IO[bytes], out: IO[bytes], pages: int, went_on: Callable[[], None]) -> set[int]:
    """Write to `out` the reading copy of the PDF in `source`, which has so many pages. The pages (from 0) of which
    pdfium draws more in `source`, because something was left out that only other programs hide.

    Raises Uncopied where that cannot be done.
    """
    try:
        with pikepdf.open(source, suppress_warnings=True) as old:
            if len(old.pages) != pages:
                raise Uncopied("its pages are not counted alike")
            rebuilder = Rebuilder(old)
            rebuilder.make(went_on)
            went_on()
            # What another way has begun to write.
            out.seek(0)
            out.truncate()
            old.save(
                out,
                force_version="1.7",
                encryption=False,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                compress_streams=True,
                # What is packed stays so: a small file may hold a picture of many gigabytes.
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                deterministic_id=True,
                fix_metadata_version=False,
            )
            out.flush()
    except (
        pikepdf.PdfError,
        RuntimeError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
    ) as error:
        raise Uncopied(repr(error)[:300]) from error
    strip_pictures(out)
    return set(range(pages)) if rebuilder.layers.disputed else rebuilder.unlike


def as_it_is(
    document: Any,
    opened: Callable[[], IO[bytes]],
    size: int,
    out: IO[bytes],
    pages: int,
    went_on: Callable[[], None],
) -> set[int]:
    """Write to `out` the reading copy of a file of `size` bytes, which pdfium has open as `document`. As `write`.

    `opened` gives the file from its beginning.
    Where something is seen that only pdfium knows how to draw, pdfium adds how it looks first, in memory.
    """
    asked = needs_drawing(opened())
    source = opened()
    if asked and size <= PASS_BYTES:
        for index in asked:
            went_on()
            with suppress(pdfium.PdfiumError):
                page = document[index]
                page.render(scale=0.02, may_draw_forms=False, draw_annots=True).close()
                page.close()
        source = io.BytesIO()
        document.save(source)
        source.seek(0)
    return write(source, out, pages, went_on)


def through_pdfium(
    document: Any,
    opened: Callable[[], IO[bytes]],
    size: int,
    out: IO[bytes],
    pages: int,
    went_on: Callable[[], None],
) -> set[int]:
    """The same of pages that pdfium has put into a new file in memory: for what pikepdf cannot read or counts
    otherwise."""
    if size > PASS_BYTES:
        raise Uncopied("it is too large to be written anew")
    if _hides_layers(document, opened):
        raise Uncopied("its layers would not be known any more")
    source = io.BytesIO()
    with pdfium.PdfDocument.new() as new:
        new.import_pages(document)
        new.save(source)
    source.seek(0)
    return write(source, out, pages, went_on)


def _hides_layers(document: Any, opened: Callable[[], IO[bytes]]) -> bool:
    """Whether something in a file is in a layer that is not seen, or that cannot be told."""
    written = io.BytesIO()
    for again in (False, True):
        if again:
            document.save(written)
            written.seek(0)
        with (
            suppress(pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError),
            pikepdf.open(written if again else opened(), suppress_warnings=True) as old,
        ):
            return "/OCProperties" in old.Root and hides_layers(old)
    return True


def needs_drawing(source: IO[bytes]) -> list[int]:
    """The pages (from 0) on which something is seen that only pdfium knows how to draw."""
    found: list[int] = []
    with (
        suppress(pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError),
        pikepdf.open(source, suppress_warnings=True) as old,
    ):
        layers = Layers(old.Root)
        afresh = dictionary(old.Root.get("/AcroForm")).get("/NeedAppearances") is True
        for index, page in enumerate(old.pages):
            if "/Annots" in page.obj and lacks_looks(page.obj, layers, afresh):
                found.append(index)
    return found
