#!/usr/bin/env python3
"""The image, built from deploy/Containerfile and run as it is meant to run: import as a one-shot container, the daemon
read-only, not as root, in less memory than its data, under a load test of another container, killed, started, stopped. Then
the services of deploy/compose.yaml, in their order and with what the file says of each."""
import base64
import json
import os
import shutil
import subprocess
import sys
import time

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import Failed, ROOT, Test, check, equal, skip  # noqa: E402

BASE = "docker.io/library/debian:bookworm-slim"
IMAGE = "localhost/hirsch-test"
UID = 10001
MEMORY = 256 * 1024 * 1024
IMAGE_MOST = 40 * 1024 * 1024
PAPERS = 60000
LIMITS = ["--runtime", "runc", "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1000:1000"]
BUILD_S = 1500


def podman(test, *arguments, expect=0, timeout=None):
    done = subprocess.run(["podman", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          encoding="utf-8", errors="replace", timeout=timeout or test.deadline_s)
    if expect is not None and done.returncode != expect:
        raise Failed("podman %s: exit code %d\n%s%s" % (" ".join(arguments), done.returncode, done.stdout[-1500:],
                                                        done.stderr[-3000:]))
    return done


def make_base(test):
    """Debian as this machine gets it, under the name that the Containerfile starts from; kept between runs."""
    if podman(test, "image", "exists", BASE, expect=None).returncode == 0:
        return
    root = test.path("base")
    test.deadline_s = BUILD_S
    test.run(["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", root])
    for name in ("sources.list.d", "apt.conf.d", "trusted.gpg.d", "keyrings", "auth.conf.d"):
        if os.path.isdir("/etc/apt/" + name):
            shutil.copytree("/etc/apt/" + name, root + "/etc/apt/" + name, dirs_exist_ok=True)
    if os.path.isdir("/etc/apt/sources.list.d") and any(
            name.endswith((".sources", ".list")) for name in os.listdir("/etc/apt/sources.list.d")):
        os.unlink(root + "/etc/apt/sources.list")
    if os.path.exists("/etc/apt/sources.list"):
        shutil.copy("/etc/apt/sources.list", root + "/etc/apt/sources.list")
    # Links would lead from the folder into this machine: the files themselves take their place.
    shutil.rmtree(root + "/etc/ssl/certs")
    shutil.copytree("/etc/ssl/certs", root + "/etc/ssl/certs", ignore_dangling_symlinks=True)
    test.run(["sh", "-c", 'tar -C "$1" --exclude="./var/cache/apt/archives/*.deb" -c . | podman import - "$2"', "sh", root,
              BASE])
    shutil.rmtree(root)


def write_records(test):
    """Papers whose abstracts do not compress: the store gets larger than the memory."""
    folder = test.path("records")
    os.mkdir(folder)
    os.chmod(test.folder, 0o755)
    with open(folder + "/papers.jsonl", "w", encoding="ascii") as file:
        for number in range(PAPERS):
            text = base64.b64encode(test.random.randbytes(1500)).decode()
            file.write(json.dumps({"type": "paper", "id": "local:p%d" % number, "title": "Paper %d" % number,
                                   "date": "2020", "abstract": text,
                                   "authors": [{"id": "local:a%d" % (number % 5000), "name": "A%d" % (number % 5000)}],
                                   "references": ["local:p%d" % (number // 2)]}) + "\n")
    os.chmod(folder, 0o755)
    os.chmod(folder + "/papers.jsonl", 0o644)
    return folder


def inspect(test, name, what):
    return podman(test, "inspect", "--format", "{{%s}}" % what, name).stdout.strip()


def ask(test, name, *arguments, key=None):
    more = ["-e", "HIRSCH_KEY=" + key] if key else []
    return podman(test, "exec", *more, name, "hirsch", *arguments).stdout


def wait_healthy(test, name):
    equal(ask(test, name, "health", "--wait", "60").strip(), "serving", "hirsch health inside")
    podman(test, "healthcheck", "run", name)


def look_at_process(test, name):
    process = inspect(test, name, ".State.Pid")
    with open("/proc/%s/status" % process, encoding="utf-8") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    equal(set(status["Uid"].split()), {str(UID)}, "user of the daemon")
    equal(status["NSpid"].split()[-1], "1", "number of the daemon inside")
    equal(inspect(test, name, ".HostConfig.ReadonlyRootfs"), "true", "read-only root")
    equal(inspect(test, name, ".HostConfig.Memory"), str(MEMORY), "memory limit")


def compose_options(service, volume):
    """What a service says, as options of podman run; a key that this does not know is a failure. Networks are left to the
    caller: one that every engine has is that of another container."""
    deploy = os.path.join(ROOT, "deploy")
    options = []
    for key, value in service.items():
        if key in ("image", "command", "depends_on", "restart"):
            continue
        if key == "volumes":
            for line in value:
                source, rest = line.split(":", 1)
                source = volume if source == "data" else os.path.normpath(os.path.join(deploy, source))
                options += ["-v", source + ":" + rest]
        elif key == "read_only":
            options += ["--read-only"] if value else []
        elif key == "cap_drop":
            options += [part for name in value for part in ("--cap-drop", name)]
        elif key == "security_opt":
            options += [part for name in value for part in ("--security-opt", name.replace(":true", ""))]
        elif key == "mem_limit":
            options += ["--memory", value]
        elif key == "stop_grace_period":
            options += ["--stop-timeout", value.rstrip("s")]
        elif key == "environment":
            options += [part for name, text in value.items() for part in ("-e", "%s=%s" % (name, text))]
        else:
            raise Failed("compose.yaml: %s is not known here" % key)
    return options


def compose(test):
    with open(os.path.join(ROOT, "deploy", "compose.yaml"), encoding="utf-8") as file:
        document = yaml.safe_load(file)
    services, volume, daemon = document["services"], "hirsch-test-%d" % os.getpid(), "hirsch-compose-%d" % os.getpid()
    equal(list(document["volumes"]), ["data"], "volumes")
    done, hosts = [], test.path("hosts")
    with open(hosts, "w", encoding="ascii") as file:
        file.write("127.0.0.1 localhost hirschd\n")
    podman(test, "volume", "create", volume)
    try:
        while len(done) < len(services):
            ready = [name for name in services if name not in done and set(services[name].get("depends_on", ())) <= set(done)]
            check(ready, "compose.yaml: nothing can start behind %s", done)
            name, service = ready[0], services[ready[0]]
            equal(service["image"], "hirsch", "image of %s" % name)
            for other, wait in service.get("depends_on", {}).items():
                if wait["condition"] == "service_healthy":
                    podman(test, "exec", daemon, "hirsch", "health", "--wait", "60")
                    podman(test, "healthcheck", "run", daemon)
                else:
                    equal(wait["condition"], "service_completed_successfully", "what %s waits for of %s" % (name, other))
            options, command = compose_options(service, volume), service.get("command", [])
            if not command:
                podman(test, "run", "-d", "--name", daemon, *LIMITS, "--network", "none", *options, IMAGE)
            else:
                network = ["--network", "container:" + daemon, "-v", hosts + ":/etc/hosts:ro"]
                out = podman(test, "run", "--rm", *LIMITS, *(network if "hirschd" in done else ["--network", "none"]), *options,
                             IMAGE, *command, expect=None)
                # 3: the load was late at times, on a machine that has other things to do.
                check(out.returncode in ((0, 3) if "bench" in command else (0,)), "%s: exit code %d: %s%s", name, out.returncode,
                      out.stdout, out.stderr)
            done.append(name)
        equal(done, ["import", "key", "hirschd", "bench"], "order of services")
        check("p99" in out.stdout and "failed" in out.stdout, "the load test says: %s", out.stdout)
        log = podman(test, "logs", daemon)
        check("0.0.0.0:7700" in log.stderr + log.stdout, "the daemon listens elsewhere: %s", log.stderr)
        podman(test, "stop", daemon)
        equal(inspect(test, daemon, ".State.ExitCode"), "0", "exit code of the daemon of compose.yaml")
        print("compose.yaml: %s" % ", ".join(done))
    finally:
        podman(test, "rm", "-f", "--ignore", daemon, expect=None)
        podman(test, "volume", "rm", "-f", volume, expect=None)


def body(test):
    name = "hirsch-test-%d" % os.getpid()
    make_base(test)
    start = time.monotonic()
    podman(test, "build", "--isolation", "chroot", "--format", "docker", "--pull=never", "-t", IMAGE, "-f",
           os.path.join(ROOT, "deploy", "Containerfile"), ROOT, timeout=BUILD_S)
    size = int(podman(test, "image", "inspect", "--format", "{{.Size}}", IMAGE).stdout)
    print("image: %.1f MB, built in %.0f s" % (size / 1e6, time.monotonic() - start), flush=True)
    check(size <= IMAGE_MOST, "the image has %d bytes", size)
    records = write_records(test)
    data = test.path("data")
    os.mkdir(data, 0o700)
    os.chown(data, UID, UID)
    common = [*LIMITS, "--read-only", "--memory", "256m", "-v", data + ":/var/lib/hirsch"]
    try:
        podman(test, "run", "--rm", *common, "--network", "none", "-v", records + ":/in:ro", IMAGE, "hirschd", "import",
               "--memory", "64MiB", "--quiet", "/in/papers.jsonl")
        shutil.rmtree(records)
        size = max(os.path.getsize(os.path.join(folder, file)) for folder, _, files in os.walk(data) for file in files
                   if file == "data.mdb")
        check(size > MEMORY, "the store has only %d bytes", size)
        podman(test, "run", "-d", "--name", name, *common, "--network", "none", IMAGE)
        wait_healthy(test, name)
        look_at_process(test, name)
        log = podman(test, "logs", name)
        check("127.0.0.1:7700" in log.stderr + log.stdout, "without keys it listens elsewhere: %s", log.stderr)
        podman(test, "stop", "--time", "30", name)
        key = podman(test, "run", "--rm", *common, "--network", "none", IMAGE, "hirschd", "key", "create", "test",
                     "--quiet").stdout.strip()
        podman(test, "start", name)
        wait_healthy(test, name)
        log = podman(test, "logs", name)
        check("0.0.0.0:7700" in log.stderr + log.stdout, "with a key it listens elsewhere: %s", log.stderr)
        refused = podman(test, "exec", name, "hirsch", "paper", "local:p77", expect=None)
        check(refused.returncode != 0 and "key" in refused.stderr, "served without a key: %s", refused.stderr)
        check(podman(test, "exec", name, "sh", "-c", "true", expect=None).returncode != 0, "there is a shell")
        first = json.loads(ask(test, name, "paper", "local:p77", "--json", key=key))
        load = podman(test, "run", "--rm", *LIMITS, "--read-only", "-e", "HIRSCH_KEY=" + key, "--network", "container:" + name, IMAGE,
                      "hirsch", "bench",
                      "--closed", "-c", "4", "--duration", "5s", "--warmup", "1s", "--json")
        result = json.loads(load.stdout)["result"]
        equal((result["errors"], result["wrong"], result["answered"] > 0), (0, 0, True), "the load test: %s" % load.stdout[:2000])
        ids = ask(test, name, "sample", "papers", "--count", "5000", key=key).split()
        check(len(ids) >= 1000, "sample gives %d ids", len(ids))
        podman(test, "kill", "--signal", "KILL", name)
        podman(test, "wait", name)
        podman(test, "start", name)
        wait_healthy(test, name)
        equal(json.loads(ask(test, name, "paper", "local:p77", "--json", key=key)), first, "answer after a kill")
        start = time.monotonic()
        podman(test, "stop", "--time", "30", name)
        took = time.monotonic() - start
        check(took < 25, "stopping took %.1f s", took)
        equal(inspect(test, name, ".State.ExitCode"), "0", "exit code after stop")
        equal(inspect(test, name, ".State.OOMKilled"), "false", "out of memory")
        print("store: %.0f MB under a limit of %.0f MB; stopped in %.1f s" % (size / 1e6, MEMORY / 1e6, took))
    finally:
        podman(test, "rm", "-f", "--ignore", name, expect=None)
    compose(test)


if __name__ == "__main__":
    if shutil.which("podman") is None or os.geteuid() != 0:
        skip("no container engine" + (" (podman runs as root here)" if shutil.which("podman") else ""))
    Test(__doc__).main(body)
