#!/usr/bin/env python3
"""Keys: every method with no key, a wrong, malformed, expired and revoked one, and one of each role, on tcp and ipc; what
is stored of them; that a running daemon takes changes over; which addresses need them; rates and requests under way; and how the client
shows its key."""
import json
import os
import re
import resource
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Failed, Test, check, equal, write_lines  # noqa: E402
from peers import GET_AUTHOR, HEALTH, Connection  # noqa: E402
from methods import METHODS, declared, made_records, packed  # noqa: E402
from puts import PUT, put_request  # noqa: E402
from hirsch_client import field, fields, request  # noqa: E402

UNAUTHENTICATED, DENIED, EXHAUSTED, UNIMPLEMENTED = 16, 7, 8, 12
# Every method that the protos declare; without a row the request is empty, which is for the method to refuse.
EVERY = {method: METHODS.get(method, []) for method in declared()}
ROLES = ("reader", "writer", "admin")
SOON_S, AGAIN = 1, 9
WRITES = ("hirsch.v1.RecordService/PutRecords", "hirsch.v1.RecordService/DeleteRecords", "hirsch.v1.DatasetService/RefreshCohorts")


def envelope(method, payload, authorization):
    metadata = b"" if authorization is None else field(3, field(1, "authorization") + field(2, authorization))
    return request(method, payload) + metadata


def ask(connection, method, payload, authorization):
    """(code, the response's fields) of one call; counts those that are refused for their key."""
    connection.round += 1
    connection.socket.sendall(connection.frame(connection.round, envelope(method, payload, authorization)))
    number, reply = connection.reply()
    equal(number, connection.round, "id of the reply")
    found = fields(reply)
    code = found.get(1, [0])[0]
    ask.refused += code in (UNAUTHENTICATED, DENIED)
    return code, found


ask.refused = 0


def create(test, data, *more):
    return test.job("key", data, "create", *more, "--quiet").out.strip()


def until(test, connection, authorization, code, what):
    """Asks again until the daemon answers with this code; gives how long it took."""
    begin = time.monotonic()
    while ask(connection, GET_AUTHOR, field(1, "local:many"), authorization)[0] != code:
        check(time.monotonic() < begin + test.deadline_s, "%s: not within %d s", what, test.deadline_s)
    return time.monotonic() - begin


def taken_over_soon(test, data, pace):
    """Gives a key that was made and revoked, each taken over within a second. What the daemon itself takes for it comes back
    each time; what other programs do meanwhile does not."""
    tries = []
    while not tries or (max(map(min, zip(*tries))) >= SOON_S and len(tries) <= AGAIN):
        name = "gone-%d" % len(tries)
        key = "Bearer " + create(test, data, name, "--role", "admin")
        known_s = until(test, pace, key, 0, "a new key")
        test.job("key", data, "revoke", name)
        tries.append((known_s, until(test, pace, key, UNAUTHENTICATED, "a revoked key")))
    for what, times in zip(("known", "revoked"), zip(*tries)):
        check(test.short or min(times) < SOON_S, "a key is %s after %s s", what, times)
    return key


def allowed(method, who):
    if method == HEALTH:
        return 0
    if who not in ROLES:
        return UNAUTHENTICATED
    return DENIED if method in WRITES and who == "reader" else 0


def refusals(log):
    """Lines of refused calls, and how many more the log speaks of."""
    left_out = re.findall(r'msg="calls refused, too many for a line each" left_out=(\d+)', log)
    return log.count('msg="call refused"'), sum(map(int, left_out))


def all_refusals_told(test, daemon, refused):
    """Each has its line; those of a flood that have none are counted. (lines, left out)"""
    end = time.monotonic() + test.deadline_s
    while sum(refusals(daemon.log())) < refused:
        check(time.monotonic() < end, "%r refused calls in the log, %d are due", refusals(daemon.log()), refused)
        time.sleep(0.05)
    found = refusals(daemon.log())
    equal(sum(found), refused, "refused calls in the log")
    return found


def flood(test, data):
    """Who has no key does not fill the disk."""
    with test.serve(data, test.tcp()) as daemon:
        begin = time.monotonic()
        asked = 20000
        connection = Connection(daemon.url)
        one = connection.frame(1, envelope(GET_AUTHOR, field(1, "local:many"), None))
        for _ in range(asked // 1000):
            connection.socket.sendall(one * 1000)
            for _ in range(1000):
                connection.reply()
        lines, left_out = all_refusals_told(test, daemon, asked)
        most = 10000 + 100 * (time.monotonic() - begin + 1)
        check(10000 <= lines <= most, "%d lines of %d refused calls in %.1f s", lines, asked, time.monotonic() - begin)
        check(left_out > 0 or most > asked, "none was left out")


def whole_table(test, data):
    keys = {role: "Bearer " + create(test, data, role, "--role", role) for role in ROLES}
    with test.serve(data, test.ipc(), test.tcp()) as daemon:
        before = ask.refused
        keys["expired"] = "Bearer " + create(test, data, "--role", "admin", "--expires", "1s")
        pace = Connection(daemon.url)
        keys["revoked"] = taken_over_soon(test, data, pace)
        until(test, pace, keys["expired"], UNAUTHENTICATED, "an expired key")
        good = keys["admin"]
        other = good[:-1] + ("0" if good[-1] != "0" else "1")
        rows = {**keys, "none": None, "wrong": other, "unknown id": "Bearer hirsch_" + "0" * 12 + good[-65:],
                "no scheme": good[len("Bearer "):], "another scheme": "Basic " + good[len("Bearer "):],
                "empty": "Bearer ", "cut": good[:-1], "longer": good + "0"}
        asked = 0
        for url in daemon.urls:
            connection = Connection(url)
            for method, row in EVERY.items():
                for who, authorization in rows.items():
                    code, _ = ask(connection, method, packed(row), authorization)
                    wanted = allowed(method, who)
                    wanted = 0 if code == UNIMPLEMENTED and who in ROLES else wanted
                    right = code == wanted if wanted else code not in (UNAUTHENTICATED, DENIED)
                    check(right, "%s with %s on %s: code %d, expected %s", method, who, url, code, wanted or "an answer")
                    asked += 1
            # Only who has a key learns which methods there are.
            equal(ask(connection, "hirsch.v1.AuthorService/Nothing", b"", None)[0], UNAUTHENTICATED, "no method, no key")
            equal(ask(connection, "hirsch.v1.AuthorService/Nothing", b"", keys["reader"])[0], 12, "no method, a key")
            peer = "peer=ipc" if url.startswith("ipc:") else "peer=127.0.0.1:"
            key = " code=PERMISSION_DENIED reason=KEY_ROLE key=%s " % keys["reader"].split("_")[1]
            check(key + peer in daemon.log(), "no line with %s:\n%s", key + peer, daemon.log()[-2000:])
        check(asked == 2 * len(EVERY) * len(rows) and len(EVERY) >= 16, "%d calls", asked)
        equal(all_refusals_told(test, daemon, ask.refused - before), (ask.refused - before, 0), "lines, and refused calls without")
        log = daemon.log()
        for authorization in keys.values():
            check(authorization[-64:] not in log, "a key stands in the log")
        print("%d calls" % asked)
    return keys


def stored(test, data, keys):
    path = os.path.join(data, "keys")
    equal(oct(stat.S_IMODE(os.stat(path).st_mode)), oct(0o600), "mode of the file of keys")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for authorization in keys.values():
        check(authorization[-64:] not in text, "a key itself is stored")
    check("website" not in test.job("key", data, "list").out, "a key that was never made is listed")
    shown = test.job("key", data, "list", "--json").out
    for role in ROLES:
        check('"role":"%s"' % role in shown.replace(" ", ""), "the list: %s", shown)
    test.job("key", data, "revoke", "nobody", expect=4)
    test.job("key", data, "create", "--expires", "2001-01-01", expect=64)
    # A script may run again: one key, and the file that it was written to stays.
    place = test.path("once.key")
    for run in range(3):
        test.job("key", data, "create", "once", "--once", "--output", place)
        with open(place, encoding="ascii") as file:
            written = file.read() if run == 0 else written
            file.seek(0)
            equal(file.read(), written, "the key after run %d" % run)
    equal(test.job("key", data, "list").out.count("  once\n"), 1, "keys of one name")
    test.job("key", data, "create", "--once", expect=64)
    test.job("key", data, "revoke", "once")
    test.job("key", data, "create", "--role", "king", expect=64)
    test.job("key", data, "frobnicate", expect=64)


def damaged(test, data, keys):
    """What cannot be read changes nothing in a running daemon, and keeps a new one from starting."""
    path = os.path.join(data, "keys")
    with open(path, "rb") as file:
        before = file.read()
    with test.serve(data) as daemon:
        pace = Connection(daemon.url)
        os.replace(write_lines(path + ".x", [b"nonsense"]), path)
        end = time.monotonic() + test.deadline_s
        while "stay in force" not in daemon.log():
            check(time.monotonic() < end, "no word about a damaged file of keys:\n%s", daemon.log())
            equal(ask(pace, GET_AUTHOR, field(1, "local:many"), keys["reader"])[0], 0, "the keys from before")
        done = test.job("serve", data, "--listen", test.ipc("x"), expect=None)
        check(done.returncode != 0, "a second daemon started")
        os.remove(path)
        until(test, pace, keys["reader"], UNAUTHENTICATED, "the file of keys is gone")
        equal(ask(pace, GET_AUTHOR, field(1, "local:many"), None)[0], UNAUTHENTICATED, "no key after the file is gone")
        os.replace(write_lines(path + ".x", [b"nonsense"]), path)
    done = test.job("serve", data, "--listen", test.ipc("x"), expect=78)
    check("keys: line 1: not a key" in done.err, "%s", done.err)
    with open(path, "wb") as file:
        file.write(before)


def unread(test, data):
    """A file that could not be read for a moment is read when that is over, though nothing touches it again."""
    gone = "Bearer " + create(test, data, "unread")
    with test.serve(data) as daemon:
        pace = Connection(daemon.url)
        until(test, pace, gone, 0, "a new key")
        # As many as poll is given; more are open already.
        few = (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        most = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, few)
        test.job("key", data, "revoke", "unread")
        end = time.monotonic() + test.deadline_s
        while "stay in force" not in daemon.log():
            check(time.monotonic() < end, "no word about a file that cannot be opened:\n%s", daemon.log())
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, most)
        until(test, pace, gone, UNAUTHENTICATED, "a key revoked while no file could be opened")
        equal(daemon.log().count("stay in force"), 1, "words about one file")


def addresses(test, data, bare):
    done = test.job("serve", bare, "--listen", "tcp://0.0.0.0:0", expect=78)
    check("hirschd key create" in done.err and "--insecure" in done.err, "%s", done.err)
    with test.serve(data, test.ipc(), "tcp://0.0.0.0:0") as daemon:
        check("INSECURE" not in daemon.log(), "%s", daemon.log())
    with test.serve(bare, test.ipc(), "tcp://0.0.0.0:0", more=("--insecure",)) as daemon:
        check("INSECURE" in daemon.log(), "no loud word:\n%s", daemon.log())
    try:
        with test.serve(bare, test.ipc(), "auto") as daemon:
            check("listening on tcp://127.0.0.1:7700" in daemon.log() and "hirschd key create" in daemon.log(),
                  "%s", daemon.log())
        with test.serve(data, test.ipc(), "auto") as daemon:
            check("tcp://0.0.0.0:7700" in daemon.log() or "tcp://*:7700" in daemon.log() or "tcp://[::]:7700" in
                  daemon.log(), "%s", daemon.log())
    except Failed as reason:
        # The one port that has to be this one: another test run, or a daemon that is at work here, may have it.
        check(":7700: another program listens there already" in str(reason), "%s", reason)
        print("port 7700 is in use: --listen auto is not tried")


def rates(test, data):
    slow = "Bearer " + create(test, data, "slow", "--key-rate", "5")
    with test.serve(data) as daemon:
        connection = Connection(daemon.url)
        codes = []
        hint = None
        one = envelope(GET_AUTHOR, field(1, "local:many"), slow)
        connection.socket.sendall(b"".join(connection.frame(number, one) for number in range(50)))
        for _ in range(50):
            found = fields(connection.reply()[1])
            codes.append(found.get(1, [0])[0])
            if codes[-1] == EXHAUSTED:
                hint = {fields(one)[1][0]: fields(one)[2][0] for one in found.get(4, [])}.get(b"retry-after-ms")
        check(codes[:5] == [0] * 5, "a second's worth at once: %s", codes)
        check(EXHAUSTED in codes, "50 at once were all answered")
        check(hint is not None and 1 <= int(hint) <= 1000, "the hint when to come again: %r", hint)


def in_flight(test, data):
    """Writes wait for the disk, so of many that come at once no more than the key may have are taken."""
    few = "Bearer " + create(test, data, "few", "--role", "writer", "--key-in-flight", "3")
    puts = [envelope(PUT, put_request([{"type": "author", "id": "local:few%d" % number, "name": "Few"}]), few)
            for number in range(100)]
    with test.serve(data, more=("--loops", "1")) as daemon:
        connection = Connection(daemon.url)
        connection.socket.sendall(b"".join(connection.frame(number, put) for number, put in enumerate(puts)))
        answers = [fields(connection.reply()[1]) for _ in puts]
        codes = [answer.get(1, [0])[0] for answer in answers]
        check(set(codes) == {0, EXHAUSTED} and codes.count(0) >= 3, "codes of 100 puts at once: %s", codes)
        refused = answers[codes.index(EXHAUSTED)]
        equal(fields(refused[3][0])[1], [b"KEY_IN_FLIGHT"], "the reason")
        equal(ask(connection, PUT, put_request([{"type": "author", "id": "local:last", "name": "Last"}]), few)[0], 0,
              "code of a put when the others are done")


def client(test, data, keys):
    key = keys["reader"][len("Bearer "):]
    path = write_lines(test.path("key"), [key.encode()])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HIRSCH_KEY")}
    with test.serve(data) as daemon:
        get = [test.hirsch, "-s", daemon.url, "author", "local:many", "--json"]
        test.run(get, expect=77, env=clean)
        test.run(get + ["--key-file", path], env=clean)
        test.run(get, env={**clean, "HIRSCH_KEY": key})
        test.run(get, env={**clean, "HIRSCH_KEY_FILE": path})
        for sender in ("sp", "libhirsch"):
            load = [test.hirsch, "-s", daemon.url, "bench", "--client", sender, "--rate", "100", "--duration", "300ms",
                    "--warmup", "0s", "--max-lag", "10s", "--json"]
            for more, env in ((["--key-file", path], clean), ([], {**clean, "HIRSCH_KEY": key})):
                result = json.loads(test.run(load + more, env=env).out)["result"]
                equal((result["errors"], result["answered"]), (0, result["scheduled"]), "a bench by %s with a key" % sender)
            test.run(load, expect=77, env=clean)
        done = test.run(get + ["--key-file", test.path("none")], expect=None, env=clean)
        check(done.returncode != 0 and "key file" in done.err, "%s", done.err)
        done = test.run([test.hirsch, "--key", key, "health"], expect=64, env=clean)
        check(key not in done.err or "unknown option" in done.err, "%s", done.err)
        with subprocess.Popen(get + ["--key-file", path], stdout=subprocess.DEVNULL, env=clean) as running:
            running.wait(test.deadline_s)


def body(test):
    data, bare = test.path("data"), test.path("bare")
    lines = write_lines(test.path("made.jsonl"), made_records())
    for one in (data, bare):
        test.load(one, [lines], form="hirsch")
    keys = whole_table(test, data)
    flood(test, data)
    stored(test, data, keys)
    damaged(test, data, keys)
    unread(test, data)
    addresses(test, data, bare)
    rates(test, data)
    in_flight(test, data)
    client(test, data, keys)


if __name__ == "__main__":
    Test(__doc__).main(body)
