#!/usr/bin/env python3
"""The unit of systemd: verified with the programs where it expects them, its exposure at most 2.0, its options known."""
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Test, check, equal  # noqa: E402

UNIT = os.path.join(ROOT, "deploy", "systemd", "hirschd.service")
MOST = 2.0


def body(test):
    check(shutil.which("systemd-analyze"), "systemd-analyze is missing; run deploy/install-deps")
    with open(UNIT, encoding="utf-8") as file:
        text = file.read()
    # Verified as it stands but for the place of the program, which is not installed here.
    place = test.path("hirschd.service")
    with open(place, "w", encoding="utf-8") as file:
        file.write(text.replace("/usr/bin/hirschd", test.hirschd).replace("Documentation=", "#"))
    done = test.run(["systemd-analyze", "verify", "--man=no", place], expect=None)
    ours = [line for line in (done.out + done.err).splitlines() if "hirschd.service" in line]
    equal((done.returncode, ours), (0, []), "systemd-analyze verify")
    done = test.run(["systemd-analyze", "security", "--offline=true", "--no-pager", place])
    exposure = re.search(r"Overall exposure level for hirschd.service: ([0-9.]+)", done.out)
    check(exposure, "no exposure level: %s", done.out[-500:])
    check(float(exposure.group(1)) <= MOST, "the exposure is %s, more than %s", exposure.group(1), MOST)
    known = test.run([test.hirschd, "help", "serve"]).out
    options = re.findall(r" (--[a-z-]+)", re.search(r"^ExecStart=(.*)$", text, re.MULTILINE).group(1))
    check(options, "the unit gives no options")
    for option in options:
        check(option + " " in known, "serve has no option %s", option)
    print("exposure %s" % exposure.group(1))


if __name__ == "__main__":
    Test(__doc__).main(body)
