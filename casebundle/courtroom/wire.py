"""The shortest way of a frame to a connection of uvicorn's `websockets-sansio`.

Its ASGI `send` encodes each frame again for each socket and needs a task for each; a turn is the same bytes for
everybody. Where that server is not the one underneath, or compresses, frames go through ASGI as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def straight(receive: Any) -> Callable[[bytes], bool] | None:
    """Gives bytes of whole frames to the connection that `receive` belongs to, if it has room for them now.

    Call it once the connection is accepted. None where there is no such way. The function answers False, and has
    taken nothing, where the client is behind (the transport holds more than it likes to) or the connection ends.
    """
    protocol: Any = getattr(receive, "__self__", None)
    conn = getattr(protocol, "conn", None)
    if conn is None or getattr(conn, "extensions", True):
        return None
    try:
        writable, transport = protocol.writable.is_set, protocol.transport
        protocol.close_sent, protocol.disconnected, protocol.handshake_complete  # noqa: B018
    except AttributeError:
        return None

    def write(data: bytes) -> bool:
        if (
            not writable()
            or protocol.close_sent
            or protocol.disconnected
            or not protocol.handshake_complete
            or transport.is_closing()
        ):
            return False
        transport.write(data)
        return True

    return write
