"""One page: its picture, its words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import BeforeValidator

from casebundle.bundles import drawing, files
from casebundle.bundles.models import Page, PageText
from casebundle.bundles.services import Conflict

from .. import schemas, shapes
from ..entrance import Asked
from ..routing import answers, binary

router = Router(tags=["Pages"])

assert drawing.WIDTHS == (200, 800, 1240, 2480)
# A literal number is not taken from a query string by itself.
Width = Annotated[
    Literal[200, 800, 1240, 2480],
    BeforeValidator(lambda given: int(given) if str(given).isdecimal() else given),
]


@router.get("/pages/{page_id}", response=answers({200: schemas.PageItem}), summary="A page")
def get_page(request: Asked, page_id: str) -> Any:
    """Where it is and how large; its label as it stands now."""
    return shapes.page(request.thing, shapes.label_now(request.thing))


@router.get(
    "/pages/{page_id}/image",
    response=answers({200: None, 304: None}, 422),
    openapi_extra=binary(200, drawing.MEDIA_TYPE, description="the page as displayed"),
    summary="The picture of a page",
)
def image(request: Asked, page_id: str, width: Width = 1240) -> HttpResponseBase:
    """`width` pixels wide. It never changes, so it may be kept; by the reader alone.

    503 with Retry-After: it is still being drawn. 429: that is more at once than one person is drawn for. 422: it
    cannot be drawn; the other pages of the document can.
    """
    page: Page = request.thing
    etag = f'"{page.version.reading}-{page.index}-{width}-{files.IMAGE_VERSION}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        picture = drawing.page_image(page, width, request.viewer.user_id)
        response = HttpResponse(picture, content_type=drawing.MEDIA_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@router.get(
    "/pages/{page_id}/text", response=answers({200: schemas.PageLayer}, 409), summary="The words of a page"
)
def text(request: Asked, page_id: str) -> Any:
    """In reading order, and where each stands, in fractions of the page as displayed."""
    layer = PageText.objects.filter(page=request.thing).first()
    if layer is None:
        raise Conflict(_("The words of this page are still being read."))
    return {"page": request.thing.pk, "label": shapes.label_now(request.thing), **layer.layer()}
