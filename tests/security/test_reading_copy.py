"""What everybody may have of a document (`GET /documents/{id}/pdf`) holds what is seen on its pages, and nothing else.

For each kind of thing that a PDF can hold unseen there is a file with a secret in it, which is taken in, served and
fetched by the defence; then the secret is looked for in the bytes, and in every stream and string of the file.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageChops

from casebundle.bundles import drawing, files
from casebundle.bundles.models import Bundle, Page, PageText, Version
from casebundle.evidence import copying, intake
from casebundle.evidence.sweep import tidy_files
from casebundle.evidence.tasks import copy_version
from tests.cast import REFERENCE, Cast, read, viewer

pytestmark = pytest.mark.django_db

SECRET = "zq7planted"  # nothing else has it
SEEN = "Everybody reads this"
API = "/api/v1"

Plant = Callable[[Pdf, Any], "bytes | None"]
PLANTS: dict[str, Plant] = {}


def plant(function: Plant) -> Plant:
    """A way to hide a secret in a PDF of one page: it changes the file, or gives back other bytes for it."""
    PLANTS[function.__name__] = function
    return function


def a_page() -> tuple[Pdf, Any]:
    pdf = Pdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page = pdf.make_indirect(
        Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, 595, 842]),
            Resources=Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)), XObject=Dictionary()),
            Contents=Stream(pdf, text_at(700, SEEN)),
        )
    )
    pdf.pages.append(pikepdf.Page(page))
    return pdf, pdf.pages[0].obj


def text_at(y: int, words: str) -> bytes:
    return b"BT /F1 12 Tf 1 0 0 1 72 %d Tm (%s) Tj ET\n" % (y, words.encode())


def saved(pdf: Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def also(pdf: Pdf, page: Any, content: bytes) -> None:
    page.Contents = Stream(pdf, page.Contents.read_bytes() + content)


def secret_stream(pdf: Pdf, **said: Any) -> Any:
    return pdf.make_indirect(Stream(pdf, zlib.compress(SECRET.encode()), Filter=Name.FlateDecode, **said))


def secret_script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{SECRET}')"))


def a_form(pdf: Pdf, page: Any, words: str, **said: Any) -> Any:
    return pdf.make_indirect(
        Stream(
            pdf, text_at(20, words), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 100]),
            Resources=Dictionary(Font=page.Resources.Font), **said,
        )
    )  # fmt: skip


def annotation(pdf: Pdf, page: Any, kind: str, **said: Any) -> Any:
    made = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array([72, 400, 372, 500]), **said)
    )
    if "/Annots" not in page:
        page.Annots = Array([])
    page.Annots.append(made)
    return made


def layer(pdf: Pdf, on: bool = False, name: str = "Layer", **said: Any) -> Any:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(name), **said))
    if "/OCProperties" not in pdf.Root:
        pdf.Root.OCProperties = Dictionary(OCGs=Array([]), D=Dictionary(ON=Array([]), OFF=Array([])))
    pdf.Root.OCProperties.OCGs.append(group)
    pdf.Root.OCProperties.D["/ON" if on else "/OFF"].append(group)
    return group


def in_layer(pdf: Pdf, page: Any, group: Any, content: bytes | None = None) -> None:
    page.Resources.Properties = Dictionary(L1=group)
    also(
        pdf, page, b"/OC /L1 BDC\n" + (content or text_at(600, SECRET)) + b"EMC\n" + text_at(500, "after it")
    )


# --- what was before, what is beside -------------------------------------------------------------
@plant
def an_earlier_revision(pdf: Pdf, page: Any) -> bytes:
    page.Contents = Stream(pdf, text_at(700, SECRET))
    first = saved(pdf, compress_streams=False)
    number = next(int(m[1]) for m in re.finditer(rb"(\d+) 0 obj\s*<<[^>]*>>\s*stream", first))
    at, start = len(first), int(re.findall(rb"startxref\s+(\d+)", first)[-1])
    content = text_at(700, SEEN)
    again = b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(content), content)
    size, root = re.search(rb"/Size (\d+)", first)[1], re.search(rb"/Root (\d+ 0 R)", first)[1]
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    trailer = b"trailer\n<</Size %s/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return first + again + table + trailer % (size, root, start, at + len(again))


@plant
def a_thing_that_nothing_refers_to(pdf: Pdf, page: Any) -> bytes:
    data = saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return data.replace(b"\nxref\n", b"\n99 0 obj\n(%s)\nendobj\nxref\n" % SECRET.encode(), 1)


@plant
def bytes_behind_the_end(pdf: Pdf, page: Any) -> bytes:
    return saved(pdf) + SECRET.encode()


@plant
def a_comment_between_objects(pdf: Pdf, page: Any) -> bytes:
    head, line, rest = saved(pdf).partition(b"\n")
    return head + line + b"%" + SECRET.encode() + b"\n" + rest


@plant
def an_attachment(pdf: Pdf, page: Any) -> None:
    pdf.attachments["note.txt"] = pikepdf.AttachedFileSpec(pdf, SECRET.encode(), filename=f"{SECRET}.txt")


@plant
def an_attached_file_on_the_page(pdf: Pdf, page: Any) -> None:
    file = Dictionary(Type=Name.Filespec, F=String(SECRET), EF=Dictionary(F=secret_stream(pdf)))
    annotation(pdf, page, "FileAttachment", FS=file, Contents=String(SECRET))


@plant
def associated_files(pdf: Pdf, page: Any) -> None:
    file = Dictionary(Type=Name.Filespec, F=String(SECRET), EF=Dictionary(F=secret_stream(pdf)))
    pdf.Root.AF, page.AF = Array([file]), Array([file])


@plant
def a_collection(pdf: Pdf, page: Any) -> None:
    pdf.Root.Collection = Dictionary(Type=Name.Collection, D=String(SECRET))


# --- scripts and actions --------------------------------------------------------------------------
@plant
def a_named_script(pdf: Pdf, page: Any) -> None:
    names = Array([String("a"), pdf.make_indirect(secret_script())])
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=names))


@plant
def a_script_in_a_stream(pdf: Pdf, page: Any) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=secret_stream(pdf))


@plant
def scripts_at_events(pdf: Pdf, page: Any) -> None:
    page.AA = Dictionary(O=secret_script())
    pdf.Root.AA = Dictionary(WC=secret_script())


@plant
def a_script_of_a_field(pdf: Pdf, page: Any) -> None:
    field = annotation(pdf, page, "Widget", FT=Name.Tx, T=String("a"), AA=Dictionary(K=secret_script()))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), CO=Array([field]))


def link(pdf: Pdf, page: Any, **action: Any) -> None:
    annotation(pdf, page, "Link", A=Dictionary(**action))


@plant
def a_link_to_the_web(pdf: Pdf, page: Any) -> None:
    link(pdf, page, S=Name.URI, URI=String(f"https://example.org/{SECRET}"))


@plant
def a_link_that_starts_a_program(pdf: Pdf, page: Any) -> None:
    link(pdf, page, S=Name.Launch, F=String(f"{SECRET}.exe"))


@plant
def a_link_that_sends_the_form(pdf: Pdf, page: Any) -> None:
    link(pdf, page, S=Name.SubmitForm, F=String(f"https://example.org/{SECRET}"))


@plant
def a_link_to_another_file(pdf: Pdf, page: Any) -> None:
    link(pdf, page, S=Name.GoToR, F=String(f"{SECRET}.pdf"), D=Array([0, Name.Fit]))


@plant
def a_link_into_an_attachment(pdf: Pdf, page: Any) -> None:
    link(pdf, page, S=Name.GoToE, D=Array([0, Name.Fit]), T=Dictionary(R=Name.C, N=String(SECRET)))


@plant
def an_action_behind_an_action(pdf: Pdf, page: Any) -> None:
    annotation(
        pdf, page, "Link", Contents=String(SECRET), NM=String(SECRET),
        A=Dictionary(S=Name.GoTo, D=Array([page, Name.Fit]), Next=Array([secret_script()])),
    )  # fmt: skip


@plant
def the_name_of_a_place(pdf: Pdf, page: Any) -> None:
    place = Array([page, Name.Fit])
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String(SECRET), place])))
    annotation(pdf, page, "Link", Dest=String(SECRET))


@plant
def an_action_in_the_outline(pdf: Pdf, page: Any) -> None:
    entry = pdf.make_indirect(Dictionary(Title=String("Part one"), A=secret_script(), SE=secret_stream(pdf)))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=entry, Last=entry, Count=1))
    entry.Parent = pdf.Root.Outlines


# --- what is said about it ------------------------------------------------------------------------
@plant
def information(pdf: Pdf, page: Any) -> None:
    pdf.docinfo["/Title"] = pdf.docinfo["/Author"] = pdf.docinfo["/Producer"] = SECRET
    pdf.docinfo["/Company"] = SECRET


@plant
def metadata(pdf: Pdf, page: Any) -> None:
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    pdf.Root.Metadata = Stream(pdf, xmp, Type=Name.Metadata, Subtype=Name.XML)
    page.Metadata = secret_stream(pdf)
    page.Resources.XObject.Fm = a_form(pdf, page, "form", Metadata=secret_stream(pdf))
    also(pdf, page, b"/Fm Do\n")


@plant
def metadata_of_a_font(pdf: Pdf, page: Any) -> None:
    looks = Dictionary(
        Type=Name.FontDescriptor, FontName=Name.Helvetica, Flags=32, Metadata=secret_stream(pdf)
    )
    page.Resources.Font.F1.FontDescriptor = pdf.make_indirect(looks)
    page.Resources.Font.F1.Note = String(SECRET)


@plant
def private_data_of_a_program(pdf: Pdf, page: Any) -> None:
    private = Dictionary(Editor=Dictionary(Private=secret_stream(pdf), LastModified=String("D:20260101")))
    page.PieceInfo, page.LastModified = private, String(f"D:2026{SECRET}")
    page.Resources.XObject.Fm = a_form(
        pdf, page, "form", PieceInfo=private, LastModified=String("D:20260101")
    )
    also(pdf, page, b"/Fm Do\n")


@plant
def keys_that_nobody_knows(pdf: Pdf, page: Any) -> None:
    for thing in (pdf.Root, page, page.Resources, page.Resources.Font.F1, pdf.Root.Pages):
        thing["/ZqPrivate"] = String(SECRET)
        thing["/ZqStream"] = secret_stream(pdf)
    page.Resources["/ZqKind"] = Dictionary(A=String(SECRET))


@plant
def a_thumbnail(pdf: Pdf, page: Any) -> None:
    page.Thumb = Stream(
        pdf, (SECRET * 3).encode(), Width=10, Height=1, ColorSpace=Name.DeviceRGB, BitsPerComponent=8
    )


@plant
def the_structure_of_the_text(pdf: Pdf, page: Any) -> None:
    element = pdf.make_indirect(
        Dictionary(S=Name.P, Pg=page, K=0, ActualText=String(SECRET), Alt=String(SECRET), T=String(SECRET))
    )
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([element])))
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    page.StructParents = 0
    page.Contents = Stream(pdf, b"/P <</MCID 0>> BDC\n" + text_at(700, SEEN) + b"EMC\n")


@plant
def text_that_stands_for_other_text(pdf: Pdf, page: Any) -> None:
    also(pdf, page, b"/Span <</ActualText (%s) /Alt (%s)>> BDC\n" % ((SECRET.encode(),) * 2))
    also(pdf, page, text_at(600, "shown instead") + b"EMC\n")


@plant
def text_that_stands_for_other_text_by_name(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary(P1=pdf.make_indirect(Dictionary(ActualText=String(SECRET))))
    also(pdf, page, b"/Span /P1 BDC\n" + text_at(600, "shown instead") + b"EMC\n/Place /P1 DP\n")


@plant
def a_mark_in_the_content(pdf: Pdf, page: Any) -> None:
    also(pdf, page, b"/Point <</Who (%s)>> DP\n/%s MP\n" % (SECRET.encode(), SECRET.encode()))


@plant
def a_comment_in_the_content(pdf: Pdf, page: Any) -> None:
    also(pdf, page, b"%% %s\nq Q %% %s\n" % (SECRET.encode(), SECRET.encode()))


@plant
def an_unknown_operator(pdf: Pdf, page: Any) -> None:
    also(pdf, page, b"BX (%s) zq EX\n" % SECRET.encode())


@plant
def bytes_behind_packed_content(pdf: Pdf, page: Any) -> None:
    packed = zlib.compress(text_at(700, SEEN)) + b"\n" + SECRET.encode()
    page.Contents = Stream(pdf, packed, Filter=Name.FlateDecode)


@plant
def names_of_pages(pdf: Pdf, page: Any) -> None:
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=String(SECRET))]))


@plant
def threads_and_versions(pdf: Pdf, page: Any) -> None:
    bead = pdf.make_indirect(Dictionary(R=Array([0, 0, 9, 9]), P=page))
    pdf.Root.Threads = Array([pdf.make_indirect(Dictionary(F=bead, I=Dictionary(Title=String(SECRET))))])
    page.B = Array([bead])
    pdf.Root.SpiderInfo, pdf.Root.Lang = Dictionary(V=1, C=Array([secret_stream(pdf)])), String(SECRET)


# --- forms and signatures -------------------------------------------------------------------------
@plant
def the_value_of_a_hidden_field(pdf: Pdf, page: Any) -> None:
    field = annotation(
        pdf, page, "Widget", FT=Name.Tx, T=String(SECRET), TU=String(SECRET), V=String(SECRET), F=2,
        DV=String(SECRET), AP=Dictionary(N=a_form(pdf, page, SECRET)),
    )  # fmt: skip
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=secret_stream(pdf))


@plant
def a_field_that_is_on_no_page(pdf: Pdf, page: Any) -> None:
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("a"), V=String(SECRET)))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DA=String(f"/Helv 9 Tf % {SECRET}"))


@plant
def a_signature(pdf: Pdf, page: Any) -> None:
    value = pdf.make_indirect(
        Dictionary(
            Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Name=String(SECRET), Contents=String(SECRET),
            Reason=String(SECRET), ByteRange=Array([0, 1, 2, 3]),
        )
    )  # fmt: skip
    field = annotation(pdf, page, "Widget", FT=Name.Sig, T=String("s"), V=value, F=4)
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    pdf.Root.Perms = Dictionary(DocMDP=value)
    pdf.Root.DSS = Dictionary(Certs=Array([secret_stream(pdf)]))


# --- annotations ----------------------------------------------------------------------------------
@plant
def what_a_sticky_note_says(pdf: Pdf, page: Any) -> None:
    note = annotation(pdf, page, "Text", Contents=String(SECRET), T=String(SECRET), RC=String(SECRET), F=4)
    note.Popup = annotation(pdf, page, "Popup", Parent=note, Contents=String(SECRET))


@plant
def how_a_hidden_annotation_looks(pdf: Pdf, page: Any) -> None:
    annotation(pdf, page, "Stamp", F=2, AP=Dictionary(N=a_form(pdf, page, SECRET)))


@plant
def how_an_annotation_looks_that_is_only_printed(pdf: Pdf, page: Any) -> None:
    annotation(pdf, page, "Stamp", F=4 | 32, AP=Dictionary(N=a_form(pdf, page, SECRET)))


@plant
def how_an_annotation_looks_when_it_is_pressed(pdf: Pdf, page: Any) -> None:
    looks = Dictionary(
        N=a_form(pdf, page, "as it is"), D=a_form(pdf, page, SECRET), R=a_form(pdf, page, SECRET)
    )
    annotation(pdf, page, "Stamp", F=4, AP=looks)


@plant
def a_state_that_a_box_is_not_in(pdf: Pdf, page: Any) -> None:
    states = Dictionary(Yes=a_form(pdf, page, SECRET), Off=a_form(pdf, page, "an empty box"))
    field = annotation(
        pdf, page, "Widget", FT=Name.Btn, T=String("b"), F=4, AS=Name.Off, AP=Dictionary(N=states)
    )
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


@plant
def an_annotation_in_a_hidden_layer(pdf: Pdf, page: Any) -> None:
    annotation(pdf, page, "Stamp", F=4, OC=layer(pdf), AP=Dictionary(N=a_form(pdf, page, SECRET)))


@plant
def what_a_redaction_was_to_cover(pdf: Pdf, page: Any) -> None:
    annotation(
        pdf,
        page,
        "Redact",
        F=4,
        OverlayText=String(SECRET),
        RO=a_form(pdf, page, SECRET),
        Contents=String(SECRET),
    )


# --- layers ---------------------------------------------------------------------------------------
@plant
def text_in_a_hidden_layer(pdf: Pdf, page: Any) -> None:
    in_layer(pdf, page, layer(pdf, name=SECRET))


@plant
def text_in_a_layer_within_a_layer(pdf: Pdf, page: Any) -> None:
    shown = layer(pdf, on=True, name="On")
    in_layer(
        pdf, page, layer(pdf), b"/OC /L2 BDC q\n" + text_at(600, SECRET) + b"Q EMC\n" + text_at(580, SECRET)
    )
    page.Resources.Properties.L2 = shown


@plant
def text_split_over_streams_in_a_hidden_layer(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary(L1=layer(pdf))
    parts = [text_at(700, SEEN), b"/OC /L1 BDC\n", text_at(600, SECRET), b"EMC\n"]
    page.Contents = Array([pdf.make_indirect(Stream(pdf, part)) for part in parts])


@plant
def a_form_in_a_hidden_layer(pdf: Pdf, page: Any) -> None:
    page.Resources.XObject.Fm = a_form(pdf, page, SECRET, OC=layer(pdf))
    also(pdf, page, b"/Fm Do\n")


@plant
def a_layer_within_a_form(pdf: Pdf, page: Any) -> None:
    form = a_form(pdf, page, "form")
    form.Resources.Properties = Dictionary(L1=layer(pdf))
    form.write(b"/OC /L1 BDC\n" + text_at(20, SECRET) + b"EMC\n")
    page.Resources.XObject.Fm = form
    also(pdf, page, b"/Fm Do\n")


@plant
def a_layer_that_says_itself_it_is_not_viewed(pdf: Pdf, page: Any) -> None:
    use = Dictionary(View=Dictionary(ViewState=Name.OFF), Print=Dictionary(PrintState=Name.ON))
    in_layer(pdf, page, layer(pdf, on=True, Usage=use))


@plant
def a_layer_that_is_switched_by_its_use(pdf: Pdf, page: Any) -> None:
    group = layer(pdf, on=True, Usage=Dictionary(View=Dictionary(ViewState=Name.OFF)))
    pdf.Root.OCProperties.D.AS = Array(
        [Dictionary(Event=Name.View, Category=Array([Name.View]), OCGs=Array([group]))]
    )
    in_layer(pdf, page, group)


@plant
def a_layer_that_is_off_like_all(pdf: Pdf, page: Any) -> None:
    group = layer(pdf)
    pdf.Root.OCProperties.D = Dictionary(BaseState=Name.OFF, ON=Array([]))
    in_layer(pdf, page, group)


@plant
def a_membership_of_hidden_layers(pdf: Pdf, page: Any) -> None:
    groups = Array([layer(pdf), layer(pdf, on=True)])
    in_layer(pdf, page, pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=groups, P=Name.AllOn)))


@plant
def a_membership_that_shows_when_one_is_off(pdf: Pdf, page: Any) -> None:
    group = layer(pdf, on=True)
    in_layer(pdf, page, pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([group]), P=Name.AllOff)))


@plant
def a_membership_by_a_formula(pdf: Pdf, page: Any) -> None:
    formula = Array([Name.And, layer(pdf, on=True), Array([Name.Not, layer(pdf, on=True)])])
    in_layer(pdf, page, pdf.make_indirect(Dictionary(Type=Name.OCMD, VE=formula)))


@plant
def other_ways_to_show_the_layers(pdf: Pdf, page: Any) -> None:
    in_layer(pdf, page, layer(pdf, on=True), text_at(600, "a layer that is seen"))
    pdf.Root.OCProperties.Configs = Array([Dictionary(Name=String(SECRET), Creator=String(SECRET))])


# --- pictures and resources -----------------------------------------------------------------------
@plant
def a_layer_that_a_form_finds_in_the_page(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary(L1=layer(pdf))
    form = a_form(pdf, page, SECRET)
    form.write(b"/OC /L1 BDC\n" + text_at(20, SECRET) + b"EMC\n")
    page.Resources.XObject.Fm = form
    also(pdf, page, b"q 1 0 0 1 72 300 cm /Fm Do Q\n")


@plant
def a_layer_that_a_form_within_a_form_finds_in_the_page(pdf: Pdf, page: Any) -> None:
    a_layer_that_a_form_finds_in_the_page(pdf, page)
    outer = a_form(pdf, page, "outer")
    outer.Resources.XObject = Dictionary(Fm=page.Resources.XObject.Fm)
    outer.write(b"/Fm Do")
    page.Resources.XObject.Fm = outer


@plant
def a_layer_by_a_tag_written_otherwise(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary(L1=layer(pdf))
    also(pdf, page, b"/O#43 /#4c1 BDC\n" + text_at(600, SECRET) + b"EMC\n")


@plant
def a_layer_with_an_operand_too_many(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary(L1=layer(pdf))
    also(pdf, page, b"1 /OC /L1 BDC\n" + text_at(600, SECRET) + b"EMC\n")


@plant
def a_layer_with_a_foreign_name(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary({"/Bildé": layer(pdf)})
    also(pdf, page, b"/OC /Bild#C3#A9 BDC\n" + text_at(600, SECRET) + b"EMC\n")


@plant
def how_an_annotation_looks_in_a_hidden_layer(pdf: Pdf, page: Any) -> None:
    annotation(pdf, page, "Stamp", F=4, AP=Dictionary(N=a_form(pdf, page, SECRET, OC=layer(pdf))))


@plant
def a_field_without_area(pdf: Pdf, page: Any) -> None:
    field = annotation(pdf, page, "Widget", FT=Name.Tx, T=String("a"), F=4)
    field.AP, field.Rect = Dictionary(N=a_form(pdf, page, SECRET)), Array([0, 0, 0, 0])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def jpeg(**more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(out, "JPEG", **more)
    return out.getvalue()


def a_picture(pdf: Pdf, page: Any, data: bytes, name: str = "Im", draw: bool = True, **said: Any) -> Any:
    made = pdf.make_indirect(
        Stream(
            pdf, data, Type=Name.XObject, Subtype=Name.Image, Width=40, Height=20, BitsPerComponent=8,
            ColorSpace=Name.DeviceRGB, **{"Filter": Name.DCTDecode, **said},
        )
    )  # fmt: skip
    page.Resources.XObject[f"/{name}"] = made
    if draw:
        also(pdf, page, b"q 200 0 0 100 72 300 cm /%s Do Q\n" % name.encode())
    return made


@plant
def what_a_camera_wrote_into_a_picture(pdf: Pdf, page: Any) -> None:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = SECRET
    a_picture(pdf, page, jpeg(exif=exif, comment=SECRET.encode(), xmp=f"<x>{SECRET}</x>".encode()))


@plant
def what_is_behind_the_end_of_a_picture(pdf: Pdf, page: Any) -> None:
    a_picture(pdf, page, jpeg() + SECRET.encode() * 3)


@plant
def what_a_camera_wrote_into_a_packed_picture(pdf: Pdf, page: Any) -> None:
    packed = zlib.compress(jpeg(comment=SECRET.encode()))
    a_picture(pdf, page, packed, Filter=Array([Name.FlateDecode, Name.DCTDecode]))


@plant
def what_a_camera_wrote_behind_a_new_line(pdf: Pdf, page: Any) -> None:
    a_picture(pdf, page, b"\n" + jpeg(exif=b"Exif\0\0" + SECRET.encode() * 3))


@plant
def what_a_camera_wrote_behind_what_belongs_to_nothing(pdf: Pdf, page: Any) -> None:
    data, comment = jpeg(), SECRET.encode()
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment
    a_picture(pdf, page, data[:20] + b"\0\0" + segment + data[20:])


@plant
def what_is_said_of_a_picture(pdf: Pdf, page: Any) -> None:
    a_picture(
        pdf, page, jpeg(), Metadata=secret_stream(pdf), OPI=Dictionary(F=String(SECRET)), ID=String(SECRET),
        Measure=Dictionary(R=String(SECRET)), PtData=secret_stream(pdf), Name=Name(f"/{SECRET}"),
    )  # fmt: skip


@plant
def another_picture_in_place_of_it(pdf: Pdf, page: Any) -> None:
    other = secret_stream(pdf, Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    a_picture(pdf, page, jpeg(), Alternates=Array([Dictionary(Image=other, DefaultForPrinting=True)]))


@plant
def a_picture_in_a_hidden_layer(pdf: Pdf, page: Any) -> None:
    a_picture(pdf, page, jpeg(comment=b"x") + SECRET.encode(), OC=layer(pdf))


@plant
def a_picture_that_nothing_draws(pdf: Pdf, page: Any) -> None:
    raw = (SECRET * 300).encode()[:2400]
    a_picture(pdf, page, zlib.compress(raw), draw=False, Filter=Name.FlateDecode)


@plant
def a_form_that_nothing_draws(pdf: Pdf, page: Any) -> None:
    page.Resources.XObject.Fm = a_form(pdf, page, SECRET)


@plant
def a_font_that_nothing_uses(pdf: Pdf, page: Any) -> None:
    page.Resources.Font.F2 = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{SECRET}"))


@plant
def a_program_for_printers(pdf: Pdf, page: Any) -> None:
    page.Resources.XObject.Ps = pdf.make_indirect(
        Stream(pdf, SECRET.encode(), Type=Name.XObject, Subtype=Name.PS, Level1=secret_stream(pdf))
    )
    page.Resources.XObject.Fm = a_form(
        pdf, page, "form", PS=secret_stream(pdf), Ref=Dictionary(F=String(SECRET))
    )
    also(pdf, page, b"/Ps Do /Fm Do\n")


@plant
def what_printers_are_told(pdf: Pdf, page: Any) -> None:
    page.SeparationInfo = Dictionary(DeviceColorant=String(SECRET))
    page.BoxColorInfo, page.VP = Dictionary(X=String(SECRET)), Array([Dictionary(Name=String(SECRET))])
    pdf.Root.OutputIntents = Array(
        [Dictionary(S=Name.GTS_PDFX, Info=String(SECRET), DestOutputProfile=secret_stream(pdf))]
    )


# --- looking --------------------------------------------------------------------------------------
def everything_in(data: bytes) -> bytes:
    """The bytes of a file, its streams unpacked, its strings as they are meant."""
    found = [data]
    for match in re.finditer(rb"stream\r?\n", data):
        unpacking = zlib.decompressobj()
        try:
            found.append(unpacking.decompress(data[match.end() :]))
        except zlib.error:
            continue
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for thing in pdf.objects:
            found.append(thing.unparse(resolved=True) if not isinstance(thing, Stream) else b"")
            if isinstance(thing, Stream):
                found += [thing.read_raw_bytes(), repr(dict(thing.items())).encode()]
                try:
                    found.append(thing.read_bytes(pikepdf.StreamDecodeLevel.specialized))
                except pikepdf.PdfError:
                    continue
            else:
                found.append(repr(thing).encode())
    return b"\n".join(found)


def secret_in(data: bytes) -> list[str]:
    ways = {
        "as it is": SECRET.encode(),
        "in UTF-16": SECRET.encode("utf-16-be"),
        "in hexadecimal": SECRET.encode().hex().encode(),
    }
    everything = everything_in(data)
    return [name for name, way in ways.items() if way in everything or way.upper() in everything]


def client(cast: Cast, name: str) -> Client:
    made = Client()
    made.force_login(cast[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return made


def take_in(cast: Cast, data: bytes) -> Any:
    bundle = Bundle.objects.get(case__reference=REFERENCE, slug="main")
    return read(intake.receive(viewer(cast.priya), bundle, "A", "secret.pdf", [data], serve=True))


def fetched(cast: Cast, document: Any, who: str = "daniel") -> bytes:
    answer = client(cast, who).get(f"{API}/documents/{document.pk}/pdf")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", PLANTS)
def test_what_nobody_sees_is_not_in_the_copy(cast: Cast, kind: str) -> None:
    pdf, page = a_page()
    data = PLANTS[kind](pdf, page) or saved(pdf)
    assert secret_in(data) or kind == "bytes_behind_the_end", "the test plants nothing"
    document = take_in(cast, data)
    copy = fetched(cast, document)
    assert secret_in(copy) == []
    assert copy.count(b"%%EOF") == 1
    assert b"/Prev" not in copy.rpartition(b"startxref")[0][-400:]
    assert copy.rstrip().endswith(b"%%EOF")
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert set(pdf.Root.keys()) <= {"/Type", "/Pages", "/Outlines"}
        assert set(pdf.trailer.keys()) <= {
            "/Root",
            "/Size",
            "/ID",
            "/Type",
            "/W",
            "/Index",
            "/Length",
            "/Filter",
        } | {"/DecodeParms"}
    # What is seen is still there, and nothing else is found, by anybody.
    layer = PageText.objects.get(page__version__document=document)
    assert SEEN in layer.text()
    assert SECRET not in layer.text()


def test_what_is_seen_stays_as_it_is_seen(cast: Cast) -> None:
    """Fields and comments that show something, layers that are on, text behind text that was left out, the outline and
    links within the file: in the picture, in the words, and in the copy."""
    pdf, page = a_page()
    second = pdf.make_indirect(Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 300, 300]), Rotate=90))
    pdf.pages.append(pikepdf.Page(second))
    second = pdf.pages[1].obj
    page.Resources.Properties = Dictionary(On=layer(pdf, on=True), Off=layer(pdf))
    also(pdf, page, b"/OC /On BDC\n" + text_at(600, "in a layer") + b"EMC\n")
    also(pdf, page, b"BT /F1 12 Tf 72 650 Td /OC /Off BDC (hidden) Tj EMC (behind it) Tj ET\n")
    annotation(pdf, page, "Stamp", F=4, AP=Dictionary(N=a_form(pdf, page, "Stamped")))
    annotation(pdf, page, "Square", F=4, C=Array([1, 0, 0]))
    field = annotation(pdf, page, "Widget", FT=Name.Tx, T=String("a"), V=String("Typed"), F=4,
                       DA=String("/F1 12 Tf 0 g"))  # fmt: skip
    field.Rect = Array([72, 250, 272, 280])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), NeedAppearances=True, DR=Dictionary(Font=page.Resources.Font)
    )
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String("two"), Array([second, Name.Fit])])))
    annotation(pdf, page, "Link", Dest=String("two"))
    annotation(pdf, page, "Link", A=Dictionary(S=Name.GoTo, D=Array([second, Name.XYZ, 1, 2, None])))
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Part one", 0))
        outline.root[0].children.append(pikepdf.OutlineItem("Pennod dau: tŷ", 1))
    data = saved(pdf)
    document = take_in(cast, data)
    copy = fetched(cast, document)

    assert [(row.width, row.height) for row in Page.objects.filter(version=document.current)] == [
        (595, 842),
        (300, 300),
    ]
    words = PageText.objects.get(page__version__document=document, page__index=0).text()
    for seen in (SEEN, "in a layer", "behind it", "Stamped", "Typed"):
        assert seen in words
    assert "hidden" not in words
    with pikepdf.open(io.BytesIO(copy)) as found, found.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Part one"]
        assert [item.title for item in outline.root[0].children] == ["Pennod dau: tŷ"]
        assert outline.root[0].children[0].destination[0].objgen == found.pages[1].objgen
        links = list(found.pages[0].Annots)
        assert {str(link.Subtype) for link in links} == {"/Link"}
        assert [link.Dest[0].objgen for link in links] == [found.pages[1].objgen] * 2
        assert found.pages[1].obj.Rotate == 90
    alike(data, copy, 2)


def alike(before: bytes, after: bytes, pages: int) -> None:
    """The pages of both files look the same."""
    with TemporaryDirectory() as place:
        paths = [Path(place) / name for name in ("before", "after")]
        for path, data in zip(paths, (before, after), strict=True):
            path.write_bytes(data)
        for index in range(pages):
            drawn = [
                Image.open(io.BytesIO(drawing.sandbox().render(path, index, 600, "jpeg", 95)))
                for path in paths
            ]
            assert drawn[0].size == drawn[1].size
            assert max(most for _least, most in ImageChops.difference(*drawn).getextrema()) < 60, index


def test_the_copy_is_the_same_for_everybody_and_whenever_it_is_made(cast: Cast) -> None:
    pdf, page = a_page()
    PLANTS["metadata"](pdf, page)
    data = saved(pdf)
    document = take_in(cast, data)
    version = document.current
    copies = {name: fetched(cast, document, name) for name in ("priya", "daniel", "mari", "ruth", "tom")}
    assert len(set(copies.values())) == 1
    assert version.copy == Version.Copy.WHOLE
    assert version.reading_sha256 not in ("", version.sha256)
    again = take_in(cast, data)
    assert again.current.reading_sha256 == version.reading_sha256
    original = client(cast, "priya").get(f"{API}/documents/{document.pk}/original")
    assert b"".join(original.streaming_content) == data


def before_there_were_copies(version: Version) -> None:
    if version.reading_sha256:
        default_storage.delete(files.reading_key(version.reading_sha256))
    Version.objects.filter(pk=version.pk).update(copy=Version.Copy.NONE, reading_sha256="")


def test_what_was_read_before_gets_its_copy_when_it_is_asked_for(cast: Cast) -> None:
    pdf, page = a_page()
    PLANTS["text_in_a_hidden_layer"](pdf, page)
    document = take_in(cast, saved(pdf))
    first = document.current.reading_sha256
    before_there_were_copies(document.current)
    assert secret_in(fetched(cast, document)) == []
    version = Version.objects.get(pk=document.current.pk)
    assert (version.copy, version.reading_sha256) == (Version.Copy.COPIED, first)


def test_the_worker_makes_the_copies_of_what_was_read_before_and_reads_them_again(cast: Cast) -> None:
    pdf, page = a_page()
    PLANTS["text_in_a_hidden_layer"](pdf, page)
    document = take_in(cast, saved(pdf))
    version = document.current
    before_there_were_copies(version)
    old = PageText.pack(f"{version.pk.hex}-1", f"{SEEN} {SECRET}", [])
    PageText.objects.filter(pk=f"{version.pk.hex}-1").update(packed=old.packed)
    assert [row.pk for row in copying.uncopied()] == [version.pk]
    copying.copy_read(version.pk)
    version.refresh_from_db()
    assert version.copy == Version.Copy.WHOLE
    assert not copying.uncopied().exists()
    words = PageText.objects.get(page__version=version).text()
    assert SEEN in words
    assert SECRET not in words
    document.refresh_from_db()
    assert document.index_wanted != document.index_held, "search must learn of it"


def test_what_is_large_is_not_made_while_somebody_waits(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf, _page = a_page()
    document = take_in(cast, saved(pdf))
    before_there_were_copies(document.current)
    monkeypatch.setattr(copying, "AT_ONCE_BYTES", 10)
    asked = []
    monkeypatch.setattr(type(copy_version), "enqueue", lambda self, *args: asked.append(args))
    answer = client(cast, "daniel").get(f"{API}/documents/{document.pk}/pdf")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer["Retry-After"]
    assert asked == [(str(document.current.pk),)]


def test_where_no_copy_can_be_made_nobody_gets_the_original_in_its_place(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_any: Any, **_more: Any) -> None:
        from casebundle.pdf.sandbox import refused

        raise refused("uncopied")

    monkeypatch.setattr(type(drawing.sandbox()), "rebuild", cannot)
    pdf, page = a_page()
    PLANTS["information"](pdf, page)
    data = saved(pdf)
    document = take_in(cast, data)
    assert (document.current.status, document.current.copy) == ("ready", Version.Copy.IMPOSSIBLE)
    for name in ("priya", "daniel", "mari", "ruth", "tom"):
        answer = client(cast, name).get(f"{API}/documents/{document.pk}/pdf")
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json"), name
        assert SECRET.encode() not in answer.content
    before_there_were_copies(document.current)
    answer = client(cast, "daniel").get(f"{API}/documents/{document.pk}/pdf")
    assert answer.status_code == 409
    # Its pages are still read, by everybody.
    page_id = Page.objects.get(version=document.current).pk
    assert client(cast, "daniel").get(f"{API}/pages/{page_id}/image?width=200").status_code == 200


def test_a_copy_that_nobody_needs_is_swept_and_one_that_is_needed_stays(cast: Cast) -> None:
    pdf, _page = a_page()
    document = take_in(cast, saved(pdf))
    orphan = files.reading_key("ab" * 32)
    default_storage.save(orphan, ContentFile(b"%PDF-1.7 of nobody"))
    tidy_files(age=-1)
    assert not default_storage.exists(orphan)
    assert default_storage.exists(files.reading_key(document.current.reading_sha256))


def test_nothing_that_is_sent_to_others_is_made_from_the_original(cast: Cast) -> None:
    """Not by another way either: what is fetched from the bucket itself has the key of the copy."""
    pdf, page = a_page()
    document = take_in(cast, PLANTS["an_earlier_revision"](pdf, page) or b"")
    sent: list[str] = []
    real = files.send

    def noted(request: Any, key: str, **about: Any) -> Any:
        sent.append(key)
        return real(request, key, **about)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "send", noted)
        fetched(cast, document)
    assert sent == [files.reading_key(document.current.reading_sha256)]


def masked(pdf: Pdf, page: Any, hidden: bool) -> None:
    """A soft mask that no copy can be made of where its form is in a layer that is off."""
    group = layer(pdf, on=not hidden)
    in_layer(pdf, page, group)
    form = a_form(pdf, page, "mask", OC=layer(pdf), Group=Dictionary(S=Name.Transparency, CS=Name.DeviceGray))
    if not hidden:
        del pdf.Root["/OCProperties"], form["/OC"], page.Resources["/Properties"]
        form.Filter = Name.Nobody  # content that cannot be unpacked
    page.Resources.ExtGState = Dictionary(G=Dictionary(SMask=Dictionary(S=Name.Luminosity, G=form)))
    also(pdf, page, b"q /G gs 10 10 100 100 re f Q\n")


@pytest.mark.parametrize("hidden", [True, False])
def test_what_cannot_be_copied_is_read_only_where_no_layer_is_off(cast: Cast, hidden: bool) -> None:
    pdf, page = a_page()
    masked(pdf, page, hidden)
    document = take_in(cast, saved(pdf))
    version = Version.objects.get(document=document)
    if hidden:
        assert (version.status, version.reason_code) == (Version.Status.REFUSED, "uncopied")
        assert not PageText.objects.exists()
    else:
        assert (version.status, version.copy) == (Version.Status.READY, Version.Copy.IMPOSSIBLE)
        assert version.warnings == [] or "layers_off" not in str(version.warnings)
