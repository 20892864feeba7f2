"""Takes over from one PDF into another what content draws with: pictures, forms, fonts, colours."""

from __future__ import annotations

import base64
import copy
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from casebundle.pdf.content import CONTENT_BYTES, cleaned, is_plain, names_in
from casebundle.pdf.layers import Layers, dictionary, items

NESTED = 40  # forms within forms; pdfium draws no deeper either


class Uncopied(Exception):
    """No reading copy can be made of this file, or not so that it shows the same pages."""


# The keys of each kind of thing that make it look as it does. Anything else stays behind.
_IMAGE = (
    """Type Subtype Width Height BitsPerComponent Intent ImageMask Decode Interpolate SMaskInData Matte"""
)
_FORM = """Type Subtype FormType BBox Matrix"""
_TILING = """Type PatternType PaintType TilingType BBox XStep YStep Matrix"""
_SHADING = """ShadingType Background BBox AntiAlias Domain Matrix Coords Extend BitsPerCoordinate BitsPerComponent
    BitsPerFlag Decode VerticesPerRow"""
_FUNCTION = """FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds"""
_STATE = """Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK"""
_COLOUR = """WhitePoint BlackPoint Gamma Matrix Range"""
_GROUP = """Type S I K"""
_FONT = """Type Subtype BaseFont FirstChar LastChar Widths DW W DW2 W2 FontBBox FontMatrix CIDToGIDMap"""
_DESCRIPTOR = """Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading
    CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth CharSet"""
_CHARACTERS = """Registry Ordering Supplement"""
_UNPACKING = """Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows EndOfBlock
    BlackIs1 DamagedRowsBeforeError ColorTransform"""


def plain(thing: Any, depth: int = 0) -> Any:
    """A number, name, string, or a list of such, made anew; None for anything else."""
    if isinstance(thing, Array):
        if depth > 6:
            return None
        return Array([found for one in thing if (found := plain(one, depth + 1)) is not None])
    if isinstance(thing, Name):
        return Name(str(thing))
    if isinstance(thing, String):
        return String(bytes(thing))
    if isinstance(thing, pikepdf.Object):
        return None
    return thing


def _packing(stream: Any) -> list[str]:
    filters = stream.get("/Filter")
    return [str(one) for one in (items(filters) or [filters]) if isinstance(one, Name)]


def content_of(stream: Any) -> tuple[bytes, bool]:
    """A content stream unpacked, as far as it can be; and whether there is nothing in it as it is packed but what is
    seen when it is unpacked. Raises Uncopied where it is too much."""
    packing, raw = _packing(stream), bytes(stream.get_raw_stream_buffer())
    if len(packing) > 1 and packing[-1] in ("/FlateDecode", "/Fl") and not _predicted(stream):
        inner = _unwrapped(stream, packing)
        if inner is not None:
            unpacking = zlib.decompressobj()
            with suppress(zlib.error):
                data = unpacking.decompress(inner, CONTENT_BYTES)
                if unpacking.unconsumed_tail:
                    raise Uncopied("too much content")
                return data, False
    if packing in (["/FlateDecode"], ["/Fl"]) and not _predicted(stream):
        unpacking = zlib.decompressobj()
        with suppress(zlib.error):
            data = unpacking.decompress(raw, CONTENT_BYTES)
            if unpacking.unconsumed_tail:
                raise Uncopied("too much content")
            return data, unpacking.eof and not unpacking.unused_data.strip() and "/DecodeParms" not in stream
    elif len(raw) > CONTENT_BYTES:
        raise Uncopied("too much content")
    if not packing:
        return raw, True
    try:
        return bytes(stream.read_bytes()), False
    except pikepdf.PdfError as error:
        # Others may make something of it: nothing that may be seen is left out in silence.
        raise Uncopied("content that cannot be unpacked") from error


def _unwrapped(stream: Any, packing: list[str]) -> bytes | None:
    """What is in a stream that is packed several times over, packed once; None where that cannot be had."""
    data = bytes(stream.get_raw_stream_buffer())
    if _predicted(stream) and packing[0] in ("/FlateDecode", "/Fl"):
        return None
    for one in packing[:-1]:
        try:
            if one in ("/ASCII85Decode", "/A85"):
                data = base64.a85decode(
                    b"<~" + data.strip().removeprefix(b"<~").partition(b"~")[0] + b"~>", adobe=True
                )
            elif one in ("/ASCIIHexDecode", "/AHx"):
                digits = re.sub(rb"\s", b"", data.partition(b">")[0])
                data = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
            elif one in ("/FlateDecode", "/Fl"):
                unpacking = zlib.decompressobj()
                data = unpacking.decompress(data, CONTENT_BYTES)
                if unpacking.unconsumed_tail:
                    raise Uncopied("too much is packed in a stream")
            else:
                return None
        except (ValueError, zlib.error):
            return None
    return data


def _predicted(stream: Any) -> bool:
    given = stream.get("/DecodeParms")
    return any(dictionary(one).get("/Predictor", 1) != 1 for one in (items(given) or [given]))


# Names in content that are found in no resources.
_SPACES = frozenset("DeviceGray DeviceRGB DeviceCMYK Pattern G RGB CMYK I".split())  # noqa: SIM905
_KNOWN = _SPACES | {
    "MCID",
    "W",
    "H",
    "BPC",
    "CS",
    "D",
    "DP",
    "F",
    "IM",
    "L",
    "Width",
    "Height",
    "BitsPerComponent",
}
KINDS = ("/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/Properties")


class Scope:
    """The resources that content draws with. Each kind is found where pdfium finds it: in its own, and where they have
    none of that kind, in the page's. `lent`: it has none of its own, and draws with those around it."""

    def __init__(self, own: Any, page: Any, lent: bool = False) -> None:
        self.own, self.page, self.lent = dictionary(own), dictionary(page), lent
        self._key: tuple[Any, ...] | None = None

    def within(self, own: Any) -> Scope:
        """Of a form drawn by content of this scope."""
        return Scope(own, self.page) if isinstance(own, Dictionary) else Scope(self.own, self.page, lent=True)

    def mask(self, own: Any) -> Scope:
        """Of the form that a soft mask is made of."""
        return (
            Scope(own, self.page) if isinstance(own, Dictionary) else Scope(self.page, self.page, lent=True)
        )

    def letters(self, own: Any) -> Scope:
        """Of letters that are drawn by content."""
        return Scope(own, own) if isinstance(own, Dictionary) else Scope(self.own, self.own, lent=True)

    def kind(self, kind: str) -> Any:
        """The things of a kind by their names; None where there are none at all."""
        for held in (self.own, self.page):
            if isinstance(found := held.get(kind), Dictionary):
                return found
        return None

    def space(self, name: str) -> Any:
        """The colour space that a picture names."""
        for held in (self.own, self.page):
            if (found := dictionary(held.get("/ColorSpace")).get(name)) is not None:
                return found
        return None

    def leans(self, names: set[str]) -> bool:
        """Whether content with those names looks for any of them around itself."""
        looked_for = names - _KNOWN
        if not self.lent:
            for kind in KINDS:
                held = self.own.get(kind)
                if isinstance(held, Dictionary):
                    looked_for -= {key[1:] for key in held.keys()}  # noqa: SIM118 - not a dict
            if "/ColorSpace" not in self.own and any(
                key.startswith("/Default") for key in _keys(dictionary(self.page.get("/ColorSpace")))
            ):
                return True
        return bool(looked_for)

    @property
    def key(self) -> tuple[Any, ...]:
        """The same for the same resources."""
        if self._key is None:
            self._key = tuple(
                b""
                if not isinstance(held, Dictionary)
                else held.objgen
                if held.is_indirect
                else held.unparse()
                for held in (self.own, self.page)
            )
        return self._key


def _keys(held: Any) -> Any:
    return held.keys() if isinstance(held, Dictionary) else ()


class Copier:
    """Takes over from one file into a new one what content uses, each thing once."""

    def __init__(self, new: pikepdf.Pdf, layers: Layers) -> None:
        self.new, self.layers = new, layers
        # (what it is taken for, which thing it is), and what is around it where it draws with that.
        self.done: dict[tuple[Any, ...], Any] = {}
        self.leaning: set[tuple[Any, ...]] = set()
        self.leans = False  # whether what is being made draws with what is around it
        self.depth = 0

    # -- streams --
    def bare(self, stream: Any) -> Any:
        """The stream in the new file with its data as they are packed, which are not held in memory, and no more of
        what describes it than how to unpack them."""
        packing = _packing(stream)
        given = stream.get("/DecodeParms")
        how = items(given) if isinstance(given, Array) else [given] * bool(given is not None)
        unwrapped = _unwrapped(stream, packing) if len(packing) > 1 else None
        if unwrapped is not None:
            # Taken out of its wrapping, so that what is in a picture can be looked at, and nobody unpacks what unpacks
            # to very much.
            copied = Stream(self.new, unwrapped, Filter=Name(packing[-1]))
            if len(how) == len(packing) and isinstance(how[-1], Dictionary):
                copied.DecodeParms = self._unpacking(how[-1])
            return copied
        copied = copy.copy(stream)
        for key in list(copied.keys()):
            if key != "/Length":
                del copied[key]
        if packing:
            copied.Filter = Name(packing[0]) if len(packing) == 1 else Array([Name(one) for one in packing])
        if any(isinstance(one, Dictionary) for one in how):
            made = [self._unpacking(one) for one in how]
            copied.DecodeParms = made[0] if len(packing) == 1 else Array(made[: len(packing)])
        return copied

    def packed(self, content: bytes) -> Any:
        return Stream(self.new, zlib.compress(content), Filter=Name.FlateDecode)

    def _unpacking(self, given: Any) -> Any:
        if not isinstance(given, Dictionary):
            return Dictionary()
        found = _some(given, _UNPACKING)
        shared = given.get("/JBIG2Globals")
        if isinstance(shared, Stream):
            found.JBIG2Globals = self.data(shared)
        return found

    def data(self, stream: Any) -> Any:
        """A stream without what describes it, once."""
        return self.once("data", stream, self.bare)

    def once(self, kind: str, thing: Any, make: Callable[[Any], Any], scope: Scope | None = None) -> Any:
        """What `make` makes of a thing that many may share, taken for that kind of thing; anew in each scope that it
        draws with."""
        if thing.objgen == (0, 0):
            return make(thing)
        place: tuple[Any, ...] = (kind, thing.objgen)
        if place in self.leaning and scope is not None:
            self.leans = True
            place = (*place, scope.key)
        if place in self.done:
            return self.done[place]
        before, self.leans = self.leans, False
        self.done[place] = None  # what goes round in a circle ends here
        found = make(thing)
        if isinstance(found, Dictionary) and not found.is_indirect:
            found = self.new.make_indirect(found)
        if self.leans and scope is not None and len(place) == 2:
            self.leaning.add(place)
            del self.done[place]
            place = (*place, scope.key)
        self.done[place] = found
        self.leans = self.leans or before
        return found

    # -- resources --
    def resources(self, scope: Scope, used: set[str]) -> Any:
        """Those of the resources that content with the names `used` may draw with."""
        found = Dictionary()
        makers = {
            "/ExtGState": self.state,
            "/ColorSpace": self.named_space,
            "/Pattern": self.pattern,
            "/Shading": self.shading,
            "/XObject": self.drawn,
            "/Font": self.font,
        }
        for kind, make in makers.items():
            held = scope.kind(kind)
            if held is None:
                continue
            kept = Dictionary()
            for key in sorted(_keys(held)):
                name = key[1:]
                if name in used or not name.isascii() or name.startswith("Default"):
                    made = self._kept(kind, held[key], make, scope)
                    if made is not None:
                        kept[key] = made
            # Where it is empty it stays: else a name would be looked for in the page's.
            if len(kept) or scope.own is not scope.page:
                found[kind] = kept
        return found

    def _kept(self, kind: str, thing: Any, make: Callable[..., Any], scope: Scope) -> Any:
        if self.depth >= NESTED:
            return None
        self.depth += 1
        try:
            if isinstance(thing, Dictionary | Stream) or (isinstance(thing, Array) and thing.is_indirect):
                return self.once(kind, thing, lambda one: make(one, scope), scope)
            return make(thing, scope)
        finally:
            self.depth -= 1

    def state(self, given: Any, scope: Scope) -> Any:
        if not isinstance(given, Dictionary):
            return None
        found = _some(given, _STATE)
        font = given.get("/Font")
        if isinstance(font, Array) and len(font) == 2 and isinstance(font[0], Dictionary):
            found.Font = Array([self._kept("/Font", font[0], self.font, scope), plain(font[1])])
        mask = given.get("/SMask")
        if isinstance(mask, Name):
            found.SMask = Name(str(mask))
        elif isinstance(mask, Dictionary):
            shape = mask.get("/G")
            made = self._kept("mask", shape, self._masking, scope) if isinstance(shape, Stream) else None
            if made is None:
                raise Uncopied("a soft mask that cannot be taken over")
            found.SMask = _some(mask, "Type S BC")
            found.SMask.G = made
            self._functions(mask, found.SMask, ["TR"])
        self._functions(given, found, ["TR", "TR2"])
        return found

    def _masking(self, given: Any, scope: Scope) -> Any:
        """The form that a soft mask is made of; None where it is in a layer that is not seen."""
        if not self.layers.shows(given.get("/OC")):
            return None
        return self.form(given, scope.mask(given.get("/Resources")))

    def _functions(self, given: Any, found: Any, keys: list[str]) -> None:
        for key in keys:
            thing = given.get(f"/{key}")
            if thing is None:
                continue
            made = (
                Array([one for part in thing if (one := self.function(part)) is not None])
                if isinstance(thing, Array)
                else self.function(thing)
            )
            if made is not None:
                found[f"/{key}"] = made

    def function(self, given: Any) -> Any:
        if isinstance(given, Name):
            return Name(str(given))
        if not isinstance(given, Dictionary | Stream) or self.depth >= NESTED:
            return None
        self.depth += 1
        try:
            return self.once("function", given, self._function)
        finally:
            self.depth -= 1

    def _function(self, given: Any) -> Any:
        said = _some(given, _FUNCTION)
        self._functions(given, said, ["Functions"])
        return self._with(given, said)

    def _with(self, given: Any, said: Any) -> Any:
        """What is said, of a thing that may be a stream: then with its data."""
        if not isinstance(given, Stream):
            return said
        found = self.bare(given)
        for key, value in said.items():
            found[key] = value
        return found

    def named_space(self, given: Any, scope: Scope) -> Any:
        return self.space(given)

    def space(self, given: Any) -> Any:
        if not isinstance(given, Array):
            return Name(str(given)) if isinstance(given, Name) else None
        parts = list(given)
        kind = str(parts[0]) if parts else ""
        if self.depth >= NESTED or not kind:
            return None
        self.depth += 1
        try:
            rest: list[Any] = []
            if kind == "/ICCBased" and len(parts) > 1 and isinstance(parts[1], Stream):
                rest = [self.once("profile", parts[1], self._profile)]
            elif kind in ("/Indexed", "/I") and len(parts) > 3:
                table = parts[3]
                table = self.data(table) if isinstance(table, Stream) else plain(table)
                rest = [self.space(parts[1]), plain(parts[2]), table]
            elif kind in ("/Separation", "/DeviceN") and len(parts) > 3:
                rest = [plain(parts[1]), self.space(parts[2]), self.function(parts[3])]
            elif kind == "/Pattern" and len(parts) > 1:
                rest = [self.space(parts[1])]
            elif kind in ("/CalGray", "/CalRGB", "/Lab") and len(parts) > 1:
                rest = [_some(dictionary(parts[1]), _COLOUR)]
        finally:
            self.depth -= 1
        return None if any(part is None for part in rest) else Array([Name(kind), *rest])

    def _profile(self, given: Any) -> Any:
        said = _some(given, "N Range")
        other = self.space(given.get("/Alternate"))
        if other is not None:
            said.Alternate = other
        return self._with(given, said)

    def pattern(self, given: Any, scope: Scope) -> Any:
        if isinstance(given, Stream):
            said = _some(given, _TILING)
            return self._drawing(given, said, Scope(given.get("/Resources"), None))
        if not isinstance(given, Dictionary):
            return None
        found = _some(given, "Type PatternType Matrix")
        shading = given.get("/Shading")
        made = self._kept("/Shading", shading, self.shading, scope) if shading is not None else None
        if made is not None:
            found.Shading = made
        state = given.get("/ExtGState")
        if isinstance(state, Dictionary):
            found.ExtGState = self._kept("/ExtGState", state, self.state, scope)
        return found

    def shading(self, given: Any, scope: Scope) -> Any:
        if not isinstance(given, Dictionary | Stream):
            return None
        said = _some(given, _SHADING)
        space = self.space(given.get("/ColorSpace") or given.get("/CS"))
        if space is not None:
            said.ColorSpace = space
        self._functions(given, said, ["Function"])
        return self._with(given, said)

    # -- pictures and forms --
    def drawn(self, given: Any, scope: Scope) -> Any:
        """A picture or a form; None for what is in a layer that is not seen, and for what is neither."""
        if not isinstance(given, Stream) or not self.layers.shows(given.get("/OC")):
            return None
        match str(given.get("/Subtype")):
            case "/Image":
                return self.image(given, scope)
            case "/Form" if str(given.get("/Subtype2")) != "/PS":
                return self.form(given, scope.within(given.get("/Resources")))
        return None

    def image(self, given: Any, scope: Scope) -> Any:
        said = _some(given, _IMAGE)
        colours = given.get("/ColorSpace")
        if isinstance(colours, Name) and str(colours)[1:] not in _SPACES:
            self.leans = True
            colours = scope.space(str(colours)) or colours
        space = self.space(colours)
        if space is not None:
            said.ColorSpace = space
        for key in ("/SMask", "/Mask"):
            mask = given.get(key)
            if isinstance(mask, Stream) and self.depth < NESTED:
                self.depth += 1
                made = self.once("/XObject", mask, lambda one: self.image(one, scope), scope)
                self.depth -= 1
                if made is not None:
                    said[key] = made
            elif isinstance(mask, Array):
                said[key] = plain(mask)
        return self._with(given, said)

    def form(self, given: Any, scope: Scope, group: bool = True) -> Any:
        """A form that draws with that."""
        said = _some(given, _FORM)
        if group and isinstance(given.get("/Group"), Dictionary):
            said.Group = self.group(given.Group)
        return self._drawing(given, said, scope)

    def group(self, given: Any) -> Any:
        found = _some(given, _GROUP)
        space = self.space(given.get("/CS"))
        if space is not None:
            found.CS = space
        return found

    def _drawing(self, given: Any, said: Any, scope: Scope) -> Any:
        """A stream of content with the resources that it draws with."""
        data, tidy = content_of(given)
        clean, unchanged = self.clean(data, scope)
        names = names_in(clean)
        self.leans = self.leans or scope.leans(names | names_in(data))
        said.Resources = self.resources(scope, names)
        if unchanged and tidy:
            return self._with(given, said)
        found = self.packed(clean)
        for key, value in said.items():
            found[key] = value
        return found

    def clean(self, data: bytes, scope: Scope, whole: bool = False) -> tuple[bytes, bool]:
        """Content without what is not to be seen, and whether it is what it was."""
        layers = dictionary(scope.kind("/Properties"))
        unseen = {key[1:] for key in _keys(layers) if not self.layers.shows(layers[key])}
        if not whole and not unseen and is_plain(data):
            return data, True
        return cleaned(data, unseen.__contains__, FontWidths(scope), self._colours(scope)), False

    @staticmethod
    def _colours(scope: Scope) -> Callable[[str], int | None]:
        """How many colours the space of that name has."""

        def count(space: Any, depth: int = 0) -> int | None:
            if isinstance(space, Name):
                return {
                    "/DeviceGray": 1,
                    "/G": 1,
                    "/DeviceRGB": 3,
                    "/RGB": 3,
                    "/DeviceCMYK": 4,
                    "/CMYK": 4,
                }.get(str(space))
            parts = items(space)
            match str(parts[0]) if parts else "":
                case "/CalGray" | "/Indexed" | "/I" | "/Separation":
                    return 1
                case "/CalRGB" | "/Lab":
                    return 3
                case "/DeviceN" if len(parts) > 1:
                    return len(items(parts[1])) or None
                case "/ICCBased" if len(parts) > 1:
                    number = dictionary(parts[1]).get("/N")
                    return number if isinstance(number, int) else None
                case "/DeviceGray" | "/DeviceRGB" | "/DeviceCMYK":
                    return count(parts[0])
            return None

        return lambda name: count(dictionary(scope.kind("/ColorSpace")).get(f"/{name}"))

    # -- fonts --
    def font(self, given: Any, scope: Scope) -> Any:
        if not isinstance(given, Dictionary):
            return None
        found = _some(given, _FONT)
        mapping = given.get("/CIDToGIDMap")
        if isinstance(mapping, Stream):
            found.CIDToGIDMap = self.data(mapping)
        system = given.get("/CIDSystemInfo")
        if isinstance(system, Dictionary):
            found.CIDSystemInfo = _some(system, _CHARACTERS)
        for key in ("/Encoding", "/ToUnicode"):
            thing = given.get(key)
            if isinstance(thing, Name):
                found[key] = Name(str(thing))
            elif isinstance(thing, Stream):
                found[key] = self.once("codes", thing, self._codes)
            elif isinstance(thing, Dictionary):
                found[key] = _some(thing, "Type BaseEncoding Differences")
        within = given.get("/DescendantFonts")
        if isinstance(within, Array) and self.depth < NESTED:
            self.depth += 1
            parts = [
                self.once("/Font", one, lambda part: self.font(part, scope), scope)
                for one in within
                if isinstance(one, Dictionary)
            ]
            self.depth -= 1
            found.DescendantFonts = Array([part for part in parts if part is not None])
        looks = given.get("/FontDescriptor")
        if isinstance(looks, Dictionary):
            found.FontDescriptor = self.once("descriptor", looks, self._descriptor)
        shapes = given.get("/CharProcs")
        if isinstance(shapes, Dictionary):
            self._shapes(shapes, found, scope.letters(given.get("/Resources")))
        return found

    def _codes(self, given: Any) -> Any:
        said = _some(given, "Type CMapName WMode UseCMap")
        other = given.get("/UseCMap")
        if isinstance(other, Stream) and self.depth < NESTED:
            self.depth += 1
            said.UseCMap = self.once("codes", other, self._codes)
            self.depth -= 1
        system = given.get("/CIDSystemInfo")
        if isinstance(system, Dictionary):
            said.CIDSystemInfo = _some(system, _CHARACTERS)
        return self._with(given, said)

    def _descriptor(self, given: Any) -> Any:
        found = _some(given, _DESCRIPTOR)
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            program = given.get(key)
            if isinstance(program, Stream):
                found[key] = self.once(
                    "program",
                    program,
                    lambda one: self._with(one, _some(one, "Subtype Length1 Length2 Length3")),
                )
        return found

    def _shapes(self, shapes: Any, found: Any, scope: Scope) -> None:
        """The characters of a font that are drawn by content."""
        kept = Dictionary()
        used: set[str] = set()
        for key in list(shapes.keys()):
            stream = shapes[key]
            if not isinstance(stream, Stream):
                continue
            if isinstance(stream.get("/Resources"), Dictionary):
                own = Scope(stream.Resources, scope.own)
                kept[key] = self._drawing(stream, Dictionary(), own)
                continue
            data, tidy = content_of(stream)
            clean, unchanged = self.clean(data, scope)
            used |= names_in(clean) | names_in(data)
            kept[key] = self.data(stream) if unchanged and tidy else self.packed(clean)
        self.leans = self.leans or scope.leans(used)
        found.CharProcs = kept
        found.Resources = self.resources(scope, used)


def _some(given: Any, keys: str) -> Any:
    """The plain values of those keys, which stand with spaces between them."""
    found = Dictionary()
    for key in keys.split():
        value = given.get(f"/{key}")
        if value is not None and (made := plain(value)) is not None:
            found[f"/{key}"] = made
    return found


class FontWidths:
    """How wide the characters of the fonts in some resources are: for text that is left out."""

    def __init__(self, scope: Scope) -> None:
        self.fonts = dictionary(scope.kind("/Font"))
        self.known: dict[str, tuple[bool, dict[int, float], float]] = {}

    def __call__(self, font: str, data: bytes) -> tuple[list[float], int]:
        if font not in self.known:
            try:
                self.known[font] = self._of(self.fonts.get(f"/{font}"))
            except (ValueError, TypeError, IndexError, AttributeError):
                self.known[font] = False, {}, 500.0
        wide, widths, usual = self.known[font]
        if wide:
            codes = [data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2)]
            return [widths.get(code, usual) for code in codes], 0
        return [widths.get(code, usual) for code in data], data.count(b" ")

    @staticmethod
    def _of(font: Any) -> tuple[bool, dict[int, float], float]:
        if not isinstance(font, Dictionary):
            return False, {}, 500.0
        if "/DescendantFonts" in font:
            within = font.DescendantFonts[0]
            widths: dict[int, float] = {}
            listed, at = items(within.get("/W")), 0
            while at + 1 < len(listed) and len(widths) < 65536:
                first, then = int(listed[at]), listed[at + 1]
                if isinstance(then, Array):
                    widths.update((first + n, float(width)) for n, width in enumerate(then))
                    at += 2
                else:
                    last = min(int(then), first + 65535)
                    widths.update(dict.fromkeys(range(first, last + 1), float(listed[at + 2])))
                    at += 3
            return True, widths, float(within.get("/DW", 1000))
        first = int(font.get("/FirstChar", 0))
        scale = 1000 * float(font.FontMatrix[0]) if str(font.get("/Subtype")) == "/Type3" else 1.0
        given = {first + n: float(width) * scale for n, width in enumerate(items(font.get("/Widths")))}
        missing = float(dictionary(font.get("/FontDescriptor")).get("/MissingWidth", 0))
        return False, given, missing if given else 500.0
