from casebundle.bundles.models import Document
from tests.cast import REFERENCE, pdf, read


def test_what_is_uploaded_is_read_served_and_numbered(by):
    answer = by("priya").upload(pdf(["Hello there"]), "H")
    assert answer.status_code == 202
    read(Document.objects.get(pk=answer.data["id"]))
    sections = by("ruth").get(f"/cases/{REFERENCE}/bundles/main").data["sections"]
    shown = next(section for section in sections if section["letter"] == "H")["documents"]
    assert [(row["first"], row["last"], row["status"]) for row in shown] == [("H1", "H1", "ready")]
