#!/usr/bin/env python3
"""Writes a ctest include file with the tests of other build folders, each name with the folder's name in front."""
import argparse
import json
import os
import subprocess
import sys

SKIPPED_LABELS = {"tidy", "golden", "bench", "interop"}
KEPT = ("TIMEOUT", "SKIP_RETURN_CODE", "ENVIRONMENT", "WORKING_DIRECTORY", "RUN_SERIAL", "RESOURCE_LOCK", "COST")


def quoted(text):
    """As a CMake bracket argument."""
    level = "="
    while "]" + level + "]" in text:
        level += "="
    return "[%s[%s]%s]" % (level, text, level)


def tests_of(folder):
    done = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["tests"]


def rows(folder, name, tests):
    for test in tests:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        if SKIPPED_LABELS & set(properties.get("LABELS", [])):
            continue
        if "command" not in test or not os.access(test["command"][0], os.X_OK):
            sys.exit("%s: the program of test %s is not built" % (folder, test["name"]))
        full = "%s.%s" % (name, test["name"])
        yield "add_test(%s %s)" % (quoted(full), " ".join(quoted(part) for part in test["command"]))
        yield "set_tests_properties(%s PROPERTIES LABELS %s)" % (quoted(full), quoted(name))
        for key in KEPT:
            if key in properties:
                value = properties[key]
                text = ";".join(map(str, value)) if isinstance(value, list) else str(value)
                yield "set_tests_properties(%s PROPERTIES %s %s)" % (quoted(full), key, quoted(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True)
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    lines = []
    for folder in options.folders:
        tests = tests_of(folder)
        if not tests:
            print("%s has no tests" % folder, file=sys.stderr)
            return 1
        lines.extend(rows(folder, os.path.basename(os.path.abspath(folder)), tests))
    with open(options.output, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
