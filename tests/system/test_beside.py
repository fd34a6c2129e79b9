#!/usr/bin/env python3
"""Jobs beside a daemon that is somebody else: one of another container, where both are process 1, and one of another user, whose
files stay his when root runs jobs on them."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import SEED_FILE, Test, check, equal  # noqa: E402

CONTAINER = ["unshare", *([] if os.geteuid() == 0 else ["-Ur"]), "--pid", "--fork", "--kill-child", "--mount-proc"]
USER, GROUP = 10001, 10002


def in_containers(test, data):
    """The daemon is process 1 of its own, as `podman run` has it, and so would each job be."""
    with test.serve(data, wrapper=CONTAINER) as daemon:
        check(", process 1\"" in daemon.log(), "the daemon is not process 1:\n%s", daemon.log())
        for job in (["stat"], ["verify"], ["export"], ["curation"], ["log"], ["backup"], ["key", "list"]):
            target = [test.path("backup")] if job == ["backup"] else []
            test.run([*CONTAINER, test.hirschd, *job, "--data", data, *target])
        none = [test.hirschd, "stat", "--data", test.path("none")]
        equal(test.run([*CONTAINER, *none], expect=None).returncode, test.run(none, expect=None).returncode, "exit code of stat")
        with open("/proc/%d/task/%d/children" % (daemon.process.pid, daemon.process.pid), encoding="ascii") as children:
            os.kill(int(children.read()), signal.SIGTERM)


def owners(folder):
    """Owner and group of everything, by name."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            info = os.lstat(os.path.join(place, name))
            found[os.path.join(place, name)] = (info.st_uid, info.st_gid)
    return found


def of_another(test):
    """Files of root's elsewhere stay root's, whatever name its owner gave them in the directory."""
    data, other, backup = test.path("another's"), test.path("root's"), test.path("backup of another's")
    os.mkdir(data, 0o700)
    os.chown(data, USER, GROUP)

    def check_owners(what):
        others = {name: owner for name, owner in owners(data).items() if owner != (USER, GROUP)}
        equal(others, {}, "what is not its owner's after " + what)

    test.load(data, [SEED_FILE], form="hirsch")
    check_owners("the first import")
    test.load(data, [SEED_FILE], form="hirsch")
    check_owners("an import")
    test.job("key", data, "create", "web")
    check_owners("key create")
    test.job("compact", data)
    check_owners("compact")
    test.job("backup", data, backup)
    test.job("restore", data, backup)
    check_owners("restore")
    with test.serve(data):
        pass
    check_owners("serve")
    with open(other, "w", encoding="ascii") as file:
        file.write("root's\n")
    os.link(other, os.path.join(data, "hard"))
    os.symlink(other, os.path.join(data, "soft"))
    test.job("stat", data)
    equal([(os.stat(name).st_uid, os.lstat(name).st_uid) for name in (other, data + "/hard", data + "/soft")], [(0, 0)] * 3,
          "owner of a file elsewhere")


def body(test):
    data = test.path("data")
    test.load(data, [SEED_FILE], form="hirsch")
    in_containers(test, data)
    if os.geteuid() == 0:
        of_another(test)


if __name__ == "__main__":
    Test(__doc__).main(body)
