"""A shopper at a server: scans, pays, and holds the watch. The same client for every server.

One request at a time over one connection that stays open, on a plain socket: what a client library adds would stand in
both figures and make them look more alike than they are.
"""

import json
import socket
import time
from typing import Any, Self
from urllib.parse import urlsplit

ANSWER_TIMEOUT_S = 30.0
TENDERED_MINOR = 1_000_000  # more than ten products cost
READ_MAX = 65_536


class Till:
    """One lane's connection. Use as a context manager."""

    def __init__(self, url: str, lane: str = "kiosk") -> None:
        address = urlsplit(url)
        self._lane = lane
        self._host = f"{address.hostname}:{address.port}"
        self._socket = socket.create_connection((address.hostname, address.port), ANSWER_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._begin_s = 0.0
        self.ms = 0.0  # how long the last request took, from its first byte to the answer's last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def fill(self, codes: list[str]) -> tuple[dict[str, Any], list[float]]:
        """Scan each code; return the basket and the milliseconds of each scan."""
        times_ms, basket = [], {}
        for code in codes:
            basket = self.scan(code)
            times_ms.append(self.ms)
        return basket, times_ms

    def scan(self, code: str) -> dict[str, Any]:
        basket: dict[str, Any] = self.call("POST", f"/api/lanes/{self._lane}/scans", {"code": code})
        return basket

    def abandon(self, basket_id: str) -> None:
        self.call("DELETE", f"/api/baskets/{basket_id}")

    def pay(self, basket_id: str) -> dict[str, Any]:
        self.ask_to_pay(basket_id)
        order: dict[str, Any] = self.receive()
        return order

    def ask_to_pay(self, basket_id: str) -> None:
        """Pay, and leave the answer to `receive`."""
        tender = {"kind": "cash", "tendered_minor": TENDERED_MINOR}
        self._send("POST", f"/api/baskets/{basket_id}/checkout", {"tender": tender})

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Send one request and return its JSON answer, None if there is none. Raises ValueError when it is refused."""
        self._send(method, path, body)
        return self.receive()

    def _send(self, method: str, path: str, body: object) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(content)}\r\n"
        if content:
            head += "Content-Type: application/json\r\n"
        request = f"{head}\r\n".encode() + content
        self._begin_s = time.perf_counter()
        self._socket.sendall(request)

    def receive(self) -> Any:
        """Return the JSON answer to what was sent last, None if there is none. Raises ValueError when it is refused."""
        head_of_answer, answer = self._read()
        self.ms = (time.perf_counter() - self._begin_s) * 1000
        status = int(head_of_answer.split(b" ", 2)[1])
        if not 200 <= status < 300:
            raise ValueError(f"answered {status}: {answer.decode()}")
        return json.loads(answer) if answer else None

    def _read(self) -> tuple[bytes, bytes]:
        """Return an answer's head, in lower case, and its body."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        head = head.lower()
        _, _, behind = head.partition(b"content-length:")
        length = int(behind.split(b"\r\n", 1)[0]) if behind else 0
        while len(body) < length:
            body += self._receive()
        return head, body

    def _receive(self) -> bytes:
        received = self._socket.recv(READ_MAX)
        if not received:
            raise ConnectionError("the server hung up")
        return received
