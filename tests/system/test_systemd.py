#!/usr/bin/env python3
"""The unit of systemd: verified with the programs where it expects them, its exposure at most 2.0; it starts the program that
is installed with it, and the file of settings can change whatever it sets."""
import os
import re
import shlex
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Test, check, equal  # noqa: E402

UNIT = os.path.join(ROOT, "deploy", "systemd", "hirschd.service")
MOST = 2.0


def installed(test):
    prefix = test.path("prefix")
    test.run(["cmake", "--install", test.build, "--prefix", prefix, "--component", "systemd"])
    with open(os.path.join(prefix, "lib", "systemd", "system", "hirschd.service"), encoding="utf-8") as file:
        return re.search("^ExecStart=(.*)$", file.read(), re.MULTILINE).group(1), prefix + "/bin/hirschd serve"


def check_settings(test, text):
    """The variables mean something, and those of EnvironmentFile=, which come later, win over each of them."""
    pairs = dict(word.split("=", 1) for line in re.findall("^Environment=(.*)$", text, re.MULTILINE)
                 for word in shlex.split(line))
    others = {name: value for name, value in os.environ.items() if not name.startswith("HIRSCH_")}
    shown = test.run([test.hirschd, "config", "print"], env={**others, **pairs}).out
    equal(re.findall(r"^(\S+) = (\S+) +# HIRSCH_", shown, re.MULTILINE), [
        ("data", "/var/lib/hirsch"), ("listen", "tcp://127.0.0.1:7700"), ("listen", "ipc:///run/hirsch/hirschd.ipc"),
        ("ipc-mode", "0660")], "settings of the unit")
    check(text.index("\nEnvironment=") < text.index("\nEnvironmentFile="), "the file of settings would not win")
    equal(re.search("^ExecStart=(.*)$", text, re.MULTILINE).group(1), "/usr/bin/hirschd serve", "flags, which win over the file")


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
    check_settings(test, text)
    equal(*installed(test), "program of the installed unit")
    print("exposure %s" % exposure.group(1))


if __name__ == "__main__":
    Test(__doc__).main(body)
