"""Makes the reading copy of a PDF: what a person sees on its pages, and nothing else. Runs in the child only.

A new file is made, and into it goes only what is named here: of a page its content, what the content uses, its size
and its rotation; links to other pages; the outline. What annotations and form fields show is made part of the page.
So what nobody thought of (revisions, attachments, scripts, metadata, hidden layers, private data) is not left in the
copy by being forgotten: it would have to be put there.
"""

from __future__ import annotations

import base64
import io
import itertools
import mmap
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Name, Stream, String

# Raised when copies would hold less, or otherwise, than before: then they are made again.
RULES = 1

NESTED = 40  # forms within forms; pdfium draws no deeper either
CONTENT_BYTES = 96 * 1024 * 1024  # of one content stream, unpacked
PASS_BYTES = 192 * 1024 * 1024  # of a file that pdfium writes anew in memory
OUTLINE = 20_000  # entries of an outline
NAMED = 100_000  # places with a name
ANNOTATIONS = 5_000  # of one page

Rect = tuple[float, float, float, float]


class Uncopied(Exception):
    """No reading copy can be made of this file, or not so that it shows the same pages."""


# --- content ------------------------------------------------------------------------------------
_PATH = frozenset(b"m l c v y h re".split())
_PAINT = frozenset(b"S s f F f* B B* b b* n".split())
_SHOW = frozenset(b"Tj TJ ' \"".split())
_MARKS = frozenset(b"BMC BDC EMC MP DP BX EX".split())
_OPERATORS = frozenset(
    b"w J j M d ri i gs q Q cm W W* CS cs SC SCN sc scn G g RG rg K k sh Do "
    b"BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* d0 d1".split()
)
_SPACE, _SIGNS = rb"\x00\t\n\x0c\r ", rb"\x00\t\n\x0c\r ()<>\[\]{}/%"
_TOKEN = re.compile(
    rb"(?P<space>[%s]+|%%[^\r\n]*)"
    rb"|(?P<operand>\((?:[^()\\]|\\.)*+\)|<<|>>|<[^<>]*>|[\[\]{}]|/[^%s]*|[-+.0-9][^%s]*"
    rb"|(?:true|false|null)(?![^%s]))"
    rb"|(?P<operator>[^%s]+)" % (_SPACE, _SIGNS, _SIGNS, _SIGNS, _SIGNS),
    re.DOTALL,
)
# Content in which there is nothing but operators that draw, with their operands, and marks that carry a number alone:
# most pages have no other. It is copied as it is.
_PLAIN = re.compile(
    rb"(?:[%s]++|[-+.0-9]++(?![^%s])|/[^%s]++|\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f%s]*+>|[\[\]]"
    rb"|<<[%s]*+/MCID[%s]++[0-9]++[%s]*+>>|(?:%s)(?![^%s]))*+"
    % (
        _SPACE,
        _SIGNS,
        _SIGNS,
        _SPACE,
        _SPACE,
        _SPACE,
        _SPACE,
        b"|".join(
            re.escape(one)
            for one in sorted(
                _OPERATORS | _PATH | _PAINT | _SHOW | {b"BMC", b"BDC", b"EMC"}, key=lambda one: -len(one)
            )
        ),
        _SIGNS,
    ),
    re.DOTALL,
)
_NAME = re.compile(rb"/([^%s]+)" % _SIGNS)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_INLINE_KEYS = frozenset(
    b"/W /H /BPC /CS /D /DP /F /IM /I /L /Width /Height /BitsPerComponent /ColorSpace /Decode /DecodeParms "
    b"/Filter /ImageMask /Interpolate".split()
)
_END_OF_IMAGE = re.compile(rb"[%s]EI(?![^%s])" % (_SPACE, _SIGNS))


def is_plain(content: bytes) -> bool:
    """Whether there is nothing in a content stream but what draws."""
    return _PLAIN.fullmatch(content) is not None


def names_in(content: bytes) -> set[str]:
    """The names that a content stream uses, and maybe some more."""
    return {
        _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), name).decode("latin-1")
        for name in set(_NAME.findall(content))
    }


def instructions(content: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """(operator, operands) of a content stream, comments left out; a picture within it as (BI, [all of it])."""
    at, end = 0, len(content)
    operands: list[bytes] = []
    while at < end:
        found = _TOKEN.match(content, at)
        if found is None:
            # A string with brackets in it, or a sign that belongs to nothing.
            closing = _closing(content, at) if content[at : at + 1] == b"(" else at + 1
            if closing > at + 1:
                operands.append(content[at:closing])
            at = closing
            continue
        at = found.end()
        if found.lastgroup == "operand":
            operands.append(found[0])
        elif found.lastgroup == "operator":
            if found[0] == b"BI":
                picture, at = _inline(content, at)
                yield b"BI", [picture]
            else:
                yield found[0], operands
            operands = []


def _closing(content: bytes, at: int) -> int:
    """Where a string that has brackets in it ends."""
    depth = 0
    for found in re.compile(rb"\\.|[()]", re.DOTALL).finditer(content, at):
        if found[0] == b"(":
            depth += 1
        elif found[0] == b")":
            depth -= 1
            if not depth:
                return found.end()
    return len(content)


def _inline(content: bytes, at: int) -> tuple[bytes, int]:
    """A picture within content, from behind its BI: (all of it with what describes it, where it ends)."""
    said: dict[bytes, bytes] = {}
    key, value, depth = b"", [], 0
    while found := _TOKEN.match(content, at):
        at = found.end()
        if found.lastgroup == "space":
            continue
        token = found[0]
        if found.lastgroup == "operator":
            if token != b"ID":
                return b"", at
            break
        if not key and token.startswith(b"/"):
            key = token
            continue
        value.append(token)
        depth += (token in (b"[", b"<<")) - (token in (b"]", b">>"))
        if key and depth <= 0:
            said[key] = b" ".join(value)
            key, value, depth = b"", [], 0
    else:
        return b"", len(content)
    begin = at + 1  # one sign of white space
    stop = _end_of_data(content, begin, said)
    closing = _END_OF_IMAGE.search(content, max(begin - 1, stop - 1)) or re.compile(rb"EI").search(
        content, stop
    )
    if closing is None:
        return b"", len(content)
    kept = b" ".join(b"%s %s" % pair for pair in said.items() if pair[0] in _INLINE_KEYS)
    data = content[begin : max(stop, closing.start() if stop == begin else stop)]
    return b"BI %s ID %s\nEI" % (kept, data), closing.end()


def _end_of_data(content: bytes, begin: int, said: dict[bytes, bytes]) -> int:
    """Where the data of a picture within content surely go on to; `begin` where that cannot be told."""

    def of(*names: bytes) -> bytes:
        return next((said[name] for name in names if name in said), b"")

    packing = of(b"/F", b"/Filter").strip(b"[] ").split(b" ")[0]
    if packing in (b"/Fl", b"/FlateDecode"):
        unpacking = zlib.decompressobj()
        with suppress(zlib.error):
            unpacking.decompress(content[begin:], CONTENT_BYTES)
            if unpacking.eof:
                return len(content) - len(unpacking.unused_data)
    elif not packing:
        with suppress(ValueError):
            width, height = int(of(b"/W", b"/Width")), int(of(b"/H", b"/Height"))
            mask = of(b"/IM", b"/ImageMask") == b"true"
            bits = 1 if mask else int(of(b"/BPC", b"/BitsPerComponent") or 8)
            space = of(b"/CS", b"/ColorSpace")
            colours = {b"/RGB": 3, b"/DeviceRGB": 3, b"/CMYK": 4, b"/DeviceCMYK": 4}.get(space, 1)
            size = (width * bits * colours + 7) // 8 * height
            if 0 < size <= len(content) - begin:
                return begin + size
    elif packing in (b"/DCT", b"/DCTDecode"):
        ends = content.find(b"\xff\xd9", begin)
        return ends + 2 if ends >= 0 else begin
    return begin


def _name(token: bytes) -> str:
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), token[1:]).decode("latin-1")


class _Text:
    """What decides how far text moves on: followed so that text can be left out and what is behind it stays."""

    def __init__(self) -> None:
        self.font, self.size, self.between, self.at_spaces = "", 1.0, 0.0, 0.0
        self.before: list[tuple[str, float, float, float]] = []

    def follow(self, operator: bytes, operands: list[bytes]) -> None:
        with suppress(ValueError, IndexError):
            if operator == b"Tf":
                self.font, self.size = _name(operands[-2]), float(operands[-1])
            elif operator == b"Tc":
                self.between = float(operands[-1])
            elif operator == b"Tw":
                self.at_spaces = float(operands[-1])
            elif operator == b"q":
                self.before.append((self.font, self.size, self.between, self.at_spaces))
            elif operator == b"Q" and self.before:
                self.font, self.size, self.between, self.at_spaces = self.before.pop()

    def instead(self, operator: bytes, operands: list[bytes], widths: Widths) -> list[bytes]:
        """Operators that move on as far as this text would have."""
        lines: list[bytes] = []
        if operator == b'"' and len(operands) > 2:
            lines += [operands[-3] + b" Tw", operands[-2] + b" Tc"]
            self.follow(b"Tw", operands[-3:-2])
            self.follow(b"Tc", operands[-2:-1])
        if operator in (b"'", b'"'):
            lines.append(b"T*")
        moved = 0.0
        for operand in operands:
            if operand[:1] in (b"(", b"<"):
                with suppress(ValueError):
                    found = widths(self.font, _bytes_of(operand))
                    moved += sum(found[0])
                    if self.size:
                        moved += (len(found[0]) * self.between + found[1] * self.at_spaces) * 1000 / self.size
            elif operator == b"TJ" and operand[:1] not in (b"[", b"]"):
                with suppress(ValueError):
                    moved -= float(operand)
        return [*lines, b"[%.3f] TJ" % -moved] if moved else lines


# Widths (thousandths of the size) of the characters of a string in that font, and how many are single spaces.
Widths = Callable[[str, bytes], tuple[list[float], int]]
_OCTAL = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_SHORT = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}


def _bytes_of(token: bytes) -> bytes:
    """What a string in content stands for."""
    if token.startswith(b"<"):
        digits = bytes(sign for sign in token if sign in b"0123456789abcdefABCDEF")
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())

    def one(found: re.Match[bytes]) -> bytes:
        sign = found[1]
        return bytes([int(sign, 8) & 255]) if sign[:1].isdigit() and sign[0] < 56 else _SHORT.get(sign, sign)

    return _OCTAL.sub(one, token[1:-1])


def cleaned(content: bytes, hidden: Callable[[str], bool], widths: Widths) -> bytes:
    """The content without marks and their properties, comments and unknown operators, and without what is drawn in a
    layer that is `hidden` (by its name in the page's properties).

    What such content does to the state of drawing stays, because what follows it is drawn in that state: text that is
    left out still moves on by its width. There are as many `Q` as `q`.
    """
    out: list[bytes] = []
    marks: list[bool] = []  # of each that is open: whether it hides
    path: list[bytes] = []
    depth = 0
    text = _Text()
    for operator, operands in instructions(content):
        unseen = True in marks
        line = b" ".join([*operands, operator])
        if operator in _MARKS:
            if operator == b"BDC":
                tagged = len(operands) == 2 and operands[0] == b"/OC" and operands[1].startswith(b"/")
                marks.append(tagged and hidden(_name(operands[1])))
            elif operator == b"BMC":
                marks.append(False)
            elif operator == b"EMC" and marks:
                marks.pop()
        elif operator in _PATH or operator in (b"W", b"W*"):
            path.append(line)
        elif operator in _PAINT:
            if not unseen:
                out += [*path, line]
            elif any(part in (b"W", b"W*") for part in path):
                out += [*path, b"n"]  # what follows is still cut to it
            path.clear()
        elif operator in _SHOW:
            if operator == b'"':
                text.follow(b"Tw", operands[-3:-2])
                text.follow(b"Tc", operands[-2:-1])
            out += text.instead(operator, operands, widths) if unseen else [line]
        elif operator == b"BI":
            if operands[0] and not unseen:
                out.append(operands[0])
        elif operator in (b"Do", b"sh"):
            if not unseen:
                out.append(line)
        elif operator in _OPERATORS and (operator != b"Q" or depth):
            depth += (operator == b"q") - (operator == b"Q")
            text.follow(operator, operands)
            out.append(line)
    return b"\n".join([*out, *[b"Q"] * depth])


# --- layers -------------------------------------------------------------------------------------
class Layers:
    """Which layers (optional content) a person sees who opens the file.

    Programs do not agree on all of it: what pdfium draws, from which our pictures are, and what the standard says of
    how a file is opened. What either of them hides is left out, so that nothing is seen that was meant to be off.
    """

    def __init__(self, root: Any) -> None:
        said = _dictionary(root.get("/OCProperties"))
        config = _dictionary(said.get("/D"))
        self.off = str(config.get("/BaseState", "/ON")) == "/OFF"
        self.on_list, self.off_list = (_ids(config.get(key)) for key in ("/ON", "/OFF"))
        # (category of use, layers) of what is switched by what the file is opened for.
        self.uses = [
            (_names(_dictionary(one).get("/Category")), _ids(_dictionary(one).get("/OCGs")))
            for one in _items(config.get("/AS"))
            if str(_dictionary(one).get("/Event", "/View")) == "/View"
        ]

    def shows(self, thing: Any) -> bool:
        """Whether what belongs to this layer, or to this membership of layers, is seen."""
        if not isinstance(thing, Dictionary):
            return True
        return all(self._shows(thing, group, 0) for group in (self._drawn, self._opened))

    def _shows(self, thing: Any, group: Callable[[Any], bool], depth: int) -> bool:
        if str(thing.get("/Type", "/OCG")) != "/OCMD":
            return group(thing)
        formula = thing.get("/VE")
        if isinstance(formula, Array):
            return self._formula(formula, group, 0)
        groups = thing.get("/OCGs")
        members = [groups] if isinstance(groups, Dictionary) else _items(groups)
        states = [group(one) for one in members if isinstance(one, Dictionary)]
        if not states:
            return True
        match str(thing.get("/P", "/AnyOn")):
            case "/AllOn":
                return all(states)
            case "/AllOff":
                return not any(states)
            case "/AnyOff":
                return not all(states)
        return any(states)

    def _formula(self, thing: Any, group: Callable[[Any], bool], depth: int) -> bool:
        if isinstance(thing, Dictionary):
            return self._shows(thing, group, depth) if str(thing.get("/Type", "/OCG")) != "/OCMD" else True
        if not isinstance(thing, Array) or depth > 30 or not len(thing):
            return False
        parts = (self._formula(thing[at], group, depth + 1) for at in range(1, len(thing)))
        match str(thing[0]):
            case "/And":
                return all(parts)
            case "/Or":
                return any(parts)
            case "/Not":
                return not next(parts, False)
        return False

    def _set(self, group: Any) -> bool:
        if group.objgen in self.off_list:
            return False
        return group.objgen in self.on_list or not self.off

    @staticmethod
    def _use(group: Any, category: str) -> bool | None:
        """What a layer says of itself for that use; None where it says nothing."""
        use = _dictionary(_dictionary(group.get("/Usage")).get(f"/{category}"))
        state = use.get(f"/{category}State")
        return None if state is None else str(state) not in ("/OFF", "OFF")

    def _drawn(self, group: Any) -> bool:
        """As pdfium has it: what the layer says of being viewed comes first."""
        own = self._use(group, "View")
        return self._set(group) if own is None else own

    def _opened(self, group: Any) -> bool:
        """As the standard has it: what the layer says counts where the file switches it by its use."""
        state = self._set(group)
        for categories, layers in self.uses:
            if group.objgen in layers:
                states = [self._use(group, one) for one in ("View", "Export") if f"/{one}" in categories]
                if False in states:
                    return False
                state = True if True in states else state
        return state


def _dictionary(thing: Any) -> Any:
    return thing if isinstance(thing, Dictionary | Stream) else {}


def _items(thing: Any) -> list[Any]:
    return list(thing) if isinstance(thing, Array) else []


def _ids(thing: Any) -> set[tuple[int, int]]:
    return {one.objgen for one in _items(thing) if isinstance(one, Dictionary)}


def _names(thing: Any) -> set[str]:
    return {str(one) for one in _items(thing)} if isinstance(thing, Array) else {str(thing)}


# --- what content uses --------------------------------------------------------------------------
# The keys of each kind of thing that make it look as it does. Anything else stays behind.
_IMAGE = (
    ["Type", "Subtype", "Width", "Height", "BitsPerComponent", "Intent", "ImageMask", "Decode", "Interpolate", "SMaskInData", "Matte"]
)
_FORM = ["Type", "Subtype", "FormType", "BBox", "Matrix"]
_TILING = ["Type", "PatternType", "PaintType", "TilingType", "BBox", "XStep", "YStep", "Matrix"]
_SHADING = ["ShadingType", "Background", "BBox", "AntiAlias", "Domain", "Matrix", "Coords", "Extend", "BitsPerCoordinate", "BitsPerComponent", "BitsPerFlag", "Decode", "VerticesPerRow"]
_FUNCTION = ["FunctionType", "Domain", "Range", "Size", "BitsPerSample", "Order", "Encode", "Decode", "C0", "C1", "N", "Bounds"]
_STATE = ["Type", "LW", "LC", "LJ", "ML", "D", "RI", "OP", "op", "OPM", "FL", "SM", "SA", "BM", "CA", "ca", "AIS", "TK"]
_COLOUR = ["WhitePoint", "BlackPoint", "Gamma", "Matrix", "Range"]
_FONT = ["Type", "Subtype", "BaseFont", "FirstChar", "LastChar", "Widths", "DW", "W", "DW2", "W2", "FontBBox", "FontMatrix", "CIDToGIDMap"]
_DESCRIPTOR = ["Type", "FontName", "FontFamily", "FontStretch", "FontWeight", "Flags", "FontBBox", "ItalicAngle", "Ascent", "Descent", "Leading", "CapHeight", "XHeight", "StemV", "StemH", "AvgWidth", "MaxWidth", "MissingWidth", "CharSet"]
_UNPACKING = (
    ["Predictor", "Colors", "BitsPerComponent", "Columns", "EarlyChange", "K", "EndOfLine", "EncodedByteAlign", "Rows", "EndOfBlock", "BlackIs1", "DamagedRowsBeforeError", "ColorTransform"]
)


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
    return [str(one) for one in (_items(filters) or [filters]) if isinstance(one, Name)]


def content_of(stream: Any) -> tuple[bytes, bool]:
    """A content stream unpacked, as far as it can be; and whether there is nothing in it as it is packed but what is
    seen when it is unpacked. Raises Uncopied where it is too much."""
    packing, raw = _packing(stream), bytes(stream.get_raw_stream_buffer())
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
    except pikepdf.PdfError:
        return b"", False


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
    return any(_dictionary(one).get("/Predictor", 1) != 1 for one in (_items(given) or [given]))


class Copier:
    """Takes over from one file into a new one what content uses, each thing once."""

    def __init__(self, new: pikepdf.Pdf, layers: Layers) -> None:
        self.new, self.layers = new, layers
        self.done: dict[tuple[int, int], Any] = {}
        self.depth = 0

    # -- streams --
    def bare(self, stream: Any) -> Any:
        """The stream in the new file with its data as they are packed, which are not held in memory, and no more of
        what describes it than how to unpack them. What it said before must be read before."""
        packing = _packing(stream)
        given = stream.get("/DecodeParms")
        how = _items(given) if isinstance(given, Array) else [given] * bool(given is not None)
        unwrapped = _unwrapped(stream, packing) if len(packing) > 1 else None
        if unwrapped is not None:
            # Taken out of its wrapping, so that what is in a picture can be looked at, and nobody unpacks what unpacks
            # to very much.
            copied = Stream(self.new, unwrapped, Filter=Name(packing[-1]))
            if len(how) == len(packing) and isinstance(how[-1], Dictionary):
                copied.DecodeParms = self._unpacking(how[-1])
            return copied
        for key in list(stream.keys()):
            if key != "/Length":
                del stream[key]
        if packing:
            stream.Filter = Name(packing[0]) if len(packing) == 1 else Array([Name(one) for one in packing])
        copied = self.new.copy_foreign(stream)
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
            found.JBIG2Globals = self.once(shared, self.bare)
        return found

    def once(self, thing: Any, make: Callable[[Any], Any]) -> Any:
        """What `make` makes of a thing that many may share."""
        key = thing.objgen
        if key == (0, 0):
            return make(thing)
        if key not in self.done:
            self.done[key] = None  # what goes round in a circle ends here
            found = make(thing)
            if isinstance(found, Dictionary) and not found.is_indirect:
                found = self.new.make_indirect(found)
            self.done[key] = found
        return self.done[key]

    # -- resources --
    def resources(self, given: Any, used: set[str]) -> Any:
        """Those of the resources that content with the names `used` may draw with."""
        found = Dictionary()
        makers = {
            "/ExtGState": self.state,
            "/ColorSpace": self.space,
            "/Pattern": self.pattern,
            "/Shading": self.shading,
            "/XObject": self.drawn,
            "/Font": self.font,
        }
        for kind, make in makers.items():
            held = _dictionary(given.get(kind))
            kept = Dictionary()
            for key in sorted(self._keys(held)):
                name = key[1:]
                if name in used or not name.isascii() or name.startswith("Default"):
                    thing = held[key]
                    made = self._kept(thing, make, given)
                    if made is not None:
                        kept[key] = made
            if len(kept):
                found[kind] = kept
        return found

    def _keys(self, held: Any) -> Any:
        return held.keys() if held else ()

    def _kept(self, thing: Any, make: Callable[..., Any], around: Any) -> Any:
        if self.depth >= NESTED:
            return None
        self.depth += 1
        try:
            if isinstance(thing, Dictionary | Stream) or (isinstance(thing, Array) and thing.is_indirect):
                return self.once(thing, lambda one: make(one, around))
            return make(thing, around)
        finally:
            self.depth -= 1

    def state(self, given: Any, around: Any) -> Any:
        if not isinstance(given, Dictionary):
            return None
        found = _some(given, _STATE)
        font = given.get("/Font")
        if isinstance(font, Array) and len(font) == 2 and isinstance(font[0], Dictionary):
            found.Font = Array([self._kept(font[0], self.font, around), plain(font[1])])
        mask = given.get("/SMask")
        if isinstance(mask, Name):
            found.SMask = Name(str(mask))
        elif isinstance(mask, Dictionary):
            shape = mask.get("/G")
            made = self._kept(shape, self.drawn, around) if isinstance(shape, Stream) else None
            if made is not None:
                found.SMask = _some(mask, ["Type", "S", "BC"])
                found.SMask.G = made
                self._functions(mask, found.SMask, ["TR"])
        self._functions(given, found, ["TR", "TR2"])
        return found

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
            return self.once(given, self._function)
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

    def space(self, given: Any, around: Any = None) -> Any:
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
                rest = [self.once(parts[1], self._profile)]
            elif kind in ("/Indexed", "/I") and len(parts) > 3:
                table = parts[3]
                table = self.once(table, self.bare) if isinstance(table, Stream) else plain(table)
                rest = [self.space(parts[1]), plain(parts[2]), table]
            elif kind in ("/Separation", "/DeviceN") and len(parts) > 3:
                rest = [plain(parts[1]), self.space(parts[2]), self.function(parts[3])]
            elif kind == "/Pattern" and len(parts) > 1:
                rest = [self.space(parts[1])]
            elif kind in ("/CalGray", "/CalRGB", "/Lab") and len(parts) > 1:
                rest = [_some(_dictionary(parts[1]), _COLOUR)]
        finally:
            self.depth -= 1
        return None if any(part is None for part in rest) else Array([Name(kind), *rest])

    def _profile(self, given: Any) -> Any:
        said = _some(given, ["N", "Range"])
        other = self.space(given.get("/Alternate"))
        if other is not None:
            said.Alternate = other
        return self._with(given, said)

    def pattern(self, given: Any, around: Any) -> Any:
        if isinstance(given, Stream):
            said = _some(given, _TILING)
            return self._drawing(given, said, around)
        if not isinstance(given, Dictionary):
            return None
        found = _some(given, ["Type", "PatternType", "Matrix"])
        shading = given.get("/Shading")
        made = self._kept(shading, self.shading, around) if shading is not None else None
        if made is not None:
            found.Shading = made
        state = given.get("/ExtGState")
        if isinstance(state, Dictionary):
            found.ExtGState = self._kept(state, self.state, around)
        return found

    def shading(self, given: Any, around: Any) -> Any:
        if not isinstance(given, Dictionary | Stream):
            return None
        said = _some(given, _SHADING)
        space = self.space(given.get("/ColorSpace") or given.get("/CS"))
        if space is not None:
            said.ColorSpace = space
        self._functions(given, said, ["Function"])
        return self._with(given, said)

    # -- pictures and forms --
    def drawn(self, given: Any, around: Any) -> Any:
        """A picture or a form; None for what is in a layer that is not seen, and for what is neither."""
        if not isinstance(given, Stream) or not self.layers.shows(given.get("/OC")):
            return None
        match str(given.get("/Subtype")):
            case "/Image":
                return self.image(given)
            case "/Form" if str(given.get("/Subtype2")) != "/PS":
                return self.form(given, around)
        return None

    def image(self, given: Any) -> Any:
        said = _some(given, _IMAGE)
        space = self.space(given.get("/ColorSpace"))
        if space is not None:
            said.ColorSpace = space
        for key in ("/SMask", "/Mask"):
            mask = given.get(key)
            if isinstance(mask, Stream) and self.depth < NESTED:
                self.depth += 1
                made = self.once(mask, self.image)
                self.depth -= 1
                if made is not None:
                    said[key] = made
            elif isinstance(mask, Array):
                said[key] = plain(mask)
        return self._with(given, said)

    def form(self, given: Any, around: Any, group: bool = True) -> Any:
        said = _some(given, _FORM)
        if group and isinstance(given.get("/Group"), Dictionary):
            said.Group = self.group(given.Group)
        return self._drawing(given, said, around)

    def group(self, given: Any) -> Any:
        found = _some(given, ["Type", "S", "I", "K"])
        space = self.space(given.get("/CS"))
        if space is not None:
            found.CS = space
        return found

    def _drawing(self, given: Any, said: Any, around: Any) -> Any:
        """A stream of content with the resources that it has, or that those have in which it is drawn."""
        own = given.get("/Resources")
        held = own if isinstance(own, Dictionary) else _dictionary(around)
        data, tidy = content_of(given)
        clean, unchanged = self.clean(data, held)
        said.Resources = self.resources(held, names_in(clean))
        if unchanged and tidy:
            return self._with(given, said)
        found = self.packed(clean)
        for key, value in said.items():
            found[key] = value
        return found

    def clean(self, data: bytes, held: Any, whole: bool = False) -> tuple[bytes, bool]:
        """Content without what is not to be seen, and whether it is what it was."""
        layers = _dictionary(_dictionary(held).get("/Properties"))
        unseen = {key[1:] for key in self._keys(layers) if not self.layers.shows(layers[key])}
        if not whole and not unseen and is_plain(data):
            return data, True
        return cleaned(data, unseen.__contains__, FontWidths(held)), False

    # -- fonts --
    def font(self, given: Any, around: Any) -> Any:
        if not isinstance(given, Dictionary):
            return None
        found = _some(given, _FONT)
        mapping = given.get("/CIDToGIDMap")
        if isinstance(mapping, Stream):
            found.CIDToGIDMap = self.once(mapping, self.bare)
        system = given.get("/CIDSystemInfo")
        if isinstance(system, Dictionary):
            found.CIDSystemInfo = _some(system, ["Registry", "Ordering", "Supplement"])
        for key in ("/Encoding", "/ToUnicode"):
            thing = given.get(key)
            if isinstance(thing, Name):
                found[key] = Name(str(thing))
            elif isinstance(thing, Stream):
                found[key] = self.once(thing, self._codes)
            elif isinstance(thing, Dictionary):
                found[key] = _some(thing, ["Type", "BaseEncoding", "Differences"])
        within = given.get("/DescendantFonts")
        if isinstance(within, Array) and self.depth < NESTED:
            self.depth += 1
            parts = [
                self.once(one, lambda part: self.font(part, around))
                for one in within
                if isinstance(one, Dictionary)
            ]
            self.depth -= 1
            found.DescendantFonts = Array([part for part in parts if part is not None])
        looks = given.get("/FontDescriptor")
        if isinstance(looks, Dictionary):
            found.FontDescriptor = self.once(looks, self._descriptor)
        shapes = given.get("/CharProcs")
        if isinstance(shapes, Dictionary):
            self._shapes(given, shapes, found, around)
        return found

    def _codes(self, given: Any) -> Any:
        said = _some(given, ["Type", "CMapName", "WMode", "UseCMap"])
        other = given.get("/UseCMap")
        if isinstance(other, Stream) and self.depth < NESTED:
            self.depth += 1
            said.UseCMap = self.once(other, self._codes)
            self.depth -= 1
        system = given.get("/CIDSystemInfo")
        if isinstance(system, Dictionary):
            said.CIDSystemInfo = _some(system, ["Registry", "Ordering", "Supplement"])
        return self._with(given, said)

    def _descriptor(self, given: Any) -> Any:
        found = _some(given, _DESCRIPTOR)
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            program = given.get(key)
            if isinstance(program, Stream):
                found[key] = self.once(
                    program,
                    lambda one: self._with(one, _some(one, ["Subtype", "Length1", "Length2", "Length3"])),
                )
        return found

    def _shapes(self, given: Any, shapes: Any, found: Any, around: Any) -> None:
        """The characters of a font that are drawn by content."""
        own = given.get("/Resources")
        held = own if isinstance(own, Dictionary) else _dictionary(around)
        kept = Dictionary()
        used: set[str] = set()
        for key in shapes.keys():
            stream = shapes[key]
            if not isinstance(stream, Stream):
                continue
            data, tidy = content_of(stream)
            clean, unchanged = self.clean(data, held)
            used |= names_in(clean)
            kept[key] = self.once(stream, self.bare) if unchanged and tidy else self.packed(clean)
        found.CharProcs = kept
        found.Resources = self.resources(held, used)


def _some(given: Any, keys: Iterable[str]) -> Any:
    """The plain values of those keys."""
    found = Dictionary()
    for key in keys:
        value = given.get(f"/{key}")
        if value is not None and (made := plain(value)) is not None:
            found[f"/{key}"] = made
    return found


class FontWidths:
    """How wide the characters of the fonts in some resources are: for text that is left out."""

    def __init__(self, held: Any) -> None:
        self.fonts = _dictionary(_dictionary(held).get("/Font"))
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
            listed = _items(within.get("/W"))
            while len(listed) > 1:
                first = int(listed[0])
                if isinstance(listed[1], Array):
                    widths.update((first + n, float(width)) for n, width in enumerate(listed[1]))
                    listed = listed[2:]
                else:
                    last = min(int(listed[1]), first + 65535)
                    widths.update(dict.fromkeys(range(first, last + 1), float(listed[2])))
                    listed = listed[3:]
            return True, widths, float(within.get("/DW", 1000))
        first = int(font.get("/FirstChar", 0))
        scale = 1000 * float(font.FontMatrix[0]) if str(font.get("/Subtype")) == "/Type3" else 1.0
        given = {first + n: float(width) * scale for n, width in enumerate(_items(font.get("/Widths")))}
        missing = float(_dictionary(font.get("/FontDescriptor")).get("/MissingWidth", 0))
        return False, given, missing if given else 500.0


# --- pages --------------------------------------------------------------------------------------
HIDDEN, NO_ROTATE, NO_VIEW = 2, 16, 32
# What pdfium draws though the file does not say how it looks.
_LOOKS_OF_ITS_OWN = frozenset(
    f"/{kind}" for kind in ["Circle", "Highlight", "Ink", "Square", "Squiggly", "StrikeOut", "Text", "Underline"]
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
    for one in _items(page.get("/Annots"))[:ANNOTATIONS]:
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
    looks = _dictionary(annotation.get("/AP")).get("/N")
    if isinstance(looks, Stream):
        return looks
    if not isinstance(looks, Dictionary):
        return None
    state = annotation.get("/AS")
    if state is None:
        above = annotation.get("/V") or _dictionary(annotation.get("/Parent")).get("/V")
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


def lacks_looks(page: Any, layers: Layers, afresh: bool) -> bool:
    """Whether something is seen on a page that only pdfium knows how to draw; `afresh`: all fields are."""
    for one in annotations(page, layers):
        kind = str(one.get("/Subtype"))
        if kind == "/Widget" and (afresh or appearance(one) is None):
            return True
        if kind in _LOOKS_OF_ITS_OWN and appearance(one) is None:
            return True
    return False


class Rebuilder:
    """One file made anew from another."""

    def __init__(self, old: pikepdf.Pdf) -> None:
        self.old, self.new = old, pikepdf.new()
        self.layers = Layers(old.Root)
        self.copier = Copier(self.new, self.layers)
        self.sources = [page.obj for page in old.pages]
        self.pages: list[Any] = []
        self._named: dict[str, Any] | None = None

    def make(self, went_on: Callable[[], None]) -> pikepdf.Pdf:
        """`went_on` is called with each page."""
        for _page in self.sources:
            self.new.pages.append(pikepdf.Page(self.new.make_indirect(Dictionary(Type=Name.Page))))
        self.pages = [page.obj for page in self.new.pages]
        self.at = {page.objgen: index for index, page in enumerate(self.sources)}
        for source, page in zip(self.sources, self.pages, strict=True):
            went_on()
            self.page(source, page)
        self.outline()
        return self.new

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
        given = source.get("/Contents")
        streams = [one for one in (_items(given) or [given]) if isinstance(one, Stream)]
        parts = [content_of(one) for one in streams]
        shown = annotations(source, self.layers)
        drawn = [(one, form) for one in shown if (form := appearance(one)) is not None]
        drawn.sort(key=lambda pair: str(pair[0].get("/Subtype")) == "/Widget")
        cleans = [self.copier.clean(data, held) for data, _tidy in parts] if not drawn else []
        if not drawn and all(unchanged for _data, unchanged in cleans):
            names = set[str]().union(*(names_in(data) for data, _unchanged in cleans))
            copied = [
                self.copier.once(stream, self.copier.bare) if tidy else self.copier.packed(data)
                for stream, (data, tidy) in zip(streams, parts, strict=True)
            ]
            page.Resources = self.copier.resources(held, names)
            page.Contents = copied[0] if len(copied) == 1 else Array(copied)
        else:
            # One instruction may begin in one stream and end in the next.
            content, _ = self.copier.clean(b"\n".join(data for data, _tidy in parts), held, whole=True)
            names = names_in(content)
            page.Resources = self.copier.resources(held, names)
            lines = [b"q", content, b"Q"]
            lines += self._on_top(drawn, page.Resources, names, turned)
            page.Contents = self.copier.packed(b"\n".join(lines))
        links = [link for one in shown if (link := self.link(one)) is not None]
        if links:
            page.Annots = Array([self.new.make_indirect(link) for link in links])

    def _on_top(
        self, drawn: list[tuple[Any, Any]], resources: Any, names: set[str], turned: int
    ) -> list[bytes]:
        """What annotations and fields show, as content of the page; its forms are put into `resources`."""
        lines = []
        for number, (annotation, form) in enumerate(drawn):
            place = _placed(annotation, form, turned)
            # Not as a group: pdfium draws it onto the page, so that a highlight does not cover what it marks.
            made = self.copier.once(form, lambda one: self.copier.form(one, Dictionary(), group=False))
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
            for key, value in _dictionary(self.old.Root.get("/Dests")).items():
                self._named[key] = value
            waiting, seen = [_dictionary(self.old.Root.get("/Names")).get("/Dests")], set()
            while waiting and len(self._named) < NAMED:
                node = waiting.pop()
                if not isinstance(node, Dictionary) or node.objgen in seen:
                    continue
                if node.objgen != (0, 0):
                    seen.add(node.objgen)
                waiting += _items(node.get("/Kids"))
                pairs = _items(node.get("/Names"))
                self._named.update(
                    (str(key), value) for key, value in zip(pairs[::2], pairs[1::2], strict=False)
                )
        return self._named

    def outline(self) -> None:
        root = self.old.Root.get("/Outlines")
        if not isinstance(root, Dictionary):
            return
        made = self.new.make_indirect(Dictionary(Type=Name.Outlines))
        if self._entries(root, made, set(), 0):
            self.new.Root.Outlines = made

    def _entries(self, above: Any, made: Any, seen: set[tuple[int, int]], depth: int) -> int:
        """Take over what is below an entry of the outline; how many of it are shown."""
        entries, shown = [], 0
        entry = above.get("/First")
        while isinstance(entry, Dictionary) and entry.objgen not in seen and len(seen) < OUTLINE:
            seen.add(entry.objgen)
            title = entry.get("/Title")
            new = self.new.make_indirect(
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
def write(source: Any, out: str, pages: int, went_on: Callable[[], None]) -> None:
    """Write at `out` the reading copy of the PDF at `source` (path, or file in memory), which has so many pages.

    Raises Uncopied where that cannot be done.
    """
    try:
        with pikepdf.open(source, suppress_warnings=True) as old:
            if len(old.pages) != pages:
                raise Uncopied("its pages are not counted alike")
            new = Rebuilder(old).make(went_on)
            with new, Path(out).open("w+b") as file:
                went_on()
                new.save(
                    file,
                    min_version="1.7",
                    object_stream_mode=pikepdf.ObjectStreamMode.generate,
                    compress_streams=True,
                    # What is packed stays so: a small file may hold a picture of many gigabytes.
                    stream_decode_level=pikepdf.StreamDecodeLevel.none,
                    deterministic_id=True,
                    fix_metadata_version=False,
                )
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


def as_it_is(document: Any, path: str, out: str, pages: int, went_on: Callable[[], None]) -> None:
    """Write the reading copy at `out` of the file at `path`, which pdfium has open as `document`.

    Where something is seen that only pdfium knows how to draw, pdfium adds how it looks first, in memory.
    """
    asked = needs_drawing(path)
    source: Any = path
    if asked and Path(path).stat().st_size <= PASS_BYTES:
        for index in asked:
            went_on()
            with suppress(pdfium.PdfiumError):
                page = document[index]
                page.render(scale=0.02, may_draw_forms=False, draw_annots=True).close()
                page.close()
        source = io.BytesIO()
        document.save(source)
        source.seek(0)
    write(source, out, pages, went_on)


def through_pdfium(document: Any, path: str, out: str, pages: int, went_on: Callable[[], None]) -> None:
    """The same of pages that pdfium has put into a new file in memory: for what pikepdf cannot read or counts
    otherwise."""
    if Path(path).stat().st_size > PASS_BYTES:
        raise Uncopied("it is too large to be written anew")
    source = io.BytesIO()
    with pdfium.PdfDocument.new() as new:
        new.import_pages(document)
        new.save(source)
    source.seek(0)
    write(source, out, pages, went_on)


def needs_drawing(path: str) -> list[int]:
    """The pages (from 0) on which something is seen that only pdfium knows how to draw."""
    found: list[int] = []
    with (
        suppress(pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError),
        pikepdf.open(path, suppress_warnings=True) as old,
    ):
        layers = Layers(old.Root)
        afresh = _dictionary(old.Root.get("/AcroForm")).get("/NeedAppearances") is True
        for index, page in enumerate(old.pages):
            if "/Annots" in page.obj and lacks_looks(page.obj, layers, afresh):
                found.append(index)
    return found


# --- what stands in pictures beside the picture -------------------------------------------------
_PICTURE = re.compile(rb"stream\n(?=\xff\xd8\xff|\x00\x00\x00\x0cjP  )")
_LENGTH = re.compile(rb"/Length (\d{1,12})[^0-9]")
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def strip_pictures(path: str) -> None:
    """Blank what stands in the pictures of a file that we have written beside the pictures themselves: EXIF, XMP,
    IPTC, comments, thumbnails, what is behind the end. No pixel changes, and nothing is held in memory."""
    if not Path(path).stat().st_size:
        return
    with Path(path).open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for found in _PICTURE.finditer(data):
            sizes = _LENGTH.findall(data[max(0, found.start() - 4096) : found.start()].rpartition(b" obj")[2])
            if not sizes:
                continue
            end = found.end() + int(sizes[-1])
            if end > len(data):
                continue
            if data[found.end()] == 0xFF:
                _strip_jpeg(data, found.end(), end)
            else:
                _strip_jpeg2000(data, found.end(), end)


def _strip_jpeg(data: Any, at: int, end: int) -> None:
    at += 2
    while at + 4 <= end and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == 0xD9:
            data[at + 2 : end] = bytes(end - at - 2)
            return
        size = int.from_bytes(data[at + 2 : at + 4])
        stop = min(at + 2 + size, end)
        if marker == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0":
            keep = at + 18  # without its thumbnail
            if stop > keep:
                data[at + 16 : stop] = bytes(stop - at - 16)
        elif (0xE0 <= marker <= 0xEF and marker != 0xEE) or marker == 0xFE:
            data[at + 1] = 0xFE
            data[at + 4 : stop] = bytes(stop - at - 4)
        at = stop
        if marker == 0xDA:
            following = _MARKER.search(data, at, end)
            if following is None:
                return
            at = following.start()


def _strip_jpeg2000(data: Any, at: int, end: int) -> None:
    while at + 8 <= end:
        size, kind, head = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        stop = end if size == 0 else at + size
        if stop <= at or stop > end:
            return
        if kind in (b"uuid", b"xml ", b"uinf"):
            data[at + 4 : at + 8] = b"free"
            data[at + head : stop] = bytes(stop - at - head)
        at = stop
