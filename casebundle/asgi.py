"""The server's entry: HTTP by Django, sockets by Channels."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebundle.settings")
http = get_asgi_application()

from casebundle.courtroom.sockets import routes  # noqa: E402  (the apps must be loaded first)

application = ProtocolTypeRouter({"http": http, "websocket": routes})
