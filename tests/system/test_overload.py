#!/usr/bin/env python3
"""A daemon at three times the rate that it can answer, in an open loop: what it cannot do it refuses at once and says when
to ask again; what it takes it answers soon, and nearly as much as without overload. Then it refuses nothing any more.
tests/bench/overload has the figures; the bounds here are those of a machine that has other things to do. A build with
sanitizers is only to refuse."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Test, check, equal  # noqa: E402

# Nearly all of its time goes into the answer, which is short.
ASK = "1 ListCoauthors page-size=1\n"
# On one processor the load has to take from the daemon what it offers beyond.
GOODPUT, GOODPUT_SHARED = 0.75, 0.3
WAIT_MS = 10


def bench(test, url, *more):
    path = test.path("workload")
    with open(path, "w", encoding="utf-8") as file:
        file.write(ASK)
    done = test.client(url, "bench", "--workload", path, "--json", "--duration", "2s", "--warmup", "2s", "--max-lag", "10s",
                       "--connections", "16", *more, expect=(0, 3))
    return json.loads(done.out)["result"]


def apart(daemon):
    """The daemon on one processor, the load on the others, as in tests/bench/overload: else the load takes from the daemon
    what it measures. Gives how much of the daemon's best is to be left."""
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        for thread in os.listdir("/proc/%d/task" % daemon.process.pid):
            os.sched_setaffinity(int(thread), [first])
        os.sched_setaffinity(0, others)
    return GOODPUT if others else GOODPUT_SHARED


def calm_again(test, daemon, rate):
    for _ in range(3):
        calm = bench(test, daemon.url, "--rate", "%d" % rate)
        if not calm["errorCodes"]:
            return
    equal(calm["errorCodes"], {}, "codes after the overload")


def refuses(test, data):
    """Whatever the rates of a slow build are: more under way than is worked off within --max-wait."""
    with test.serve(data, test.tcp(), more=("--loops", "1", "--max-wait", "1ms")) as daemon:
        over = bench(test, daemon.url, "--closed", "--depth", "128")
        print("%d answers/s, %d refused a second" % (over["rate"], over["errors"] / over["seconds"]), flush=True)
        check("RESOURCE_EXHAUSTED" in over["errorCodes"], "codes of what was not answered: %s", over["errorCodes"])
        calm_again(test, daemon, 10)


def body(test):
    made, data = test.path("made.jsonl"), test.path("data")
    test.run([test.generate, "--authors", "2000", "--papers", "8000", "--seed", str(test.seed), "--output", made])
    test.load(data, [made], "hirsch")
    if test.short:
        refuses(test, data)
        return
    with test.serve(data, test.tcp(), more=("--loops", "1", "--max-wait", "100ms")) as daemon:
        goodput = apart(daemon)
        # Other things that the machine does come and go between two runs: one pair of a few has to show what the daemon does.
        times, pairs = 3, []
        for _ in range(6):
            most = bench(test, daemon.url, "--closed", "--depth", "4")["rate"]
            over = bench(test, daemon.url, "--rate", "%d" % (times * most))
            late = over["latency"]["fromActualSend"]
            print("%d answers/s at most; at %d times that %d answered, %d refused a second, p50 %.1f ms, p99 %.1f ms, codes %s" % (
                most, times, over["rate"], over["errors"] / over["seconds"], late["p50Us"] / 1e3, late["p99Us"] / 1e3,
                over["errorCodes"]), flush=True)
            if over["errors"] == 0:
                # It could do more than a while ago.
                times *= 2
                continue
            equal(list(over["errorCodes"]), ["RESOURCE_EXHAUSTED"], "codes of what was not answered")
            check("try again in" in over["firstFault"], "the sentence of a refusal: %s", over["firstFault"])
            pairs.append("%.2f of %d/s, p50 %.1f ms" % (over["rate"] / most, most, late["p50Us"] / 1e3))
            # Without shedding the queue is as long as the clients let it grow: 4,096 requests, a third of a second and more.
            if over["rate"] >= goodput * most and late["p50Us"] <= 1e3 * WAIT_MS:
                break
        else:
            check(False, "never %.2f of what it can and a median of %d ms: %s", goodput, WAIT_MS, pairs)
        calm_again(test, daemon, most / 20)


if __name__ == "__main__":
    Test(__doc__).main(body)
