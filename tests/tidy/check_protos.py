#!/usr/bin/env python3
"""Holds the schema to the rules of proto/README.md: names, messages of their own for each method, zero values, presence by
a oneof of one member, no map, no message inside itself."""
import os
import re
import sys

SCALARS = {"string", "bytes", "bool", "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
           "fixed64", "sfixed32", "sfixed64"}
BLOCK = re.compile(r"^(message|enum|service) (\w+) \{(.*?)(?:^|(?<=\{))\}", re.S | re.M)
FIELD = re.compile(r"^\s*(repeated |optional )?([\w.]+) (\w+) = (\d+)\b", re.M)


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name)


def check_enum(path, name, body):
    values = re.findall(r"^\s*(\w+) = (\d+);", body, re.M)
    prefix = snake(name).upper() + "_"
    if not values or values[0] != (prefix + "UNSPECIFIED", "0"):
        yield "%s: enum %s does not begin with %sUNSPECIFIED = 0" % (path, name, prefix)
    for value, _ in values:
        if not value.startswith(prefix):
            yield "%s: %s does not begin with %s" % (path, value, prefix)


def check_service(path, name, body):
    if not name.endswith("Service"):
        yield "%s: service %s does not end in Service" % (path, name)
    for method, taken, given in re.findall(r"rpc (\w+)\((\w+)\) returns \((\w+)\);", body):
        if (taken, given) != (method + "Request", method + "Response"):
            yield "%s: %s takes %s and gives %s" % (path, method, taken, given)


def check_message(path, name, body):
    numbers = set()
    for one, members in re.findall(r"oneof (\w+) \{(.*?)\}", body, re.S):
        names = [member for _, _, member, _ in FIELD.findall(members)]
        if one.endswith("_presence") and names != [one[:-len("_presence")]]:
            yield "%s: %s.%s holds %s" % (path, name, one, ", ".join(names))
    for label, kind, field, number in FIELD.findall(body):
        if label == "optional " or kind.startswith("map"):
            yield "%s: %s.%s is optional or a map" % (path, name, field)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", field):
            yield "%s: %s.%s is not lower_snake_case" % (path, name, field)
        if number in numbers:
            yield "%s: %s uses the number %s twice" % (path, name, number)
        numbers.add(number)


def inside_itself(uses):
    """Names of messages that hold themselves, at whatever depth."""
    for name in uses:
        seen, left = set(), list(uses[name])
        while left:
            one = left.pop()
            if one not in seen:
                seen.add(one)
                left += uses.get(one, [])
        if name in seen:
            yield name


def check(root):
    uses, found, files = {}, [], 0
    for folder, _, names in os.walk(os.path.join(root, "proto", "hirsch")):
        for file_name in names:
            path = os.path.relpath(os.path.join(folder, file_name), root)
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = re.sub(r"//.*", "", file.read())
            package = re.search(r"^package ([\w.]+);", text, re.M)
            if not package or os.path.join("proto", *package.group(1).split(".")) != os.path.dirname(path):
                found.append("%s: its package is not its folder" % path)
            if "map<" in text:
                found.append("%s: has a map" % path)
            files += 1
            for sort, name, body in BLOCK.findall(text):
                found += {"enum": check_enum, "service": check_service, "message": check_message}[sort](path, name, body)
                if sort == "message":
                    uses[name] = [kind for _, kind, _, _ in FIELD.findall(body) if kind not in SCALARS]
    found += ["message %s lies inside itself" % name for name in inside_itself(uses)]
    if files < 4 or len(uses) < 20:
        found.append("only %d files with %d messages were found" % (files, len(uses)))
    return found


def main():
    found = check(sys.argv[1])
    print("\n".join(found) or "the schema keeps its rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
