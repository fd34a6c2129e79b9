#!/usr/bin/env python3
"""The load generator against the comparators: right replies are counted, wrong ones are seen, a missing peer is said."""
import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import held_port  # noqa: E402


def field(number, value):
    assert len(value) < 128
    return bytes([number << 3 | 2, len(value)]) + value


def envelope(author):
    """Response{payload: GetAuthorResponse{author: Author{id}}}, as the daemon writes it."""
    return field(5, field(1, field(1, author)))


def load(programs, url, ids, *more):
    """Longer and longer until there is something to count: the machine of a test run has other things to do."""
    for duration_ms in ("300", "3000", "30000"):
        command = [os.path.join(programs, "hirsch-load"), "--url", url, "--ids", ids, "--warmup-ms", "50",
                   "--duration-ms", duration_ms, *more]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200, check=False)
        result = json.loads(done.stdout) if done.stdout else None
        if result is None or result["replies"] > 1000:
            break
    return done.returncode, result, done.stderr


def check(condition, *text):
    if not condition:
        print("failed:", *text)
        sys.exit(1)


def check_echo(programs, name, folder):
    right, wrong = os.path.join(folder, "right"), os.path.join(folder, "wrong")
    for path, text in ((right, "local:x\n"), (wrong, "local:x\nlocal:other\n")):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    reply = os.path.join(folder, "reply")
    with open(reply, "wb") as file:
        file.write(envelope(b"local:x"))
    held = held_port()
    with subprocess.Popen([os.path.join(programs, name), "--reply", reply, "--port", str(held.getsockname()[1])],
                          stdout=subprocess.PIPE, text=True) as echo:
        try:
            url = echo.stdout.readline().strip()
            check(url.startswith("tcp://"), name, "does not say where it listens")
            for connections, depth in (("1", "1"), ("16", "1"), ("4", "16")):
                code, result, errors = load(programs, url, right, "--connections", connections, "--depth", depth)
                check(code == 0, name, connections, depth, code, errors)
                check(result["replies"] > 100 and result["wrong"] == 0, name, result)
                check(0 < result["p50Us"] <= result["p99Us"] <= result["p999Us"] <= result["maxUs"], name, result)
                check(result["replyBytes"] == 12 + len(envelope(b"local:x")), name, result)
            code, result, errors = load(programs, url, wrong, "--zipf")
            check(code == 1 and result["wrong"] > 100 and result["replies"] > 100, name, "wrong ids", code, result)
            captured = os.path.join(folder, "captured")
            code, _, errors = load(programs, url, right, "--capture", captured)
            check(code == 0, "capture", errors)
            with open(captured, "rb") as file:
                check(file.read() == envelope(b"local:x"), "the captured reply differs")
        finally:
            echo.kill()
    code, result, errors = load(programs, url, right)
    check(code == 1 and "cannot connect" in errors, "a peer that is gone", code, errors)
    held.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True)
    programs = parser.parse_args().programs
    for name in ("epoll-echo", "nanomsg-echo"):
        with tempfile.TemporaryDirectory() as folder:
            check_echo(programs, name, folder)
    print("ok")


if __name__ == "__main__":
    main()
