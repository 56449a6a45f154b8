"""A server that speaks TLS, as PostgreSQL does it, before a real one that was built without TLS.

libpq asks whether the server knows TLS, gets `S`, and shakes hands; everything after that passes unchanged. With a
`check` the front is RDS with IAM, too: it asks for the password in clear text and lets in whose password is right; the
server behind must trust the front then.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
IDLE_SECONDS = 60
Check = Callable[[str], bool]


@dataclass
class Front:
    """Where it listens, and which passwords it was shown. Without certificate it knows no TLS."""

    listener: socket.socket
    server_port: int
    certificate: Path | None = None
    check: Check | None = None
    passwords: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Its port."""
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        """Until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.settimeout(IDLE_SECONDS)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, EOFError):  # a client that refuses the certificate goes away
            secured, startup = self._negotiated(client)
            with secured, socket.create_connection(("127.0.0.1", self.server_port)) as server:
                if self.check and not self._has_password(secured, self.check):
                    return
                server.sendall(startup)
                back = threading.Thread(target=_pump, args=(server, secured), daemon=True)
                back.start()
                _pump(secured, server)
                back.join()

    def _negotiated(self, client: socket.socket) -> tuple[socket.socket, bytes]:
        """The connection to go on with, and the client's first message."""
        while True:
            message = _message(client)
            (code,) = struct.unpack("!I", message[4:8])
            if code == SSL_REQUEST and self.certificate:
                client.sendall(b"S")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificate)
                client = context.wrap_socket(client, server_side=True)
            elif code in (SSL_REQUEST, GSS_REQUEST):
                client.sendall(b"N")
            else:
                return client, message

    def _has_password(self, client: socket.socket, check: Check) -> bool:
        client.sendall(b"R" + struct.pack("!II", 8, 3))  # AuthenticationCleartextPassword
        _exactly(client, 1)
        password = _message(client)[4:-1].decode()
        self.passwords.append(password)
        if check(password):
            return True
        fields = b"SFATAL\0C28000\0MPAM authentication failed for the role\0\0"
        client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
        return False


def _message(connection: socket.socket) -> bytes:
    """One that begins with its length."""
    head = _exactly(connection, 4)
    return head + _exactly(connection, struct.unpack("!I", head)[0] - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return content


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def front(server_port: int, certificate: Path | None = None, check: Check | None = None) -> Iterator[Front]:
    """A running one. `certificate` is a file with chain and key."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Front(listener, server_port, certificate, check)
        threading.Thread(target=made.serve, daemon=True).start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
