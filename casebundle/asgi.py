"""The server's entry: HTTP by Django, sockets by Channels."""

import os
import warnings

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebundle.settings")
# WhiteNoise gives style sheets and scripts in one piece: they are small, and need not be told of each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
http = get_asgi_application()

from casebundle.courtroom.sockets import routes  # noqa: E402  (the apps must be loaded first)

application = ProtocolTypeRouter({"http": http, "websocket": routes})
