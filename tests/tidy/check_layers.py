#!/usr/bin/env python3
"""Reads the sources and fails on what the rules of the house forbid: an #include against the layers, a foreign header
in a second directory, a clock or a file where only is computed, a folder beyond the layout, a header without a
sentence of purpose, long lines, blanks at line ends, unfinished places.
"""
import argparse
import os
import re
import sys
import tempfile

# Module: modules whose headers it may include, beside its own and base.
LAYERS = {
    "base": set(),
    "model": set(),
    "engine": {"model"},
    "json": {"model"},
    "store": {"model", "engine"},
    "wire": {"model", "engine", "json"},
    "ingest": {"model", "engine", "json"},
    "rpc": {"model", "engine", "json", "wire"},
    "service": {"model", "engine", "json", "store", "wire", "rpc"},
    "net": {"model", "rpc", "wire"},
    "client": {"model", "wire"},
    "bench": {"model", "wire", "json", "net", "client"},
    "server": {"model", "engine", "json", "store", "wire", "ingest", "rpc", "service", "net", "bench"},
    "cli": {"model", "engine", "json", "wire", "ingest", "rpc", "client", "bench"},
}

# Foreign library: (pattern of its headers, the one directory under src that may include them).
FOREIGN = {
    "LMDB": (r"lmdb\.h", "store"),
    "nanomsg": (r"nanomsg/.*", "client"),
    "nng": (r"nng/.*", None),
    "protobuf-c": (r"(google/)?protobuf-c/.*|.*\.pb-c\.h", "wire"),
    "libuv": (r"uv\.h|uv/.*", "net"),
    "simdjson": (r"simdjson\.h", "json"),
    "libmicrohttpd": (r"microhttpd\.h", "net"),
    "nghttp2": (r"nghttp2/.*", "net"),
    "isa-l": (r"isa-l\.h|isa-l/.*", "ingest"),
    "utf8proc": (r"utf8proc\.h", "model"),
    "zstd": (r"zstd.*\.h", "base"),
    "xxhash": (r"xxhash\.h", "base"),
    "libsodium": (r"sodium(/.*)?\.h|sodium/.*", "rpc"),
}

# Modules that compute and nothing else: headers of clocks, threads, input and output that they may not include.
OUTSIDE = r"time\.h|unistd\.h|fcntl\.h|pthread\.h|sys/.*|base/(clock|log|queue|signals)\.h"
PURE = {"model": OUTSIDE, "engine": OUTSIDE + r"|stdio\.h"}

TOP_FOLDERS = {"proto", "src", "include", "deploy", "tests", "seeds"}
TOP_FILES = {"CMakeLists.txt", "README.md", "CHANGELOG.md", "CMakePresets.json", "LICENSE"}
TEST_FOLDERS = {"unit", "golden", "system", "fuzz", "interop", "bench", "support", "tidy"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
C_NAMES = (".c", ".h", ".cpp", ".in")
TEXT_NAMES = C_NAMES + (".py", ".txt", ".cmake", ".proto", ".md", ".json", ".sh", ".yaml", ".yml", ".service")
LONGEST = 100


class Tree:
    """A source tree and what was found wrong in it."""

    def __init__(self, root):
        self.root = root
        self.faults = []

    def fault(self, path, number, text):
        place = os.path.relpath(path, self.root)
        self.faults.append("%s:%d: %s" % (place, number, text) if number else "%s: %s" % (place, text))

    def files(self, *parts):
        for folder, folders, names in os.walk(os.path.join(self.root, *parts)):
            folders[:] = sorted(name for name in folders if name not in (".git", "build", "__pycache__"))
            for name in sorted(names):
                yield os.path.join(folder, name)

    def check(self):
        self.check_layout()
        sources = 0
        for path in self.files("src"):
            sources += path.endswith((".c", ".h", ".cpp"))
            self.check_includes(path)
        for path in list(self.files("src")) + list(self.files("include")):
            self.check_purpose(path)
        for part in sorted(TOP_FOLDERS):
            for path in self.files(part):
                self.check_text(path)
        for name in sorted(TOP_FILES):
            if os.path.exists(os.path.join(self.root, name)):
                self.check_text(os.path.join(self.root, name))
        if not sources:
            self.fault(os.path.join(self.root, "src"), 0, "no sources: this check would pass over nothing")
        return self.faults

    def ignored(self, name):
        """Names that .gitignore keeps out of the repository."""
        path = os.path.join(self.root, ".gitignore")
        if not os.path.exists(path):
            return False
        with open(path, encoding="utf-8") as file:
            return name in {line.strip().strip("/") for line in file}

    def check_layout(self):
        for name in sorted(os.listdir(self.root)):
            path = os.path.join(self.root, name)
            if name.startswith(".") or self.ignored(name):
                continue
            known = TOP_FOLDERS if os.path.isdir(path) else TOP_FILES
            if name not in known:
                self.fault(path, 0, "not in the layout of the top level")
        for part, known in (("src", set(LAYERS)), ("tests", TEST_FOLDERS)):
            folder = os.path.join(self.root, part)
            for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
                if os.path.isdir(os.path.join(folder, name)) and name not in known and name != "__pycache__":
                    self.fault(os.path.join(folder, name), 0, "no module of this name in the layers")

    def check_includes(self, path):
        module = os.path.relpath(path, os.path.join(self.root, "src")).split(os.sep)[0]
        if not path.endswith((".c", ".h", ".cpp")) or module not in LAYERS:
            return
        with open(path, encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                found = INCLUDE.match(line)
                if found:
                    self.check_include(path, number, module, found.group(2))

    def check_include(self, path, number, module, header):
        first = header.split("/")[0]
        if ".." in header.split("/"):
            self.fault(path, number, "%s: include from the top of src" % header)
        elif "/" in header and first in LAYERS and first not in LAYERS[module] | {module, "base"}:
            self.fault(path, number, "%s includes %s: %s may not use %s" % (module, header, module, first))
        if module in PURE and re.fullmatch(PURE[module], header):
            self.fault(path, number, "%s: %s reads no clock and does no input or output" % (header, module))
        for library, (pattern, home) in FOREIGN.items():
            if re.fullmatch(pattern, header) and module != home:
                self.fault(path, number, "%s belongs to %s only" % (library, "src/" + home if home else "tests"))

    def check_purpose(self, path):
        if not path.endswith(".h"):
            return
        with open(path, encoding="utf-8", errors="replace") as file:
            head = file.read(4096)
        found = re.match(r"/\*+\s*(.*?)\*/|//\s*(.*?)\n(?!//)", head, re.DOTALL)
        text = " ".join((found.group(1) or found.group(2) or "").split()) if found else ""
        if not re.search(r"\w.*[.:]", text):
            self.fault(path, 1, "the first line has to be a sentence of purpose")

    def check_text(self, path):
        name = os.path.basename(path)
        if "corpus" in path.split(os.sep) or "golden" in path.split(os.sep):
            return
        with open(path, "rb") as file:
            raw = file.read()
        if not name.endswith(TEXT_NAMES) and not raw.startswith(b"#!"):
            return
        if raw and not raw.endswith(b"\n"):
            self.fault(path, raw.count(b"\n") + 1, "no newline at the end of the file")
        for number, line in enumerate(raw.decode("utf-8", "replace").split("\n"), 1):
            if line != line.rstrip():
                self.fault(path, number, "blanks at the end of the line")
            if name.endswith(C_NAMES) and len(line) > LONGEST:
                self.fault(path, number, "%d columns, %d are allowed" % (len(line), LONGEST))
            if name.endswith(C_NAMES) and "\t" in line:
                self.fault(path, number, "a tab")
            found = UNFINISHED.search(line)
            if found:
                self.fault(path, number, "unfinished: %s" % found.group(1))


# --- the proof that each rule can fail -------------------------------------------------------------------------------

CLEAN = {
    "CMakeLists.txt": "project(x)\n",
    ".gitignore": "/build/\n",
    "build/left.txt": "made  \n",
    "src/base/bytes.h": "/* Slices of bytes. */\n#include <stddef.h>\n",
    "src/base/bytes.c": '#include "base/bytes.h"\n#include <zstd.h>\n',
    "src/store/table.c": '#include "model/id.h"\n#include "engine/x.h"\n#include <lmdb.h>\n',
    "src/client/call.c": '#include "hirsch/client.h"\n#include "wire/pack.h"\n#include <nanomsg/nn.h>\n',
    "include/hirsch/client.h": "/* The client:\n * all of it. */\n",
    "tests/unit/test_base_x.c": "int main(void)\n",
}

PLANTED = (
    ("src/base/up.c", '#include "model/id.h"\n', "base may not use model"),
    ("src/model/up.c", '#include "engine/x.h"\n', "model may not use engine"),
    ("src/engine/side.c", '#include "store/store.h"\n', "engine may not use store"),
    ("src/store/side.c", '#include "ingest/ingest.h"\n', "store may not use ingest"),
    ("src/rpc/up.c", '#include "net/loop.h"\n', "rpc may not use net"),
    ("src/rpc/store.c", '#include "store/store.h"\n', "rpc may not use store"),
    ("src/service/up.c", '# include "net/loop.h"\n', "service may not use net"),
    ("src/net/side.c", '#include "store/store.h"\n', "net may not use store"),
    ("src/client/store.c", '#include "store/store.h"\n', "client may not use store"),
    ("src/cli/store.c", '#include "store/store.h"\n', "cli may not use store"),
    ("src/cli/service.c", '#include "service/service.h"\n', "cli may not use service"),
    ("src/engine/now.c", "#include <time.h>\n", "engine reads no clock"),
    ("src/engine/clock.c", '#include "base/clock.h"\n', "engine reads no clock"),
    ("src/engine/say.c", "#include <stdio.h>\n", "engine reads no clock"),
    ("src/model/read.c", "#include <unistd.h>\n", "model reads no clock"),
    ("src/net/dots.c", '#include "../rpc/rpc.h"\n', "include from the top of src"),
    ("src/service/lmdb.c", "#include <lmdb.h>\n", "LMDB belongs to src/store only"),
    ("src/net/nn.c", "#include <nanomsg/nn.h>\n", "nanomsg belongs to src/client only"),
    ("src/client/nng.c", "#include <nng/nng.h>\n", "nng belongs to tests only"),
    ("src/service/pb.c", "#include <protobuf-c/protobuf-c.h>\n", "protobuf-c belongs to src/wire only"),
    ("src/rpc/pb.c", '#include "hirsch/v1/author.pb-c.h"\n', "protobuf-c belongs to src/wire only"),
    ("src/server/uv.c", "#include <uv.h>\n", "libuv belongs to src/net only"),
    ("src/ingest/simd.cpp", "#include <simdjson.h>\n", "simdjson belongs to src/json only"),
    ("src/server/http.c", "#include <microhttpd.h>\n", "libmicrohttpd belongs to src/net only"),
    ("src/rpc/h2.c", "#include <nghttp2/nghttp2.h>\n", "nghttp2 belongs to src/net only"),
    ("src/base/isal.c", "#include <isa-l/igzip_lib.h>\n", "isa-l belongs to src/ingest only"),
    ("src/base/fold.c", "#include <utf8proc.h>\n", "utf8proc belongs to src/model only"),
    ("src/store/zstd.c", "#include <zstd.h>\n", "zstd belongs to src/base only"),
    ("src/store/xx.c", "#include <xxhash.h>\n", "xxhash belongs to src/base only"),
    ("src/server/sodium.c", "#include <sodium.h>\n", "libsodium belongs to src/rpc only"),
    ("src/cache/x.c", "int x;\n", "no module of this name"),
    ("tests/more/x.c", "int x;\n", "no module of this name"),
    ("docs/x.md", "x\n", "not in the layout"),
    ("Makefile", "all:\n", "not in the layout"),
    ("src/base/mute.h", "#include <stddef.h>\n", "sentence of purpose"),
    ("include/hirsch/mute.h", "\n/* Too late. */\n", "sentence of purpose"),
    ("src/base/wide.c", "/* " + "x" * 98 + " */\n", "104 columns"),
    ("src/base/blank.c", "int x; \n", "blanks at the end"),
    ("tests/system/blank.py", "x = 1 \n", "blanks at the end"),
    ("src/base/tab.c", "\tint x;\n", "a tab"),
    ("src/base/end.c", "int x;", "no newline"),
    ("src/base/later.c", "/* TO" + "DO: later */\n", "unfinished"),
    ("deploy/start", "#!/bin/sh\n# FIX" + "ME\n", "unfinished"),
)


def make_tree(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def self_test():
    with tempfile.TemporaryDirectory() as root:
        make_tree(root, CLEAN)
        faults = Tree(root).check()
        if faults:
            sys.exit("the clean tree has faults: %s" % faults)
        for path, text, wanted in PLANTED:
            make_tree(root, {path: text})
            faults = Tree(root).check()
            if len(faults) != 1 or wanted not in faults[0] or not faults[0].startswith(path.split("/")[0]):
                sys.exit("planted %s: expected one fault with %r, found %s" % (path, wanted, faults))
            os.remove(os.path.join(root, path))
            folder = os.path.dirname(path)
            while folder and not os.listdir(os.path.join(root, folder)):
                os.rmdir(os.path.join(root, folder))
                folder = os.path.dirname(folder)
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, "src"))
        if not Tree(root).check():
            sys.exit("a tree without sources passes")
    print("%d planted faults found" % len(PLANTED))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("root", nargs="?")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    if not options.root:
        parser.error("which tree?")
    faults = Tree(os.path.abspath(options.root)).check()
    for fault in faults:
        print(fault)
    print("%d faults" % len(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
