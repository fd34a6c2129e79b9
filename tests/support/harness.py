"""What the system tests share: temporary folders, free endpoints, real programs started and stopped by their own id,
and waits that end at an event or a deadline.
"""
import argparse
import contextlib
import gzip
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
# Of the programs that a test starts.
SETTINGS = (
    # Daemons of tests run side by side, and the operations port has one number unless a test names another.
    ("HIRSCH_HTTP", "off"),
    # A moment's queue, or a moment without the processor, is nothing that a test of something else may fail by: limits of
    # time are for what hangs, and those that a test is about it names itself.
    ("HIRSCH_MAX_WAIT", "0"), ("HIRSCH_GREETING_TIMEOUT", "60s"), ("HIRSCH_TIMEOUT", "60000"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SEED_FILE = os.path.join(ROOT, "seeds", "max-lam.jsonl")


class Failed(Exception):
    """A check that does not hold; its text says what was expected and what came."""


def check(condition, text, *values):
    if not condition:
        raise Failed(text % values if values else text)


def equal(answered, expected, what):
    if answered != expected:
        raise Failed("%s: expected %r, got %r" % (what, expected, answered))


def skip(reason):
    print("skipped: %s" % reason)
    sys.exit(SKIPPED)


def data_path(name):
    """Where a folder of real records is, or would be."""
    return os.path.join(os.environ.get("HIRSCH_DATA") or os.path.join(ROOT, "..", "shared", "data"), name)


def data_folder(name):
    """A folder of real records; the test is skipped where they are missing."""
    folder = data_path(name)
    if not os.path.isdir(folder):
        skip("no data (%s; HIRSCH_DATA names the folder)" % name)
    return folder


def openalex_files():
    folder = data_folder("openalex-synergy-v1")
    files = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".jsonl.gz"))
    check(len(files) == 8, "expected eight files in %s, found %d", folder, len(files))
    return files


def read_lines(paths):
    """All lines of files, gzip or plain, as bytes without their newlines."""
    lines = []
    for path in paths:
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
            lines.extend(file.read().splitlines())
    return lines


def held_port():
    """A bound socket that does not listen: nobody else is given its port, and whoever asks for it by number, with
    SO_REUSEADDR, may listen there, again and again; meanwhile those who connect are refused."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


class Test:
    """One run of one test: the programs of a build folder, a temporary folder, and a seed that is printed."""

    def __init__(self, description, add_options=None):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--build", required=True, help="build folder that holds the programs")
        parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
        parser.add_argument("--short", action="store_true", help="fewer rounds: for slow builds")
        parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
        if add_options:
            add_options(parser)
        self.options = parser.parse_args()
        for name, value in SETTINGS:
            os.environ.setdefault(name, value)
        self.build = os.path.abspath(self.options.build)
        self.hirschd = self.program("src/server/hirschd")
        self.hirsch = self.program("src/cli/hirsch")
        self.generate = self.program("seeds/generate")
        self.short = self.options.short
        self.seed = self.options.seed
        self.random = random.Random(self.seed)
        # For what hangs, not for measuring: sanitizers and other programs slow everything down.
        self.deadline_s = 600
        self.folder = None
        self.daemons = []
        self.logs = itertools.count()
        self.ports = []

    def program(self, path):
        full = os.path.join(self.build, path)
        if not os.access(full, os.X_OK):
            sys.exit("%s is missing: build it first" % full)
        return full

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def main(self, body):
        """Runs body(self) in a temporary folder; exit code 0, or 1 with what failed as the last line."""
        print("seed %d" % self.seed, flush=True)
        self.folder = tempfile.mkdtemp(prefix="hirsch-")
        failed = True
        try:
            body(self)
            failed = False
            print("ok")
        except (Failed, subprocess.TimeoutExpired) as reason:
            print("failed (seed %d): %s" % (self.seed, reason))
        finally:
            for daemon in self.daemons:
                daemon.kill()
            if failed and self.options.keep:
                print("kept: %s" % self.folder)
            else:
                shutil.rmtree(self.folder, ignore_errors=True)
        sys.exit(1 if failed else 0)

    # --- programs ---

    def run(self, command, expect=0, stdin=None, **more):
        """Runs a program to its end; expect is an exit code, several of them, or None for any."""
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=self.deadline_s, check=False, **more)
        done.out = done.stdout.decode("utf-8", "replace")
        done.err = done.stderr.decode("utf-8", "replace")
        wanted = expect if isinstance(expect, (tuple, list)) else (expect,)
        if expect is not None and done.returncode not in wanted:
            raise Failed("%s: exit code %d, expected %s\n%s%s" % (
                " ".join(command), done.returncode, " or ".join(map(str, wanted)), done.out[-2000:], done.err[-4000:]))
        check("Sanitizer" not in done.err, "%s: %s", " ".join(command), done.err[-4000:])
        return done

    def job(self, name, data, *arguments, expect=0, stdin=None):
        return self.run([self.hirschd, name, "--data", data, *arguments], expect=expect, stdin=stdin)

    def load(self, data, files, form="openalex", expect=0, more=()):
        return self.job("import", data, "--format", form, *more, *files, expect=expect)

    def verify(self, data, expect=0):
        return self.job("verify", data, expect=expect)

    def export(self, data):
        """What export writes, as bytes."""
        return self.job("export", data).stdout

    def export_hash(self, data):
        """Digest of the export, read as it comes."""
        digest, lines = hashlib.sha256(), 0
        with subprocess.Popen([self.hirschd, "export", "--data", data], stdout=subprocess.PIPE) as program:
            for block in iter(lambda: program.stdout.read(1 << 20), b""):
                digest.update(block)
                lines += block.count(b"\n")
            code = program.wait(self.deadline_s)
        check(code == 0, "export of %s: exit code %d", data, code)
        return lines, digest.hexdigest()

    def stat(self, data):
        return json.loads(self.job("stat", data, "--json").out)

    def client(self, url, *arguments, expect=0, stdin=None):
        return self.run([self.hirsch, "-s", url, *arguments], expect=expect, stdin=stdin)

    def ask(self, url, *arguments):
        return json.loads(self.client(url, *arguments, "--json").out)

    # --- daemons ---

    def ipc(self, name="d"):
        return "ipc://" + self.path(name + ".ipc")

    def tcp(self):
        """A TCP endpoint that is this test's until it ends."""
        self.ports.append(held_port())
        return "tcp://127.0.0.1:%d" % self.ports[-1].getsockname()[1]

    @contextlib.contextmanager
    def serve(self, data, *urls, more=(), wrapper=()):
        """A daemon that serves; stopped by SIGTERM at the end, which has to end with exit code 0. wrapper: a command that
        becomes the daemon, in front of it."""
        daemon = Daemon(self, data, urls or (self.ipc(),), more, wrapper)
        self.daemons.append(daemon)
        try:
            daemon.wait_until_serving()
            yield daemon
            equal(daemon.stop(), 0, "exit code of the daemon after SIGTERM")
        finally:
            daemon.kill()
            self.daemons.remove(daemon)


class Daemon:
    def __init__(self, test, data, urls, more=(), wrapper=()):
        self.test = test
        self.urls = list(urls)
        self.log_path = test.path("daemon-%d.log" % next(test.logs))
        # A test that is killed takes its daemons along.
        command = ["setpriv", "--pdeathsig", "KILL", *wrapper, test.hirschd, "serve", "--data", data, *more]
        for url in self.urls:
            command += ["--listen", url]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    @property
    def url(self):
        return self.urls[0]

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for_log(self, pattern):
        """Until the log says it; a daemon that ended without is told at once."""
        end, ended = time.monotonic() + self.test.deadline_s, False
        while not re.search(pattern, self.log()):
            check(not ended and time.monotonic() < end, "%r is not in the log:\n%s", pattern, self.log())
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)
                ended = True

    def wait_until_serving(self):
        """`health --wait` ends as soon as the daemon answers; a daemon that ended first is told at once. The daemon answers
        before it has said all that it says at its start, the operations port among it: that is waited for too."""
        wait = subprocess.Popen([self.test.hirsch, "-s", self.url, "health", "--wait", str(self.test.deadline_s)],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + self.test.deadline_s
            while True:
                try:
                    code = wait.wait(0.2)
                    break
                except subprocess.TimeoutExpired:
                    check(self.process.poll() is None, "the daemon ended with exit code %s:\n%s",
                          self.process.returncode, self.log())
                    check(time.monotonic() < end, "the daemon does not answer:\n%s", self.log())
            check(code == 0, "health: exit code %s: %s\n%s", code, wait.stdout.read().decode(), self.log())
        finally:
            if wait.poll() is None:
                wait.kill()
            wait.wait()
            wait.stdout.close()
        self.wait_for_log(r'msg"?[=:]"?ready\b')

    def stop(self, signal_number=signal.SIGTERM):
        """Sends the signal and gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            code = self.process.wait(self.test.deadline_s)
        except subprocess.TimeoutExpired:
            raise Failed("the daemon does not stop:\n%s" % self.log()) from None
        check("Sanitizer" not in self.log(), "the daemon's log: %s", self.log()[-4000:])
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def write_lines(path, lines):
    """Plain or, when the name ends in .gz, gzip."""
    body = b"".join(line + b"\n" for line in lines)
    with gzip.open(path, "wb", compresslevel=1) if path.endswith(".gz") else open(path, "wb") as file:
        file.write(body)
    return path
