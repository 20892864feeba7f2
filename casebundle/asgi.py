"""The server's entry: HTTP by Django, sockets by Channels."""

import os
import tempfile
import threading
import warnings
from collections.abc import Callable
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebundle.settings")
# Seconds: people wait for what is asked here. A worker, or a command, has more time (journal/postgres.py).
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "10")
# WhiteNoise gives style sheets and scripts in one piece: they are small, and need not be told of each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
http = get_asgi_application()

from django.conf import settings  # noqa: E402  (the apps must be loaded first)

from casebundle.bundles import drawing  # noqa: E402
from casebundle.cases.bodies import Bodies  # noqa: E402
from casebundle.cases.mending import Mended  # noqa: E402
from casebundle.cases.threads import Threads  # noqa: E402
from casebundle.courtroom.ahead import ahead  # noqa: E402
from casebundle.courtroom.others import others  # noqa: E402
from casebundle.courtroom.sockets import routes  # noqa: E402
from casebundle.journal import draining  # noqa: E402
from casebundle.journal.layer import the_layer  # noqa: E402
from casebundle.running.checks import looks  # noqa: E402
from casebundle.watching import metrics  # noqa: E402
from casebundle.watching.asgi import Watched  # noqa: E402

# Evidence on its way in is spooled by Django to where temporary files go: to no other disk than our own.
tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)

parts = Watched(Mended(ProtocolTypeRouter({"http": Bodies(Threads(http)), "websocket": routes})))


async def application(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """What the server calls: with requests and sockets, and once at its start and its end."""
    if scope["type"] != "lifespan":
        await parts(scope, receive, send)
        return
    while (event := await receive())["type"] != "lifespan.shutdown":
        if event["type"] == "lifespan.startup":
            # Whoever is the first to open a page need not wait until a reader of PDFs has started.
            lanes = (drawing.Lane.QUICK, drawing.Lane.COURT)
            threading.Thread(target=drawing.warm, args=(lanes,), daemon=True).start()
            ahead.start()
            draining.watch()
            # What it is made of is loaded now, and not while the first in court waits.
            the_layer()
            # Nor whoever asks first whether we are ready, until the clients of all servers are loaded.
            threading.Thread(target=looks.now, daemon=True).start()
            metrics.expose()
            await send({"type": "lifespan.startup.complete"})
    await others.leave()
    await send({"type": "lifespan.shutdown.complete"})
