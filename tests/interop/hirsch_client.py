#!/usr/bin/env python3
"""A client of Hirsch in pure Python: SP and protobuf by hand, from the written formats alone.

    hirsch_client.py tcp://127.0.0.1:7700 author local:max-lam
"""
import socket
import struct
import sys


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(number, value):
    """One protobuf field: bytes, text or a whole number."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """Every field of a message as {number: [values]}; bytes stay bytes."""
    found, at = {}, 0

    def take():
        nonlocal at
        number = shift = 0
        while True:
            byte = message[at]
            at, number, shift = at + 1, number | (byte & 127) << shift, shift + 7
            if byte < 128:
                return number

    while at < len(message):
        tag = take()
        if tag & 7 == 0:
            value = take()
        else:
            size = {1: 8, 5: 4}.get(tag & 7) or (take() if tag & 7 == 2 else None)
            value, at = message[at:at + size], at + size
        found.setdefault(tag >> 3, []).append(value)
    return found


def request(method, payload, timeout_ms=2000):
    return field(1, method) + field(2, timeout_ms) + field(4, payload)


def response(envelope):
    """(code, message, payload)"""
    found = fields(envelope)
    return found.get(1, [0])[0], found.get(2, [b""])[0].decode(), found.get(5, [b""])[0]


HEALTH = request("grpc.health.v1.Health/Check", b"")


def get_author(author):
    return request("hirsch.v1.AuthorService/GetAuthor", field(1, author))


class Connection:
    def __init__(self, url, timeout_s=10):
        scheme, _, rest = url.partition("://")
        self.head = b"\1" if scheme == "ipc" else b""
        self.socket = socket.socket(socket.AF_UNIX if scheme == "ipc" else socket.AF_INET)
        self.socket.settimeout(timeout_s)
        host, _, port = rest.rpartition(":")
        self.socket.connect(rest if scheme == "ipc" else (host, int(port)))
        self.socket.sendall(b"\0SP\0\0\x30\0\0")
        if self.receive(8) != b"\0SP\0\0\x31\0\0":
            raise ConnectionError("%s is not an SP REP socket" % url)
        self.round = 0

    def receive(self, size):
        out = b""
        while len(out) < size:
            part = self.socket.recv(size - len(out))
            if not part:
                raise ConnectionError("the peer closed the connection")
            out += part
        return out

    def call(self, envelope):
        """Sends one envelope and gives (code, message, payload) of its reply."""
        self.round += 1
        words = struct.pack(">I", 0x80000000 | self.round)
        self.socket.sendall(self.head + struct.pack(">Q", 4 + len(envelope)) + words + envelope)
        if self.receive(len(self.head)) != self.head:
            raise ConnectionError("another type byte than 1")
        body = self.receive(struct.unpack(">Q", self.receive(8))[0])
        if body[:4] != words:
            raise ConnectionError("the reply to another request")
        return response(body[4:])


def main():
    if len(sys.argv) != 4 or sys.argv[2] != "author":
        sys.exit(__doc__)
    code, message, payload = Connection(sys.argv[1]).call(get_author(sys.argv[3]))
    if code:
        sys.exit("code %d: %s" % (code, message))
    author = fields(fields(payload)[1][0])
    print(author[1][0].decode(), author[3][0].decode())


if __name__ == "__main__":
    main()
