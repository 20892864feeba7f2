"""What the confined child does with a PDF: open, check, repair, read, render. Runs in the child only.

pdfium reads and renders; pikepdf looks at the structure (rotation, title, what is active) and repairs. The child can
open nothing by name, so all that is imported, and all that libraries load by themselves, is loaded by `load` before.
"""

from __future__ import annotations

import ctypes
import errno
import io
import math
import mmap
import os
import re
import time
import unicodedata
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageChops
from pypdfium2 import raw

from casebundle.pdf import fonts, reading_copy
from casebundle.pdf.layers import hides_layers

SCALE = 100_000
HUGE = 2 * 1024 * 1024  # bytes of a large page of memory
Frames = Iterator[tuple[dict[str, Any], bytes]]
Box = tuple[float, float, float, float]


class Refuse(Exception):
    """A reason to refuse the file: code, key of the sentence if another, numbers for the sentence."""

    def __init__(self, code: str, key: str | None = None, why: str = "", **values: int) -> None:
        super().__init__(code)
        self.code, self.key, self.values, self.why = code, key or code, values, why

    def frame(self) -> dict[str, Any]:
        why = {"why": self.why[:500]} if self.why else {}  # for the log
        return {"code": self.code, "key": self.key, "values": self.values, **why}


# Characters that have no place in the text of a page: controls, bidi controls (they turn what stands beside
# them round), zero width spaces, tags, non-characters, lone surrogates, private marks of pdfium.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_HALVES = re.compile("[\ud800-\udfff]")
# Ligatures and the shaped forms of Hebrew and Arabic, which nobody types into a search box.
_SHAPED = re.compile("[\ufb00-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
_WORD = re.compile(r"[^\s\ufffe]+")
LINE_END_HYPHEN = "\ufffe"  # pdfium's mark for a hyphen that breaks a word at the end of a line


def clean(text: str) -> str:
    """`text` without hidden characters, ligatures spelt out. No white space is added."""
    if text.isascii() and text.isprintable():
        return text
    if _HALVES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _HIDDEN.sub("", text)
    return _SHAPED.sub(lambda m: unicodedata.normalize("NFKC", m[0]).replace(" ", ""), text)


class Reader:
    """Answers requests about one file, which stays open from the first to the last.

    `file` and `out` are descriptors: of the file, `size` bytes long, and of the copy that is to be written, if one is.
    """

    BATCH_BYTES = 1024 * 1024
    BATCH_PAGES = 64
    BATCH_SECONDS = 1.0
    COMPARED = 2000  # pages of a file that are compared with those of its reading copy

    def __init__(
        self, limits: dict[str, Any], allow: Callable[[float], None], file: int, size: int, out: int | None
    ) -> None:
        self.limits = limits
        self.allow = allow
        self.file, self.size, self.out = file, size, out
        self.document: pdfium.PdfDocument | None = None

    def answer(self, request: dict[str, Any]) -> Frames:
        match request["op"]:
            case "inspect":
                return self.inspect()
            case "repair":
                return self.repair()
            case "read":
                return self.read(request["first"], request["last"])
            case "render":
                return self.render(request["index"], request["widths"], request["format"], request["quality"])
            case "rebuild":
                return self.rebuild(request["known"])
        raise ValueError(request["op"])

    # Opening

    def source(self) -> IO[bytes]:
        """The file from its beginning, for pikepdf and for reading as bytes."""
        stream = open(self.file, "rb", closefd=False)  # noqa: SIM115 - a descriptor has no path
        stream.seek(0)
        return stream

    def forget(self) -> None:
        if self.document is not None:
            self.document.close()
        self.document = None

    def open(self) -> pdfium.PdfDocument:
        """The document, opened as it is. Raises Refuse."""
        if self.document is None:
            self.document = self._open()
        return self.document

    def _open(self) -> pdfium.PdfDocument:
        try:
            document = self._mapped(self.file, self.size)
        except pdfium.PdfiumError as error:
            if error.err_code == raw.FPDF_ERR_PASSWORD:
                raise Refuse("encrypted") from None
            if error.err_code == raw.FPDF_ERR_SECURITY:
                raise Refuse("encrypted", "encryption_unknown") from None
            raise Refuse("broken") from None
        try:
            count = len(document)
            if count == 0:
                raise Refuse("no_pages")
            if count > self.limits["pages"]:
                raise Refuse("too_many_pages", pages=count, limit=self.limits["pages"])
            document.init_forms()  # makes what fields show where the file leaves that to the reader
        except Refuse:
            document.close()
            raise
        return document

    @staticmethod
    def _mapped(file: int, size: int) -> pdfium.PdfDocument:
        # A private mapping, which ctypes insists may be written to; nobody writes.
        mapped = mmap.mmap(file, size, access=mmap.ACCESS_COPY)
        return pdfium.PdfDocument((ctypes.c_ubyte * size).from_buffer(mapped))

    def sizes(self, document: pdfium.PdfDocument) -> list[tuple[float, float]]:
        """Size of every page as displayed, in points. Raises Refuse where a page is not really there."""
        size = raw.FS_SIZEF()
        found = []
        for index in range(len(document)):
            if not raw.FPDF_GetPageSizeByIndexF(document.raw, index, ctypes.byref(size)):
                raise Refuse("broken", "broken_page", page=index + 1)
            found.append((size.width, size.height))
        return found

    # Inspecting and repairing

    def inspect(self) -> Frames:
        try:
            document = self.open()
            sizes = self.sizes(document)
            structure = look(self.source())
            rotations = structure.rotations
            if len(rotations) > len(sizes):
                # The page tree gives a number too low and pdfium believes it: pages would be lost unseen.
                raise Refuse("broken")
        except Refuse:
            self.forget()
            raise
        if len(rotations) != len(sizes):
            # Nobody can say who is right: the sender must look.
            structure.warnings.add("pages_unsure")
            rotations = [0] * len(sizes)
        body = array("f")
        for (width, height), rotation in zip(sizes, rotations, strict=True):
            body.extend((width, height, rotation))
        title = clean(document.get_metadata_value("Title")).strip() or None
        warnings = sorted(structure.warnings)
        if raw.FPDF_GetSecurityHandlerRevision(document.raw) >= 0:
            warnings.append("was_encrypted")
        yield {"kind": "inspection", "title": title, "warnings": warnings}, body.tobytes()

    def repair(self) -> Frames:
        """Writes a copy that opens to `out`."""
        if self.out is None:
            raise ValueError("There is nowhere to write a copy.")
        self.forget()
        with open(self.out, "r+b", closefd=False) as out:
            done = repair(self.source(), self.size, out, self.limits)
        yield {"kind": "repaired", "warnings": sorted(done)}, b""

    # Reading

    def read(self, first: int, last: int | None) -> Frames:
        document = self.open()
        count = len(document)
        stop = count if last is None else min(last + 1, count)
        started, sent = time.monotonic(), 0
        for index in range(first, stop):
            if index > first:
                self.allow(self.limits["seconds"])
            header, body = read_page(document, index, self.limits["characters"])
            header |= {"kind": "page", "index": index, "count": count}
            yield header, body
            sent += len(body)
            if (
                sent > self.BATCH_BYTES
                or index - first + 1 >= self.BATCH_PAGES
                or time.monotonic() - started > self.BATCH_SECONDS
            ):
                return

    # The reading copy

    def rebuild(self, known: Sequence[int]) -> Frames:
        """Writes the reading copy to `out`. Raises Refuse where there can be none that shows the same. Pages that are
        `known` to be too much are not drawn to compare them."""
        if self.out is None:
            raise ValueError("There is nowhere to write a copy.")
        document = self.open()
        sizes = self.sizes(document)
        why = ""
        try:
            for way in (reading_copy.as_it_is, reading_copy.through_pdfium):
                if why:
                    # To compare it, its annotations were made part of it.
                    self.forget()
                    document = self.open()
                try:
                    with open(self.out, "r+b", closefd=False) as out:
                        unlike = way(
                            document,
                            self.source,
                            self.size,
                            out,
                            len(sizes),
                            lambda: self.allow(self.limits["seconds"]),
                        )
                        written = out.seek(0, io.SEEK_END)  # fstat is among what a child may not ask
                    self.forget()
                    document = self.open()
                    with self._mapped(self.out, written) as copied:
                        if self._alike(sizes, self.sizes(copied)) and self._shows_the_same(
                            document, copied, {*unlike, *known}
                        ):
                            yield {"kind": "rebuilt"}, b""
                            return
                    why = "its pages came out otherwise"
                except (reading_copy.Uncopied, pdfium.PdfiumError, Refuse) as no:
                    why = str(no)
        except OSError as error:
            if error.errno not in (errno.EFBIG, errno.ENOMEM):
                raise
            why = "it grew, or memory was short"
        raise Refuse("uncopied", why=why)

    @staticmethod
    def _alike(old: list[tuple[float, float]], new: list[tuple[float, float]]) -> bool:
        return len(old) == len(new) and all(
            abs(a - b) < 0.1
            for one, other in zip(old, new, strict=True)
            for a, b in zip(one, other, strict=True)
        )

    def _shows_the_same(self, old: pdfium.PdfDocument, new: pdfium.PdfDocument, unlike: set[int]) -> bool:
        """Whether the pages of the two, drawn very small, look the same, but for those that are `unlike`: all up to
        COMPARED, of more pages so many at equal distances."""
        count = len(old)
        step = max(1, -(-count // self.COMPARED))
        for index in range(0, count, step):
            if index in unlike:
                continue
            self.allow(self.limits["seconds"])
            one, other = (small(document, index) for document in (old, new))
            if one is None or not differ(one, other):
                continue
            return False
        return True

    # Rendering

    def render(self, index: int, widths: list[int], kind: str, quality: int) -> Frames:
        document = self.open()
        if not 0 <= index < len(document):
            yield {"kind": "image", "missing": True}, b""
            return
        with PageAt(document, index) as page:
            points_wide, points_high = (max(n, 0.01) for n in page.get_size())
            for width in widths:
                scale = width / points_wide
                side, pixels = self.limits["side"], self.limits["pixels"]
                scale = min(scale, side / points_wide, side / points_high)
                scale = min(scale, (pixels / (points_wide * points_high)) ** 0.5)
                size = max(1, round(points_wide * scale)), max(1, round(points_high * scale))
                yield {"kind": "image", "width": size[0], "height": size[1]}, draw(page, size, kind, quality)


class PageAt:
    """Loads a page and surely closes it: an open page keeps its images in memory.

    What was filled into a form, or typed onto the page as a comment without a frame, is an annotation, which
    pdfium leaves out of the text and partly out of the image. In memory it is made part of the page: a court
    reads what a person sees.
    """

    ANNOTATIONS_READ = 2000

    def __init__(self, document: pdfium.PdfDocument, index: int) -> None:
        self.page = self._load(document, index)
        if self._has_text_on_top() and raw.FPDFPage_Flatten(self.page.raw, raw.FLAT_NORMALDISPLAY) == 1:
            self.page.close()
            self.page = self._load(document, index)

    @staticmethod
    def _load(document: pdfium.PdfDocument, index: int) -> pdfium.PdfPage:
        try:
            return document[index]
        except pdfium.PdfiumError:
            raise Refuse("broken", "broken_page", page=index + 1) from None

    def _has_text_on_top(self) -> bool:
        page = self.page.raw
        for number in range(min(raw.FPDFPage_GetAnnotCount(page), self.ANNOTATIONS_READ)):
            annotation = raw.FPDFPage_GetAnnot(page, number)
            if not annotation:
                continue
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            raw.FPDFPage_CloseAnnot(annotation)
            if kind in (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT):
                return True
        return False

    def __enter__(self) -> pdfium.PdfPage:
        return self.page

    def __exit__(self, *_: object) -> None:
        self.page.close()


def draw(page: pdfium.PdfPage, size: tuple[int, int], kind: str, quality: int) -> bytes:
    """The page as an image file, exactly `size` px."""
    width, height = size
    # In large pages where there are any: the child is new and would ask the kernel for each small one.
    needed = -(-width * height * 4 // HUGE) * HUGE
    memory = mmap.mmap(-1, needed, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    buffer = (ctypes.c_ubyte * (width * height * 4)).from_buffer(memory)
    bitmap = pdfium.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGRx, buffer=buffer, stride=width * 4)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        flags = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER
        raw.FPDF_RenderPageBitmap(bitmap.raw, page.raw, 0, 0, width, height, 0, flags)
        # The same memory, not a copy of it.
        image = Image.frombuffer("RGBX", size, memory, "raw", "RGBX", 0, 1)
        out = io.BytesIO()
        if kind == "jpeg":
            image.save(out, "JPEG", quality=quality)
        else:
            image.save(out, "WEBP", quality=quality, method=2)
        return out.getvalue()
    finally:
        bitmap.close()


SMALL = 0.15  # pixels to a point, of pages that are compared
SMALL_SIDE = 200  # pixels of a side of them, at most
NOTICED = 48  # of 255: as much is one point lighter or darker where something else is shown


def small(document: pdfium.PdfDocument, index: int) -> Image.Image | None:
    """A page drawn very small and grey, as its picture is drawn; None where it cannot be drawn."""
    try:
        with PageAt(document, index) as page:
            wide, high = page.get_size()
            scale = min(SMALL, SMALL_SIDE / max(wide, high, 1))
            size = max(1, round(wide * scale)), max(1, round(high * scale))
            bitmap = pdfium.PdfBitmap.new_native(*size, raw.FPDFBitmap_Gray)
            try:
                bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
                raw.FPDF_RenderPageBitmap(bitmap.raw, page.raw, 0, 0, *size, 0, raw.FPDF_ANNOT)
                return Image.frombytes("L", size, bytes(bitmap.buffer), "raw", "L", bitmap.stride, 1)
            finally:
                bitmap.close()
    except (Refuse, pdfium.PdfiumError):
        return None


def differ(one: Image.Image, other: Image.Image | None) -> bool:
    """Whether two small pictures of pages differ by more than what comes of rounding."""
    if other is None or one.size != other.size:
        return True
    if one.tobytes() == other.tobytes():
        return False
    most: Any = ImageChops.difference(one, other).getextrema()
    return int(most[1]) >= NOTICED


# Text


def page_box(page: pdfium.PdfPage) -> Box:
    """What is displayed, in the page's own unrotated coordinates: left, bottom, right, top."""
    rect = raw.FS_RECTF()
    if raw.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(rect)):
        return rect.left, rect.bottom, rect.right, rect.top
    width, height = page.get_size()
    return 0, 0, width, height


def read_page(document: pdfium.PdfDocument, index: int, most: int) -> tuple[dict[str, Any], bytes]:
    with PageAt(document, index) as page:
        width, height = page.get_size()
        text_page = raw.FPDFText_LoadPage(page.raw)
        if not text_page:
            raise Refuse("broken", "broken_page", page=index + 1)
        try:
            total = max(0, raw.FPDFText_CountChars(text_page))
            text, boxes, count = words_of(page, text_page, min(total, most))
        finally:
            raw.FPDFText_ClosePage(text_page)
        blank, pictures = False, 0.0
        if count < 40:
            blank, pictures = marks_of(page, has_words=bool(count))
    header = {
        "width": round(width, 3),
        "height": round(height, 3),
        "words": count,
        "blank": blank,
        "images_only": not count and not blank,
        "pictures": pictures,
        "cut": total > most,
    }
    return header, boxes.tobytes() + text.encode("utf-8", "ignore")


# Made once: a call that makes its own would cost as much again as pdfium's work.
_left, _right, _bottom, _top = (ctypes.c_double() for _ in range(4))
_L, _R, _B, _T = (ctypes.addressof(n) for n in (_left, _right, _bottom, _top))
_loose, _last = raw.FS_RECTF(), raw.FS_RECTF()
_LOOSE, _LAST = ctypes.addressof(_loose), ctypes.addressof(_last)


def _plainly(function: Any, *kinds: Any) -> Any:
    """The same function of pdfium, called with plain numbers: checking what points where costs as much as the call."""
    return ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, *kinds)(
        ctypes.cast(function, ctypes.c_void_p).value
    )


_count_rects = _plainly(raw.FPDFText_CountRects, ctypes.c_int, ctypes.c_int)
_get_rect = _plainly(raw.FPDFText_GetRect, ctypes.c_int, *[ctypes.c_void_p] * 4)
_get_loose = _plainly(raw.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p)


def words_of(page: pdfium.PdfPage, text_page: Any, total: int) -> tuple[str, array[int], int]:
    """Text, word boxes (4 whole numbers a word, hundred-thousandths of the page as displayed) and how many.

    Two calls into pdfium a word instead of one a character: where a line is upright and its height known, the boxes
    of a word's first and last characters are its ends; else pdfium itself unites the boxes of a run.
    """
    boxes: array[int] = array("I")
    if total == 0:
        return "", boxes, 0
    buffer = (ctypes.c_ushort * (total + 1))()
    got = raw.FPDFText_GetText(text_page, 0, total, buffer)
    source = bytes(buffer)[: max(0, got - 1) * 2].decode("utf-16-le", "surrogatepass")
    if max(source, default="") > "\uffff":
        source = "".join(map(chr, buffer[: max(0, got - 1)]))  # pdfium counts halves of these: so do we
    index_of = raw.FPDFText_GetCharIndexFromTextIndex
    # Characters without a meaning are in pdfium's list and not in its text; then places must be looked up.
    straight = index_of(text_page, len(source) - 1) == len(source) - 1
    count_rects, get_rect, get_loose = _count_rects, _get_rect, _get_loose
    handle = ctypes.cast(text_page, ctypes.c_void_p).value
    if LINE_END_HYPHEN in source:
        # It stands for other characters too; those are hidden, not the end of a line.
        marks = [m.start() for m in re.finditer(LINE_END_HYPHEN, source)]
        chars = list(source)
        for mark in marks:
            if not raw.FPDFText_IsHyphen(text_page, index_of(text_page, mark)):
                chars[mark] = "\0"
        source = "".join(chars)
    parts: list[str] = []
    edges: list[float] = []
    end = 0
    tallest = widest = 0.0
    # Of the upright line that we are in: heights that were held against the ink, a little less and a little more.
    low0 = low1 = high0 = high1 = math.nan
    x0, y0, x1, y1 = page_box(page)
    for match in _WORD.finditer(source):
        start, stop = match.span()
        word = match[0]
        if not (word.isascii() and word.isprintable()):
            word = clean(word)
            if not word or word.isspace():
                continue
        if straight:
            first, length = start, stop - start
        else:
            first = index_of(text_page, start)
            length = index_of(text_page, stop - 1) + 1 - first
            if first < 0 or length < 1:
                continue
        quick = False
        if get_loose(handle, first, _LOOSE):
            left, right, bottom, top = _loose.left, _loose.right, _loose.bottom, _loose.top
            if low0 < bottom < low1 and high0 < top < high1:
                quick = left < right
                if quick and length > 1:
                    quick = (
                        get_loose(handle, first + length - 1, _LAST)
                        and low0 < _last.bottom < low1
                        and high0 < _last.top < high1
                        and _last.left < _last.right
                    )
                    # Either may be the left one: there are scripts that run from right to left.
                    near, far = _last.left, _last.right
                    left, right = near if near < left else left, far if far > right else right
        rects = 0 if quick else count_rects(handle, first, length)
        if quick:
            pass
        elif rects > 0:
            get_rect(handle, 0, _L, _T, _R, _B)
            left, right, bottom, top = _left.value, _right.value, _bottom.value, _top.value
            for number in range(1, rects):
                get_rect(handle, number, _L, _T, _R, _B)
                left, right = min(left, _left.value), max(right, _right.value)
                bottom, top = min(bottom, _bottom.value), max(top, _top.value)
        # The box of the first character with its font's ascent and descent gives words of a line one height
        # (or width, where the text runs up the page). Some fonts lie: so not much more than the ink.
        if quick:
            pass
        elif get_loose(handle, first, _LOOSE):
            a, b, c, d = _loose.left, _loose.right, _loose.bottom, _loose.top
            if rects < 1:
                left, right, bottom, top = a, b, c, d
            elif (d - c < 3 * (top - bottom) + 6 or d - c < tallest) and (
                b - a < 3 * (right - left) + 6 or b - a < widest
            ):
                tallest, widest = (d - c) * 1.01, (b - a) * 1.01  # a dash is flat, its neighbour is not
                left, right = (a if a < left else left), (b if b > right else right)
                bottom, top = (c if c < bottom else bottom), (d if d > top else top)
                if rects == 1 and (top - bottom) < 1.06 * (d - c):
                    slack = 0.02 * (d - c)
                    low0, low1, high0, high1 = c - slack, c + slack, d - slack, d + slack
        elif rects < 1:
            continue
        if not (left < x1 and right > x0 and bottom < y1 and top > y0):
            continue  # off the page as displayed, or not a number
        if edges:
            gap = source[end:start]
            if gap == " ":
                parts.append(gap)
            elif LINE_END_HYPHEN in gap:
                parts.append("-\n")
            else:
                parts.append("\n" if "\n" in gap or "\r" in gap else " ")
        parts.append(word)
        edges += (left, bottom, right, top)
        end = stop
    return "".join(parts), as_displayed(edges, (x0, y0, x1, y1), page.get_rotation()), len(edges) // 4


def as_displayed(edges: list[float], box: Box, rotation: int) -> array[int]:
    """From edges in the page's own coordinates (left, bottom, right, top, again and again) to x0, y0, x1, y1
    on the page as displayed: hundred-thousandths, origin top left, rounded outwards."""
    x0, y0, x1, y1 = box
    sx, sy = SCALE / max(x1 - x0, 1e-6), SCALE / max(y1 - y0, 1e-6)
    lefts = [(n - x0) * sx for n in edges[0::4]]
    bottoms = [(n - y0) * sy for n in edges[1::4]]
    rights = [(n - x0) * sx for n in edges[2::4]]
    tops = [(n - y0) * sy for n in edges[3::4]]
    match rotation:
        case 90:
            turned = bottoms, lefts, tops, rights
        case 180:
            turned = _mirrored(rights), bottoms, _mirrored(lefts), tops
        case 270:
            turned = _mirrored(tops), _mirrored(rights), _mirrored(bottoms), _mirrored(lefts)
        case _:
            turned = lefts, _mirrored(tops), rights, _mirrored(bottoms)
    placed = array("I", bytes(4 * len(edges)))
    for number, values in enumerate(turned):
        up = 1 if number > 1 else 0
        if min(values, default=0) >= 0 and max(values, default=0) < SCALE - 1:
            whole = map(int, [n + 1 for n in values] if up else values)
        else:
            whole = [0 if n < 0 else int(n) + up if n < SCALE else SCALE for n in values]
        placed[number::4] = array("I", whole)
    return placed


def _mirrored(values: list[float]) -> list[float]:
    return [SCALE - n for n in values]


def marks_of(page: pdfium.PdfPage, has_words: bool) -> tuple[bool, float]:
    """Whether nothing is on the page, and the share 0..1 of it that images cover (roughly: overlaps count
    twice, never above 1)."""
    x0, y0, x1, y1 = page_box(page)
    area = max((x1 - x0) * (y1 - y0), 1e-6)
    covered = 0.0
    images = False
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    objects = raw.FPDFPage_CountObjects(page.raw)
    for number in range(min(objects, 2000)):
        thing = raw.FPDFPage_GetObject(page.raw, number)
        if raw.FPDFPageObj_GetType(thing) not in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM):
            continue
        if raw.FPDFPageObj_GetType(thing) == raw.FPDF_PAGEOBJ_IMAGE:
            images = True
            if raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
                across = min(right.value, x1) - max(left.value, x0)
                along = min(top.value, y1) - max(bottom.value, y0)
                if across > 0 and along > 0:
                    covered += across * along
        else:
            images = images or raw.FPDFFormObj_CountObjects(thing) > 0
    share = round(min(1.0, covered / area), 4)
    if has_words or images:
        return False, share
    if objects == 0 and raw.FPDFPage_GetAnnotCount(page.raw) == 0:
        return True, 0.0
    return not shows_anything(page), share


def shows_anything(page: pdfium.PdfPage) -> bool:
    """Whether a small image of the page is anything but white: lines drawn in white are no marks."""
    width, height = page.get_size()
    longest = max(width, height, 1)
    size = max(1, round(width / longest * 400)), max(1, round(height / longest * 400))
    bitmap = pdfium.PdfBitmap.new_native(*size, raw.FPDFBitmap_Gray)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        raw.FPDF_RenderPageBitmap(bitmap.raw, page.raw, 0, 0, *size, 0, raw.FPDF_ANNOT)
        data = bytes(bitmap.buffer)
        stride = bitmap.stride
        rows = (data[r * stride : r * stride + size[0]] for r in range(size[1]))
        return any(row.count(255) != len(row) for row in rows)
    finally:
        bitmap.close()


# Structure (pikepdf)


# Something may be in a layer that is not seen. Nobody is told; it decides whether a file is read without a copy.
LAYERS_OFF = "layers_off"


class Structure:
    def __init__(self) -> None:
        self.rotations: list[int] = []
        self.warnings: set[str] = set()


def look(source: IO[bytes]) -> Structure:
    """Rotation of every page and what is active in the document. Best effort: what cannot be told is left
    out, for pdfium has opened the file and the text does not depend on it."""
    found = Structure()
    with (
        suppress(pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError),
        pikepdf.open(source, suppress_warnings=True) as pdf,
    ):
        rotations = [int(page.rotation) % 360 // 90 * 90 for page in pdf.pages]
        found.rotations = rotations
        if any("file is damaged" in str(said) for said in pdf.get_warnings()):
            found.warnings.add("damaged")
        root = pdf.Root
        if "/OCProperties" in root:
            # Until it is known: what cannot be told counts as hidden.
            found.warnings.add(LAYERS_OFF)
            if not hides_layers(pdf):
                found.warnings.discard(LAYERS_OFF)
        names: Any = root.get("/Names", {})
        if "/JavaScript" in names or is_action(root.get("/OpenAction"), "/JavaScript"):
            found.warnings.add("javascript")
        if "/EmbeddedFiles" in names:
            found.warnings.add("attachments")
        if is_action(root.get("/OpenAction"), "/Launch"):
            found.warnings.add("launch")
        form = root.get("/AcroForm")
        if form is not None:
            if len(form.get("/Fields", [])):
                found.warnings.add("form")
            if "/XFA" in form:
                found.warnings.add("xfa")
            if int(form.get("/SigFlags", 0)) & 1:
                found.warnings.add("signed")
    return found


def is_action(thing: Any, kind: str) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == kind


def repair(source: IO[bytes], size: int, out: IO[bytes], limits: dict[str, Any]) -> set[str]:
    """Writes to `out` a copy of `source` (`size` bytes) that opens; warnings: unlocked, rebuilt. Raises Refuse."""
    head = source.read(1024 * 1024)
    source.seek(0)
    whole: IO[bytes] = source
    if b"%PDF-" not in head[:1024] and (at := head.find(b"%PDF-")) > 0:
        source.seek(at)
        whole = io.BytesIO(source.read())
    done = set()
    try:
        try:
            pdf = pikepdf.open(whole, suppress_warnings=True, attempt_recovery=True)
        except pikepdf.PasswordError:
            raise Refuse("encrypted") from None
        except pikepdf.PdfError as error:
            # Only where its list is lost: one that is there and leads nowhere was made so.
            if "while recovering damaged file" not in str(error):
                raise
            pdf = rebuild(source, size)
            done.add("rebuilt")
        with pdf:
            count = len(pdf.pages)
            if count == 0:
                raise Refuse("no_pages")
            if count > limits["pages"]:
                raise Refuse("too_many_pages", pages=count, limit=limits["pages"])
            pdf.save(out, fix_metadata_version=False)
            if pdf.is_encrypted:
                done.add("unlocked")
        return done
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        raise Refuse("broken") from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise Refuse("broken") from None
        raise


# A file that was cut short has lost its list of pages, which writers put last; the pages themselves are there.

REBUILT_BYTES = 192 * 1024 * 1024  # of a file that this is tried with, and of what is packed in it
_OBJECT = re.compile(rb"(?<![0-9])(\d{1,8})[ \r\n]+\d{1,5}[ \r\n]+obj\b")
_PAGE = re.compile(rb"/Type[ \r\n]*/Page(?![A-Za-z0-9])")
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")


def rebuild(source: IO[bytes], size: int) -> Any:
    """A pikepdf.Pdf of the pages that can be found in a damaged file, in the order in which they lie in it. Raises
    Refuse where there are none."""
    if size > REBUILT_BYTES:
        raise Refuse("broken")
    source.seek(0)
    data = source.read()
    if b"/Encrypt" in data:
        raise Refuse("broken")  # without its list nobody knows how to read what is in it
    places = [(int(m[1]), m.end()) for m in _OBJECT.finditer(data)]
    extra: list[bytes] = []
    numbers: dict[int, None] = {}  # of pages; one that comes again takes the later place
    room = REBUILT_BYTES
    for (number, start), (_, end) in zip(places, [*places[1:], (0, len(data))], strict=True):
        body = data[start:end]
        front = body.partition(b"stream")[0]
        if b"/ObjStm" in front:
            for inner, text in unpacked(front, body, room):
                room -= len(text)
                extra.append(b"%d 0 obj\n%s\nendobj\n" % (inner, text))
                if _PAGE.search(text):
                    numbers.pop(inner, None)
                    numbers[inner] = None
        elif _PAGE.search(front):
            numbers.pop(number, None)
            numbers[number] = None
    if not numbers:
        raise Refuse("broken")
    new = max(max((n for n, _ in places), default=0), *numbers) + 1
    extra.append(b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (new, new + 1))
    # A list of one page that is none of them: without any the library would not open it.
    extra.append(b"%d 0 obj\n<</Type/Pages/Kids[%d 0 R]/Count 1>>\nendobj\n" % (new + 1, new + 2))
    extra.append(b"%d 0 obj\n<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>\nendobj\n" % (new + 2, new + 1))
    extra.append(b"trailer\n<</Root %d 0 R/Size %d>>\nstartxref\n0\n%%%%EOF\n" % (new, new + 3))
    found = pikepdf.open(
        io.BytesIO(b"".join([data, b"\nendstream\nendobj\n", *extra])), suppress_warnings=True
    )
    whole = pikepdf.new()
    for number in numbers:
        page: Any = found.get_object(number, 0)
        if not isinstance(page, pikepdf.Dictionary) or page.get("/Type") != "/Page":
            continue
        above: Any = page.get("/Parent")
        for _ in range(20):
            if not isinstance(above, pikepdf.Dictionary):
                break
            for key in _INHERITED:
                if key not in page and key in above:
                    page[key] = above[key]
            above = above.get("/Parent")
        if "/MediaBox" not in page:
            page["/MediaBox"] = pikepdf.Array([0, 0, 595, 842])
        whole.pages.append(pikepdf.Page(page))
    return whole


def unpacked(front: bytes, body: bytes, room: int) -> list[tuple[int, bytes]]:
    """Numbers and texts of the objects in an object stream; as many as can be had of a damaged one."""
    count, first = re.search(rb"/N[ \r\n]+(\d{1,7})", front), re.search(rb"/First[ \r\n]+(\d{1,8})", front)
    if not count or not first or b"/DecodeParms" in front or room <= 0:
        return []
    packed = body[len(front) + len(b"stream") :].lstrip(b"\r\n")
    if b"/FlateDecode" in front:
        try:
            text = zlib.decompressobj().decompress(packed, min(room, 32 * 1024 * 1024))
        except zlib.error:
            return []
    else:
        text = packed
    head = text[: int(first[1])].split()[: 2 * int(count[1])]
    if not all(part.isdigit() and len(part) < 10 for part in head):
        return []
    starts = [int(first[1]) + int(n) for n in head[1::2]]
    ends = [*starts[1:], len(text)]
    return [
        (int(number), text[start:end])
        for number, start, end in zip(head[0::2], starts, ends, strict=False)
        if start < end <= len(text)
    ]


# --- before any file ----------------------------------------------------------------------------


def standard_font(name: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name(f"/{name}")
    )


def load() -> int:
    """Loads what libraries load when they first need it, by doing all of it once to a document of our own: later, in a
    child, no file can be opened. Gives the bytes of address space that fonts take."""
    mapped = fonts.load()
    from PIL import JpegImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()
    limits = {"pages": 1, "characters": 1000, "side": 100, "pixels": 10_000, "repair_bytes": 0, "seconds": 1}
    with (
        os.fdopen(os.memfd_create("ours"), "w+b") as file,
        os.fdopen(os.memfd_create("copy"), "w+b") as out,
    ):
        ours = pikepdf.new()
        ours.add_blank_page(page_size=(100, 100))
        names = ("Helvetica", "Helvetica-Bold", "Times-Roman", "Times-Bold", "Courier")
        used = {f"/{name}": standard_font(name) for name in names}
        # One that pdfium must look for among the machine's. Nothing is written in it: what pdfium makes in its place
        # it keeps as it was last used, and the first file must not look otherwise for that.
        used["/Unknown"] = standard_font("Unknown")
        ours.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(used))
        written = "".join(f"/{name} 9 Tf 9 9 Td (Words, 12 of them) Tj " for name in names)
        ours.pages[0].Contents = pikepdf.Stream(ours, f"BT {written} /Unknown 9 Tf ET".encode())
        for revision in (2, 3, 4, 6):  # each has ciphers of its own
            secret = io.BytesIO()
            ours.save(
                secret,
                encryption=pikepdf.Encryption(
                    owner="a", user="", R=revision, aes=revision > 3, metadata=revision > 3
                ),
            )
            pikepdf.open(secret).close()
        ours.save(file)
        file.flush()
        reader = Reader(limits, lambda _seconds: None, file.fileno(), file.tell(), out.fileno())
        for frames in (
            reader.inspect(),
            reader.read(0, 0),
            reader.render(0, [50], "jpeg", 80),
            reader.render(0, [50], "webp", 80),
            reader.repair(),
            reader.rebuild([]),
        ):
            list(frames)
        reader.forget()
    return mapped
