"""Content streams of a PDF: what draws, and what does not. Pure functions of bytes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

CONTENT_BYTES = 96 * 1024 * 1024  # of one content stream, unpacked

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
_EI = re.compile(rb"EI")
_COLOURS = {
    **dict.fromkeys((b"/G", b"/DeviceGray", b"/I", b"/Indexed", b"/CalGray", b"/Separation"), 1),
    **dict.fromkeys((b"/RGB", b"/DeviceRGB", b"/CalRGB", b"/Lab"), 3),
    **dict.fromkeys((b"/CMYK", b"/DeviceCMYK"), 4),
}
# What ends the data of a packed picture.
_LAST = {
    **dict.fromkeys((b"/DCT", b"/DCTDecode"), re.compile(rb"\xff\xd9")),
    **dict.fromkeys((b"/A85", b"/ASCII85Decode"), re.compile(rb"~>")),
    **dict.fromkeys((b"/AHx", b"/ASCIIHexDecode"), re.compile(rb">")),
}
_END_OF_IMAGE = re.compile(rb"[%s]EI(?![^%s])" % (_SPACE, _SIGNS))


def is_plain(content: bytes) -> bool:
    """Whether there is nothing in a content stream but what draws."""
    return _PLAIN.fullmatch(content) is not None


def names_in(content: bytes) -> set[str]:
    """The names that a content stream uses, and maybe some more."""
    return {_name(b"/" + name) for name in set(_NAME.findall(content))}


def instructions(content: bytes, colours: Colours) -> Iterator[tuple[bytes, list[bytes]]]:
    """(operator, operands) of a content stream, comments left out; a picture within it as (BI, [all of it]).

    Raises ValueError where pictures within it unpack to too much, or nobody can tell where one ends.
    """
    at, end = 0, len(content)
    operands: list[bytes] = []
    pictures = _Inline(content, colours)
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
                picture, at = pictures.read(at)
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


class _Inline:
    """The pictures within content. What it takes grows with the content, and not with its square."""

    def __init__(self, content: bytes, colours: Colours) -> None:
        self.content, self.colours = content, colours
        self.left = CONTENT_BYTES  # bytes that may be unpacked to find the ends of packed pictures
        self.missing: set[Any] = set()  # what was looked for and does not come any more

    def _search(self, pattern: re.Pattern[bytes], at: int) -> re.Match[bytes] | None:
        if pattern in self.missing:
            return None
        found = pattern.search(self.content, at)
        if found is None:
            self.missing.add(pattern)
        return found

    def read(self, at: int) -> tuple[bytes, int]:
        """A picture, from behind its BI: (all of it with what describes it, where it ends)."""
        content = self.content
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
        stop = self._end_of_data(begin, said)
        closing = self._search(_END_OF_IMAGE, max(begin - 1, stop - 1)) or self._search(_EI, stop)
        if closing is None:
            return b"", len(content)
        kept = b" ".join(b"%s %s" % pair for pair in said.items() if pair[0] in _INLINE_KEYS)
        data = content[begin : max(stop, closing.start() if stop == begin else stop)]
        return b"BI %s ID %s\nEI" % (kept, data), closing.end()

    def _end_of_data(self, begin: int, said: dict[bytes, bytes]) -> int:
        """Where the data of a picture surely go on to; `begin` where that cannot be told."""

        def of(*names: bytes) -> bytes:
            return next((said[name] for name in names if name in said), b"")

        packing = of(b"/F", b"/Filter").strip(b"[] ").split(b" ")[0]
        ends = begin
        if packing in (b"/Fl", b"/FlateDecode"):
            ends = self._unpacked(begin)
        elif not packing:
            size = self._size(of)
            if size > 0:
                ends = min(begin + size, len(self.content))
        elif packing in _LAST:
            last = self._search(_LAST[packing], begin)
            ends = last.end() if last is not None else begin
        elif packing in (b"/RL", b"/RunLengthDecode"):
            ends = self._runs(begin)
        return ends

    def _size(self, of: Callable[..., bytes]) -> int:
        """Bytes of a picture that is not packed, as pdfium counts them."""
        try:
            width, height = int(of(b"/W", b"/Width")), int(of(b"/H", b"/Height"))
            space = of(b"/CS", b"/ColorSpace")
            bits = colours = 1
            if space:
                bits = int(of(b"/BPC", b"/BitsPerComponent") or 8)
                known = _COLOURS.get(space.strip(b"[ ").split(b" ")[0])
                if known is None:
                    known = self.colours(_name(space)) if space.startswith(b"/") else None
                if known is None:
                    raise ValueError("a picture within content, and nobody can tell where it ends")
                colours = known
        except ValueError as error:
            raise ValueError("a picture within content that does not say its size") from error
        return (width * bits * colours + 7) // 8 * height

    def _unpacked(self, begin: int) -> int:
        unpacking, at, step = zlib.decompressobj(), begin, 1024
        with suppress(zlib.error):
            while at < len(self.content):
                given: bytes = self.content[at : at + step]
                at += len(given)
                while given:
                    made = unpacking.decompress(given, 1 << 20)
                    self.left -= len(made) + len(given) - len(unpacking.unconsumed_tail)
                    if self.left < 0:
                        raise ValueError("too much is packed in pictures within content")
                    if unpacking.eof:
                        return at - len(unpacking.unused_data)
                    given = unpacking.unconsumed_tail
                step = min(step * 2, 65536)
        return begin

    def _runs(self, begin: int) -> int:
        at, content = begin, self.content
        while at < len(content) and content[at] != 128:
            at += content[at] + 2 if content[at] < 128 else 2
        return min(at + 1, len(content))


def _name(token: bytes) -> str:
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), token[1:]).decode(errors="surrogateescape")


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
# How many colours a colour space of that name has; None where nobody knows.
Colours = Callable[[str], "int | None"]
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


def _no_colours(_name: str) -> int | None:
    return None


def cleaned(
    content: bytes, hidden: Callable[[str], bool], widths: Widths, colours: Colours = _no_colours
) -> bytes:
    """The content without marks and their properties, comments and unknown operators, and without what is drawn in a
    layer that is `hidden` (by its name in the page's properties).

    What such content does to the state of drawing stays, because what follows it is drawn in that state: text that is
    left out still moves on by its width. There are as many `Q` as `q`.
    """
    out: list[bytes] = []
    marks: list[bool] = []  # of each that is open: whether it hides
    unseen_marks = 0
    path: list[bytes] = []
    depth = 0
    text = _Text()
    for operator, operands in instructions(content, colours):
        unseen = unseen_marks > 0
        line = b" ".join([*operands, operator])
        if operator in _MARKS:
            if operator == b"BDC":
                # The last two operands count; a name may be written in more ways than one.
                tag, layer = (operands[-2], operands[-1]) if len(operands) > 1 else (b"", b"")
                tagged = tag[:1] == layer[:1] == b"/" and _name(tag) == "OC"
                marks.append(tagged and hidden(_name(layer)))
                unseen_marks += marks[-1]
            elif operator == b"BMC":
                marks.append(False)
            elif operator == b"EMC" and marks:
                unseen_marks -= marks.pop()
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
