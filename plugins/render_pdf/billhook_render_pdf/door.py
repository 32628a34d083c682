"""The door of the warm process: where it is, and whom it lets in.

Apart from the process itself, so that who knocks need not load what prints.
"""

import os
import socket
import struct

SOCKET = "socket"
_CREDENTIALS = struct.Struct("3i")


def is_same_user(peer: socket.socket) -> bool:
    """Tell whether a process of our own user is at the other end, where the system can say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder lets no other user in
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(credentials)[1] == os.geteuid())
