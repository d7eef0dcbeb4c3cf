"""Whether the web can listen where `make run` wants it, asked before anything starts.

    python -m peersupport.port 8000

says what is in the way, if anything is, and exits with 1.
"""

import errno
import os
import socket
import sys

HOST = "127.0.0.1"
LAST = 65535


def what_is_wrong(port: str) -> str:
    """The sentence for whoever chose `port`; empty if the web can listen there."""
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= LAST):
        return f"PORT must be a number from 1 to {LAST}, like make run PORT=8001"
    number = int(port)
    refusal = _refusal(number)
    if not refusal:
        return ""
    reason = (
        "is in use" if refusal == errno.EADDRINUSE else f"cannot be used ({os.strerror(refusal)})"
    )
    others = (other for other in range(max(number, 1024) + 1, LAST + 1) if not _refusal(other))
    return f"Port {number} {reason}: make run PORT={next(others, 8000)}"


def _refusal(port: int) -> int:
    """The number of the error with which the system refuses `port`; 0 for none."""
    with socket.socket() as listener:
        # As gunicorn does: the last server's closed connections may wait there still.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return 0


if __name__ == "__main__":
    sys.exit(what_is_wrong(" ".join(sys.argv[1:])) or 0)
