#!/usr/bin/env python3
"""What kustomize makes of deploy/kubernetes, read by a policy: restricted pods, probes, limits, no token, one replica, and
only jobs and options that hirschd has."""
import os
import shutil
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from harness import ROOT, Test, check, equal  # noqa: E402


def check_command(test, command):
    equal(command[0], "hirschd", "program of a container")
    known = test.run([test.hirschd, "help", command[1]]).out
    for option in (word for word in command[2:] if word.startswith("--")):
        check("\n  %s" % option in known, "hirschd %s has no option %s", command[1], option)


def check_pod(test, spec, what):
    equal(spec["automountServiceAccountToken"], False, what + ": token")
    security = spec["securityContext"]
    check(security["runAsNonRoot"] is True and security["runAsUser"] >= 10000, "%s: user %s", what, security)
    equal(security["seccompProfile"], {"type": "RuntimeDefault"}, what + ": seccomp")
    check(not any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")), "%s: uses the host's names", what)
    for volume in spec.get("volumes", []):
        check("hostPath" not in volume, "%s: a path of the host", what)
    containers = spec.get("initContainers", []) + spec["containers"]
    for container in containers:
        name = what + ", container " + container["name"]
        equal(container["securityContext"], {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                             "capabilities": {"drop": ["ALL"]}}, name)
        check(container["resources"]["requests"]["memory"] and container["resources"]["limits"]["memory"], name)
        check(":" in container["image"] and not container["image"].endswith(":latest"), "%s: image %s", name,
              container["image"])
        check_command(test, container["command"])
    return containers


def body(test):
    check(shutil.which("kubectl"), "kubectl is missing; run deploy/install-deps")
    text = test.run(["kubectl", "kustomize", os.path.join(ROOT, "deploy", "kubernetes")],
                    env={**os.environ, "HOME": test.folder}).out
    objects = {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(text)}
    for (kind, name), item in objects.items():
        check(kind == "Namespace" or item["metadata"]["namespace"] == "hirsch", "%s %s has no namespace", kind, name)
    equal(objects["Namespace", "hirsch"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted",
          "pod security")
    daemon = objects["StatefulSet", "hirsch"]["spec"]
    equal(daemon["replicas"], 1, "replicas")
    equal(objects["ServiceAccount", "hirsch"]["automountServiceAccountToken"], False, "token of the account")
    (container,) = check_pod(test, daemon["template"]["spec"], "StatefulSet")
    # auto would be loopback if the pod started between import and key, and stay so.
    command = container["command"]
    equal(command[command.index("--listen") + 1], "tcp://0.0.0.0:7700", "address of the StatefulSet")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        check(container[probe]["httpGet"]["port"] == "http", probe)
    # A full map ends puts; a pod that is taken out of the service for it would end reads too.
    equal(container["readinessProbe"]["httpGet"]["path"], "/readyz?reads", "readiness")
    labels = daemon["template"]["metadata"]["labels"]
    equal(daemon["selector"]["matchLabels"], labels, "selector of the StatefulSet")
    for name in ("hirsch", "hirsch-pods"):
        equal(objects["Service", name]["spec"]["selector"], labels, "selector of " + name)
    equal(objects["Service", "hirsch-pods"]["spec"]["clusterIP"], "None", "headless service")
    equal(daemon["serviceName"], "hirsch-pods", "service of the StatefulSet")
    equal(daemon["volumeClaimTemplates"][0]["metadata"]["name"], "data", "claim")
    job = objects["Job", "hirsch-import"]["spec"]["template"]
    containers = check_pod(test, job["spec"], "Job")
    equal([container["command"][1] for container in containers], ["import", "key"], "what the job runs")
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in job["spec"]["volumes"]
              if "persistentVolumeClaim" in volume]
    equal(claims, ["data-hirsch-0"], "claim of the job")
    equal(objects["PodDisruptionBudget", "hirsch"]["spec"]["selector"]["matchLabels"], labels, "disruption budget")
    policy = objects["NetworkPolicy", "hirsch"]["spec"]
    equal((policy["policyTypes"], policy.get("egress") or []), (["Ingress", "Egress"], []), "network policy")
    for pod in (labels, job["metadata"]["labels"]):
        check(policy["podSelector"]["matchLabels"].items() <= pod.items(), "the network policy misses %s", pod)
    print("%d objects" % len(objects))


if __name__ == "__main__":
    Test(__doc__).main(body)
