"""The Kubernetes manifests run the image's processes, hardened, and probe /healthz."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from config import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for file in sorted(FOLDER.glob("*.yaml"))
    for manifest in yaml.safe_load_all(file.read_text())
]
WORKLOADS = [each for each in MANIFESTS if each["kind"] in ("Deployment", "Job")]


def name_of(manifest: dict[str, Any]) -> str:
    return str(manifest["metadata"]["name"])


def test_everything_that_is_needed_is_there() -> None:
    found = {(each["kind"], name_of(each)) for each in MANIFESTS}
    assert found == {
        ("Deployment", "helpline-web"),
        ("Deployment", "helpline-worker"),
        ("Job", "helpline-migrate"),
        ("PersistentVolumeClaim", "helpline-worker"),
        ("PodDisruptionBudget", "helpline-web"),
        ("Service", "helpline"),
    }
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    assert all(f"deploy/kubernetes/{file.name}" in page for file in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("workload", WORKLOADS, ids=name_of)
def test_a_pod_is_unprivileged_and_can_write_its_volumes_only(workload: dict[str, Any]) -> None:
    pod = workload["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"] == [container["name"]]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {each["name"] for each in container["volumeMounts"]} == {
        each["name"] for each in pod["volumes"]
    }
    assert {each["mountPath"] for each in container["volumeMounts"]} == {
        "/var/lib/helpline",
        "/var/cache/helpline",
        "/tmp",
    }


def test_the_web_survives_maintenance_and_is_asked_what_needs_no_database() -> None:
    by_kind = {(each["kind"], name_of(each)): each for each in MANIFESTS}
    web = by_kind["Deployment", "helpline-web"]["spec"]
    labels = web["template"]["metadata"]["labels"]
    assert web["replicas"] == 2
    assert web["selector"]["matchLabels"] == labels
    assert by_kind["Service", "helpline"]["spec"]["selector"] == labels
    budget = by_kind["PodDisruptionBudget", "helpline-web"]["spec"]
    assert (budget["minAvailable"], budget["selector"]["matchLabels"]) == (1, labels)
    (container,) = web["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] == "/healthz"
