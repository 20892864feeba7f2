"""The server's entry: HTTP by Django, sockets by Channels."""

import os
import tempfile
import warnings

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebundle.settings")
# WhiteNoise gives style sheets and scripts in one piece: they are small, and need not be told of each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
http = get_asgi_application()

from django.conf import settings  # noqa: E402  (the apps must be loaded first)

from casebundle.cases.bodies import Bodies  # noqa: E402
from casebundle.cases.mending import Mended  # noqa: E402
from casebundle.courtroom.sockets import routes  # noqa: E402

# Evidence on its way in is spooled by Django to where temporary files go: to no other disk than our own.
tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)

application = Mended(ProtocolTypeRouter({"http": Bodies(http), "websocket": routes}))
