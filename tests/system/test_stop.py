#!/usr/bin/env python3
"""SIGTERM and SIGINT end a daemon with exit code 0 while clients are active; an interrupted import leaves no harm."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, SEED_FILE, Test, check, equal  # noqa: E402


def stop_under_load(test, data, number):
    daemon_url = test.ipc()
    with test.serve(data, daemon_url, test.tcp()) as daemon:
        clients = [subprocess.Popen([test.hirsch, "-s", url, "author", "-", "--json"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                   for url in daemon.urls for _ in range(2)]
        try:
            # Every client has had at least one answer and asks on while the signal comes.
            for client in clients:
                client.stdin.write(b"local:max-lam\n" * 2000)
                client.stdin.flush()
            for client in clients:
                client.stdin.close()
                check(client.stdout.readline(), "a client got no answer")
            equal(daemon.stop(number), 0, "exit code after signal %d under load" % number)
            for client in clients:
                client.stdout.read()
                code = client.wait(test.deadline_s)
                check(code in (0, 2, 69), "a client ended with %d when the daemon stopped", code)
        finally:
            for client in clients:
                if client.poll() is None:
                    client.kill()
                client.wait()
                client.stdout.close()
    test.client(daemon_url, "health", expect=69)


def idle_connections(test, data):
    """Connections that say nothing, or half a greeting, do not hold up the end."""
    import socket
    with test.serve(data) as daemon:
        path = daemon.url[len("ipc://"):]
        quiet = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        try:
            for place, one in enumerate(quiet):
                one.connect(path)
                one.sendall(b"\x00SP\x00\x00\x30\x00\x00"[:place % 9])
            equal(daemon.stop(), 0, "exit code with idle connections")
        finally:
            for one in quiet:
                one.close()


def interrupted_import(test):
    corpus = test.path("made.jsonl")
    test.run([test.generate, "--authors", "200" if test.short else "5000",
              "--seed", "1", "--output", corpus])
    data = test.path("interrupted")
    test.load(data, [SEED_FILE], form="hirsch")
    before = test.export_hash(data)
    command = [test.hirschd, "import", "--data", data, "--format", "hirsch", "-"]
    for number in (signal.SIGINT, signal.SIGTERM):
        # Standard input stays open, so the import is in its middle when the signal comes.
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as program:
            with open(corpus, "rb") as file:
                program.stdin.write(file.read(1 << 20))
            program.stdin.flush()
            program.send_signal(number)
            try:
                code = program.wait(test.deadline_s)
            finally:
                program.kill()
                program.stdin.close()
            text = program.stderr.read().decode("utf-8", "replace")
        check(code in (130, 143, -int(number)), "import after signal %d: exit code %d: %s", number, code, text)
        check("Sanitizer" not in text, "%s", text)
        equal(test.export_hash(data), before, "export after an interrupted import")
        test.verify(data)
    test.load(data, [corpus], form="hirsch")
    test.verify(data)


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    for number in (signal.SIGTERM, signal.SIGINT):
        stop_under_load(test, data, number)
    idle_connections(test, data)
    interrupted_import(test)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
