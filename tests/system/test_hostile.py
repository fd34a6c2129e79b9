#!/usr/bin/env python3
"""Peers that pipeline without reading, lie about lengths, say half of things, trickle, vanish and use up descriptors:
callers that behave see no error meanwhile, and the daemon's memory and descriptors return to where they were."""
import json
import os
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Failed, Test, check, equal, write_lines  # noqa: E402
from peers import (GET_AUTHOR, GREETING, HEALTH, Connection, Steady, closed_by_peer, descriptors, field,  # noqa: E402
                   memory_kib, raw, reset, wait_until)
from hirsch_client import request, response  # noqa: E402

AUTHOR = "local:max-lam"
LONG_PAPER = "local:long"
GET_PAPER = "hirsch.v1.PaperService/GetPaper"
LIMIT = 8 * 1024 * 1024
REQUESTS = 2000
SILENT_S = 2
MEMORY_TOLERANCE_KIB = 16 * 1024
FEW_FILES = 72
HALVES_MOST_KIB = 256 * 1024


def reader_that_waits(test, url):
    """2,000 pipelined requests to a reader that does not read for two seconds all get their replies."""
    connection = Connection(url, test.deadline_s)
    wanted = connection.call(GET_PAPER, field(1, LONG_PAPER))
    equal(wanted[0], 0, "code of GetPaper")
    check(len(wanted[2]) > 20000, "replies of %d bytes are too small to fill a connection", len(wanted[2]))
    envelope = request(GET_PAPER, field(1, LONG_PAPER), 60000)
    frames = b"".join(connection.frame(number, envelope) for number in range(REQUESTS))
    sender = threading.Thread(target=connection.socket.sendall, args=(frames,), daemon=True)
    sender.start()
    threading.Event().wait(SILENT_S)
    seen = set()
    for _ in range(REQUESTS):
        number, envelope = connection.reply()
        equal(response(envelope), wanted, "a reply to a reader that waited")
        seen.add(number)
    equal(seen, set(range(REQUESTS)), "request ids of the replies")
    sender.join()
    connection.socket.close()


def wrong_bytes(_, url):
    """One wrong byte anywhere in the greeting or as the type of an ipc message ends the connection."""
    for place in range(8):
        one = raw(url)
        one.sendall(GREETING[:place] + bytes([GREETING[place] ^ 1]) + GREETING[place + 1:])
        closed_by_peer(one)
    if url.startswith("ipc"):
        for kind in (0, 2, 3, 0x30, 0x7f, 0x80, 0xff):
            connection = Connection(url)
            good = connection.frame(1, request(HEALTH))
            connection.socket.sendall(good + bytes([kind]) + good[1:])
            number, envelope = connection.reply()
            equal((number, response(envelope)[0]), (1, 0), "the reply in front of a wrong type byte")
            equal(closed_by_peer(connection.socket), 0, "bytes behind a wrong type byte")


def half_greeting(_, url):
    """Those who do not finish their greeting are closed after the greeting timeout."""
    ones = [(raw(url), size) for size in range(8)]
    for one, size in ones:
        one.sendall(GREETING[:size])
    for one, _ in ones:
        check(closed_by_peer(one) <= 8, "more than a greeting came to half a greeting")


def lengths(_, url):
    """Lengths that no message has end the connection at once; nothing is reserved for them."""
    for size in (LIMIT + 1, 2 ** 31, 2 ** 32, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1):
        connection = Connection(url)
        connection.socket.sendall(connection.head + struct.pack(">Q", size) + b"\x80\0\0\1")
        equal(closed_by_peer(connection.socket), 0, "bytes in reply to a message of %d" % size)
    for body in (b"", b"\0", b"\0\0\0\1", b"\0\0\0\1" * 9, b"\x80\0\0"):
        connection = Connection(url)
        connection.socket.sendall(connection.head + struct.pack(">Q", len(body)) + body)
        equal(connection.call(HEALTH)[0], 0, "a request behind a message without an id (%d bytes)" % len(body))
        connection.socket.close()


def at_the_limit(test, url):
    """A message of limit - 1 and of limit bytes is answered; one more and the connection is closed."""
    base = request(GET_AUTHOR, field(1, AUTHOR))
    for more in (-1, 0, 1):
        connection = Connection(url, test.deadline_s)
        padding = LIMIT + more - 4 - len(base) - 6
        envelope = base + field(99, bytes(padding))
        frame = connection.frame(7, envelope)
        equal(len(frame) - len(connection.head) - 8, LIMIT + more, "size of the message")
        try:
            connection.socket.sendall(frame)
        except (ConnectionResetError, BrokenPipeError):
            check(more == 1, "the daemon closed inside a message of limit %+d", more)
        if more < 1:
            number, reply = connection.reply()
            equal((number, response(reply)[0]), (7, 0), "a message of limit %+d" % more)
            connection.socket.close()
        else:
            equal(closed_by_peer(connection.socket), 0, "bytes in reply to a message over the limit")


def trickle(test, url):
    """Fifty writers that send byte by byte in turn all get their answer."""
    ones = [Connection(url, test.deadline_s) for _ in range(10 if test.short else 50)]
    envelope = request(GET_AUTHOR, field(1, AUTHOR))
    frames = [one.frame(number, envelope) for number, one in enumerate(ones)]
    for place in range(len(frames[0])):
        for one, frame in zip(ones, frames):
            one.socket.sendall(frame[place:place + 1])
    for number, one in enumerate(ones):
        answered, reply = one.reply()
        equal((answered, response(reply)[0]), (number, 0), "the reply to a slow writer")
        one.socket.close()


def resets(test, url):
    """Connections that vanish at a random point of what they say."""
    speech = GREETING + b"".join(
        (b"\1" if url.startswith("ipc") else b"") + struct.pack(">QI", 4 + len(one), 0x80000001) + one
        for one in (request(HEALTH), request(GET_PAPER, field(1, LONG_PAPER))) * 3)
    for number in range(250 if test.short else 5000):
        one = raw(url)
        try:
            one.sendall(speech[:test.random.randrange(len(speech) + 1)])
            if number % 4 == 0:
                one.sendall(test.random.randbytes(20))
        except (ConnectionResetError, BrokenPipeError):
            pass
        reset(one)


SCENES = [wrong_bytes, lengths, at_the_limit, trickle, resets, reader_that_waits]


def play(test, scene, daemon, steady):
    for url in daemon.urls:
        scene(test, url)
        for caller in steady:
            caller.more("%s on %s" % (scene.__name__, url.split(":")[0]))


def greetings(test, data):
    """A daemon of its own: with so little time one who behaves may be late on a machine that has other things to do."""
    with test.serve(data, test.ipc(), test.tcp(), more=("--greeting-timeout", "2s", "--loops", "2")) as daemon:
        steady = [Steady(url, AUTHOR) for url in daemon.urls]
        play(test, half_greeting, daemon, steady)
        for caller in steady:
            caller.end()


def all_scenes(test, data):
    with test.serve(data, test.ipc(), test.tcp(), more=("--loops", "2")) as daemon:
        # Both doors and both loops have worked before anything is measured, at the sizes that will come.
        for url in daemon.urls:
            at_the_limit(test, url)
        steady = [Steady(url, AUTHOR) for url in daemon.urls for _ in range(2)]
        files, memory = descriptors(daemon.process), memory_kib(daemon.process)
        for scene in SCENES:
            play(test, scene, daemon, steady)
        wait_until(lambda: descriptors(daemon.process) <= files + 1, daemon.url, test.deadline_s,
                   lambda: "%d descriptors are open, %d were before" % (descriptors(daemon.process), files))
        after = memory_kib(daemon.process)
        answers = sum(caller.answers for caller in steady)
        for caller in steady:
            caller.more("at the end")
            caller.end()
        # A sanitizer keeps freed memory back on purpose.
        check(test.short or after <= memory + MEMORY_TOLERANCE_KIB,
              "the daemon holds %d KiB of memory of its own, %d before", after, memory)
        print("%d answers to callers that behave; memory %d KiB before, %d after" % (answers, memory, after))


def half_requests(test, data):
    """Those who send half of the greatest requests and no more take so much memory, and not more; others are served."""
    with test.serve(data, test.tcp(), more=("--loops", "2")) as daemon:
        steady = [Steady(daemon.url, AUTHOR) for _ in range(2)]
        before = memory_kib(daemon.process)
        ones = []
        for number in range(20 if test.short else 80):
            one = Connection(daemon.url, test.deadline_s)
            envelope = request(GET_AUTHOR, field(1, "local:" + "x" * (LIMIT - 100)))
            frame = one.frame(number, envelope)
            try:
                one.socket.sendall(frame[:-1])
            except (ConnectionResetError, BrokenPipeError):
                raise Failed("the one that came last was closed")
            ones.append((one, frame))
        for caller in steady:
            caller.more("beside half requests")
        taken = memory_kib(daemon.process) - before
        check(test.short or taken <= HALVES_MOST_KIB + MEMORY_TOLERANCE_KIB, "%d KiB for half requests", taken)
        last, frame = ones[-1]
        last.socket.sendall(frame[-1:])
        equal(response(last.reply()[1])[0], 3, "the last one, whose id is too long")
        if not test.short:
            equal(closed_by_peer(ones[0][0].socket), 0, "bytes in reply to the first half")
        for one, _ in ones:
            one.socket.close()
        for caller in steady:
            caller.end()
        print("%d KiB for half requests" % taken)


def out_of_files(test, data):
    """With few descriptors, those who are connected are served, others wait and are served when some leave."""
    limit = ("prlimit", "--nofile=%d:%d" % (FEW_FILES, FEW_FILES))
    with test.serve(data, test.ipc(), test.tcp(), more=("--greeting-timeout", "0", "--loops", "2"), wrapper=limit) as daemon:
        check("advice: %d files may be open" % FEW_FILES in daemon.log(), "no advice about open files:\n%s", daemon.log())
        steady = [Steady(url, AUTHOR) for url in daemon.urls]
        files = descriptors(daemon.process)
        ones = [raw(url) for url in daemon.urls for _ in range(100)]
        wait_until_paused(daemon, steady)
        for caller in steady:
            caller.more("with no descriptor left")
        for one in ones:
            one.close()
        for url in daemon.urls:
            late = Connection(url, test.deadline_s)
            equal(late.call(HEALTH)[0], 0, "code of Check when descriptors are free again")
            late.socket.close()
        wait_until(lambda: descriptors(daemon.process) <= files + 1, daemon.url, test.deadline_s,
                   lambda: "%d descriptors are open, %d were before" % (descriptors(daemon.process), files))
        for caller in steady:
            caller.more("at the end")
            caller.end()


def wait_until_paused(daemon, steady):
    """The log says that connections wait; looked at between answers to one who is connected already."""
    end = time.monotonic() + daemon.test.deadline_s
    while "new connections wait" not in daemon.log():
        check(time.monotonic() < end, "the daemon never said that it is out of descriptors:\n%s", daemon.log())
        steady[0].more("while descriptors run out")


def body(test):
    data = test.path("data")
    long_paper = {"type": "paper", "id": LONG_PAPER, "title": "Long", "abstract": "Word after word. " * 1500}
    write_lines(test.path("long.jsonl"), [json.dumps(long_paper).encode()])
    test.load(data, [SEED_FILE, test.path("long.jsonl")], form="hirsch")
    all_scenes(test, data)
    half_requests(test, data)
    greetings(test, data)
    out_of_files(test, data)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
