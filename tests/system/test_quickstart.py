#!/usr/bin/env python3
"""deploy/quickstart from the tree as it lies here: the page, a second run, a port in use, Ctrl-C."""
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Test, check, equal  # noqa: E402

QUICKSTART = os.path.join(ROOT, "deploy", "quickstart")
PAGE = ("Max Lam", "27", "477", "Gradient Diversity", "et al.", "apple-ml")


def check_page(text):
    for word in PAGE:
        check(word in text, "the page does not show %r:\n%s", word, text)


def keeps_serving(test, data):
    url = test.tcp()
    with subprocess.Popen([QUICKSTART, "--data", data, "--listen", url], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, start_new_session=True) as program:
        try:
            text = ""
            for line in program.stdout:
                text += line
                if "Ctrl-C" in line:
                    break
            check_page(text)
            test.client(url, "author", "local:max-lam")
            os.killpg(program.pid, signal.SIGINT)
            equal(program.wait(test.deadline_s), 0, "exit code after Ctrl-C")
            test.client(url, "health", expect=69)
        finally:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)


def body(test):
    test.deadline_s = 1200
    data = test.path("data")
    for _ in range(2):
        check_page(test.run([QUICKSTART, "--once", "--data", data, "--listen", test.tcp()]).out)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        url = "tcp://127.0.0.1:%d" % taken.getsockname()[1]
        done = test.run([QUICKSTART, "--once", "--data", data, "--listen", url], expect=75)
        check("in use" in done.err, "a port in use is not said: %s", done.err)
    keeps_serving(test, data)
    test.run([QUICKSTART, "--nonsense"], expect=64)


if __name__ == "__main__":
    test = Test(__doc__)
    test.main(body)
