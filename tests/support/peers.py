"""Peers of a daemon for system tests: one that behaves and notices every fault, ways to misbehave, and what a process
holds."""
import os
import socket
import struct
import sys
import threading
import time

from harness import Failed, check, equal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from hirsch_client import Connection, field  # noqa: E402

GREETING = b"\0SP\0\0\x30\0\0"
HEALTH = "grpc.health.v1.Health/Check"
GET_AUTHOR = "hirsch.v1.AuthorService/GetAuthor"


def raw(url, timeout_s=240):
    """A connected socket on which nothing was said yet."""
    scheme, _, rest = url.partition("://")
    one = socket.socket(socket.AF_UNIX if scheme == "ipc" else socket.AF_INET)
    one.settimeout(timeout_s)
    host, _, port = rest.rpartition(":")
    one.connect(rest if scheme == "ipc" else (host, int(port)))
    return one


def reset(one):
    """Closes so that the peer sees a reset where the transport knows one."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


def closed_by_peer(one):
    """Reads up to the end; gives how many bytes came. A peer that does not close is an error by the timeout."""
    size = 0
    try:
        while True:
            part = one.recv(65536)
            if not part:
                return size
            size += len(part)
    except (ConnectionResetError, BrokenPipeError):
        return size
    except TimeoutError:
        raise Failed("the daemon left a connection open that it should close") from None
    finally:
        one.close()


class Steady:
    """A caller that asks on and on; the first wrong or missing answer is kept."""

    def __init__(self, url, author, timeout_s=240):
        self.url, self.answers, self.fault = url, 0, None
        self.connection = Connection(url, timeout_s)
        self.question = field(1, author)
        self.wanted = self.connection.call(GET_AUTHOR, self.question)
        equal(self.wanted[0], 0, "code of GetAuthor on %s" % url)
        self.progress = threading.Condition()
        self.ending = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.ending:
                answer = self.connection.call(GET_AUTHOR, self.question)
                if answer != self.wanted:
                    raise Failed("another answer: %r" % (answer,))
                with self.progress:
                    self.answers += 1
                    self.progress.notify_all()
        except (OSError, Failed) as reason:
            with self.progress:
                self.fault = reason
                self.progress.notify_all()

    def more(self, what, timeout_s=240):
        """Waits for a call that was begun and answered from here on."""
        with self.progress:
            goal = self.answers + 2
            self.progress.wait_for(lambda: self.fault or self.answers >= goal, timeout_s)
            check(not self.fault, "%s: a caller on %s that behaves was hurt: %s", what, self.url, self.fault)
            check(self.answers >= goal, "%s: a caller on %s that behaves gets no answers", what, self.url)

    def end(self):
        self.ending = True
        self.thread.join()
        self.connection.socket.close()


def descriptors(process):
    return len(os.listdir("/proc/%d/fd" % process.pid))


def memory_kib(process):
    """Memory of its own: pages of the store's map do not count."""
    with open("/proc/%d/status" % process.pid, encoding="ascii") as file:
        for line in file:
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    raise Failed("/proc/%d/status names no RssAnon" % process.pid)


def wait_until(condition, url, deadline_s, what):
    """Looks again after every answer of the daemon, so that it is never asked faster than it works."""
    pace = Connection(url, deadline_s)
    end = time.monotonic() + deadline_s
    while not condition():
        check(time.monotonic() < end, "%s", what())
        equal(pace.call(HEALTH)[0], 0, "code of Check")
    pace.socket.close()
