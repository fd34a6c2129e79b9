#!/usr/bin/env python3
"""libhirsch as somebody else finds it: installed into a folder, its symbols and soname, and a program in C and in C++
that builds against the CMake package and against pkg-config.
"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CONSUMER = os.path.join(HERE, "consumer")
SYMBOLS = os.path.join(HERE, "..", "tidy", "symbols.txt")


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **more)
    if done.returncode != 0:
        sys.exit("%s ended with %d:\n%s" % (" ".join(command), done.returncode, done.stdout))
    return done.stdout


def check_symbols(library):
    """What the library shows is what the list says: a name taken away breaks programs, one too many is kept for ever."""
    with open(SYMBOLS, encoding="utf-8") as file:
        wanted = set(file.read().split())
    shown = {line.split()[2].replace("@@", "@") for line in run("nm", "-D", "--defined-only", library).splitlines()}
    if shown != wanted:
        sys.exit("symbols that are missing: %s; symbols that are not listed: %s"
                 % (sorted(wanted - shown), sorted(shown - wanted)))
    if "[libhirsch.so.0]" not in run("readelf", "-d", library):
        sys.exit("%s: the soname is not libhirsch.so.0" % library)


def find(root, name):
    for folder, _, names in os.walk(root):
        if name in names:
            return os.path.join(folder, name)
    sys.exit("%s was not installed below %s" % (name, root))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        prefix = os.path.join(root, "prefix")
        run(options.cmake, "--install", options.build, "--prefix", prefix, "--component", "client")
        library = find(prefix, "libhirsch.so")
        check_symbols(library)
        archive = find(prefix, "libhirsch.a")
        find(os.path.join(prefix, "share", "hirsch", "proto"), "metrics.proto")
        path = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library),
                    PKG_CONFIG_PATH=os.path.dirname(find(prefix, "hirsch.pc")))
        build = os.path.join(root, "build")
        run(options.cmake, "-S", CONSUMER, "-B", build, "-DCMAKE_PREFIX_PATH=" + prefix)
        run(options.cmake, "--build", build)
        by_hand = os.path.join(root, "by-hand")
        flags = run("pkg-config", "--cflags", "--libs", "hirsch", env=path).split()
        whole = run("pkg-config", "--static", "--cflags", "--libs", "hirsch", env=path).split()
        whole = [archive if flag == "-lhirsch" else flag for flag in whole]
        for more, program in ((flags, by_hand), (whole, by_hand + "-static")):
            run("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", os.path.join(CONSUMER, "consumer.c"), "-o", program, *more)
        dynamic = [os.path.join(build, "consumer_c"), os.path.join(build, "consumer_cpp"), by_hand]
        static = [os.path.join(build, "consumer_static"), by_hand + "-static"]
        for program in dynamic + static:
            if ("libhirsch" in run("ldd", program, env=path)) != (program in dynamic):
                sys.exit("%s has the wrong sort of libhirsch" % program)
            said = run(program, env=path)
            if not said.endswith(" UNAVAILABLE\n"):
                sys.exit("%s said %r" % (program, said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
