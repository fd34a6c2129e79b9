"""The operations port of a daemon that a test has given one (--http 127.0.0.1:0)."""
import re
import urllib.error
import urllib.request

from harness import check


def page(daemon, path):
    """(status, text) of /livez, /readyz or /metrics."""
    found = re.search(r"operations port on (http://[0-9.:]+)", daemon.log())
    check(found, "no operations port:\n%s", daemon.log())
    try:
        with urllib.request.urlopen(found.group(1) + path, timeout=daemon.test.deadline_s) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def metric(daemon, name):
    """The value of a metric without labels."""
    found = re.search(r"^%s ([0-9.e+]+)$" % name, page(daemon, "/metrics")[1], re.MULTILINE)
    check(found, "no metric %s", name)
    return int(float(found.group(1)))
