#!/usr/bin/env python3
"""Alert rules and dashboard against a daemon: promtool finds nothing, alerts fire in the cases of alert_cases.yaml and not
beside them, rates follow the scrape interval, and every metric they use is one that /metrics gives and that deploy/README.md
explains and says what to do about, as it does of every code that a call may end with."""
import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, SEED_FILE, Test, check, equal  # noqa: E402
from operations import page  # noqa: E402

FOLDER = os.path.join(ROOT, "deploy", "observability")


def metrics(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    with test.serve(data, more=("--http", "127.0.0.1:0")) as daemon:
        test.client(daemon.url, "author", "local:max-lam")
        return page(daemon, "/metrics")[1]


def body(test):
    check(shutil.which("promtool"), "promtool is missing; run deploy/install-deps")
    text = metrics(test)
    equal(test.run(["promtool", "check", "metrics"], stdin=text.encode()).err, "", "promtool check metrics")
    done = test.run(["promtool", "check", "rules", os.path.join(FOLDER, "alerts.yaml")])
    check(re.search(r"SUCCESS: [1-9]\d* rules found", done.out), "promtool check rules: %s", done.out)
    cases = os.path.join(ROOT, "tests", "system", "alert_cases.yaml")
    done = test.run(["promtool", "test", "rules", cases], expect=None)
    equal(done.returncode, 0, "promtool test rules: " + done.out)
    with open(os.path.join(FOLDER, "alerts.yaml"), encoding="utf-8") as file:
        alerts = set(re.findall(r"alert: (\w+)", file.read()))
    with open(cases, encoding="utf-8") as file:
        tried = file.read()
    for alert in alerts:
        check(re.search(r"alertname: %s\n +exp_alerts" % alert, tried), "no case lets %s fire", alert)
    given = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    check(len(given) > 20, "metrics: %s", sorted(given))
    wanted = set(given)
    for name in wanted:
        if given[name] == "histogram":
            given.update({name + end: "part" for end in ("_bucket", "_sum", "_count")})
    with open(os.path.join(FOLDER, "dashboard.json"), encoding="utf-8") as file:
        panels = json.load(file)["panels"]
    with open(os.path.join(FOLDER, "alerts.yaml"), encoding="utf-8") as file:
        used = {"alerts.yaml": file.read()}
    equal(len({panel["id"] for panel in panels}), len(panels), "ids of panels")
    used["dashboard.json"] = "\n".join(target["expr"] for panel in panels for target in panel["targets"])
    for name, queries in used.items():
        names = set(re.findall(r"\bhirsch_[a-z_]+", queries))
        check(len(names) > 5, "%s uses %s", name, names)
        check(names <= set(given), "%s uses what the daemon does not give: %s", name, sorted(names - set(given)))
    rules = test.path("panels.yaml")
    with open(rules, "w", encoding="utf-8") as file:
        # A fixed range shows nothing where the scrape interval is as long.
        for panel in panels:
            check(not re.search(r"\[\d", panel["targets"][0]["expr"]), "%s has a range of its own", panel["title"])
        json.dump({"groups": [{"name": "panels", "rules": [
            {"record": "panel:%d" % panel["id"],
             "expr": panel["targets"][0]["expr"].replace("$__rate_interval", "4m")} for panel in panels]}]}, file)
    test.run(["promtool", "check", "rules", rules])
    with open(os.path.join(ROOT, "deploy", "README.md"), encoding="utf-8") as file:
        explained = set(re.findall(r"^\| `(hirsch_[a-z_]+)` \| \S.* \| \S.* \|$", file.read(), re.MULTILINE))
    equal(explained ^ wanted, set(), "metrics that only the guide or only the daemon has")
    with open(os.path.join(ROOT, "include", "hirsch", "status.h"), encoding="utf-8") as file:
        codes = set(re.findall(r"^ +X\((\d+), ([A-Z_]+)\)", file.read(), re.MULTILINE)) - {("0", "OK")}
    check(len(codes) == 16, "codes: %s", codes)
    with open(os.path.join(ROOT, "deploy", "README.md"), encoding="utf-8") as file:
        explained = set(re.findall(r"^\| (\d+) ([A-Z_]+) \| \S", file.read(), re.MULTILINE))
    equal(explained, codes, "codes that the guide explains")
    print("%d metrics" % len(wanted))


if __name__ == "__main__":
    Test(__doc__).main(body)
