#!/usr/bin/env python3
"""A client of Hirsch in pure Python: SP and protobuf by hand, from README's page on the wire alone.

    hirsch_client.py tcp://127.0.0.1:7700 local:max-lam
"""
import socket
import struct
import sys


def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def field(number, value):
    """One protobuf field: bytes, text or a whole number."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def take(message, at):
    """The varint at a place, and the place behind it."""
    high, end = take(message, at + 1) if message[at] > 127 else (0, at + 1)
    return message[at] & 127 | high << 7, end


def fields(message):
    """Every field of a message as {number: [values]}; texts and messages stay bytes."""
    found, at = {}, 0
    while at < len(message):
        tag, at = take(message, at)
        value, at = take(message, at) if tag & 7 in (0, 2) else ({1: 8, 5: 4}[tag & 7], at)
        if tag & 7 != 0:
            value, at = message[at:at + value], at + value
        found.setdefault(tag >> 3, []).append(value)
    return found


def request(method, payload=b"", timeout_ms=60000):
    return field(1, method) + field(2, timeout_ms) + field(4, payload)


def response(envelope):
    """(code, message, payload)"""
    found = fields(envelope)
    return found.get(1, [0])[0], found.get(2, [b""])[0].decode(), found.get(5, [b""])[0]


class Connection:
    def __init__(self, url, timeout_s=60):
        scheme, _, rest = url.partition("://")
        self.head, self.round = b"\1" if scheme == "ipc" else b"", 0
        self.socket = socket.socket(socket.AF_UNIX if scheme == "ipc" else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(timeout_s), 0))
        self.socket.connect(rest if scheme == "ipc" else (rest.split(":")[0], int(rest.split(":")[1])))
        self.socket.sendall(b"\0SP\0\0\x30\0\0")
        if self.receive(8) != b"\0SP\0\0\x31\0\0":
            raise ConnectionError("%s is not an SP REP socket" % url)

    def receive(self, size):
        out = self.socket.recv(size, socket.MSG_WAITALL)
        if len(out) < size:
            raise ConnectionError("the peer closed the connection")
        return out

    def frame(self, number, envelope):
        return self.head + struct.pack(">QI", 4 + len(envelope), 0x80000000 | number) + envelope

    def reply(self):
        """(number, envelope) of the next reply."""
        body = self.receive(struct.unpack(">Q", self.receive(len(self.head) + 8)[len(self.head):])[0])
        return struct.unpack(">I", body[:4])[0] & 0x7fffffff, body[4:]

    def call(self, method, payload=b"", timeout_ms=60000):
        """Sends one request and gives (code, message, payload) of its reply."""
        self.round += 1
        self.socket.sendall(self.frame(self.round, request(method, payload, timeout_ms)))
        number, envelope = self.reply()
        if number != self.round:
            raise ConnectionError("the reply to another request")
        return response(envelope)


if __name__ == "__main__":
    code, text, answer = Connection(sys.argv[1]).call("hirsch.v1.AuthorService/GetAuthor", field(1, sys.argv[2]))
    if code:
        sys.exit("code %d: %s" % (code, text))
    author = fields(fields(answer)[1][0])
    print(author[1][0].decode(), author[3][0].decode())
