# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in use is told from what an interrupted run left."""

from __future__ import annotations

import ipaddress
import os
import subprocess

import pytest
from lab import leftovers
from lab.identity import INSTANCE_LABEL, OWNER_LABEL, ROLE_LABEL, SPEC_LABEL, Lab
from lab.podman import Container, Image, Network

LAB = Lab("/srv/one/kerberos")
WANTED = {"p-kdc1": "1111", "p-mx1": "2222"}


def container(name, state="running", **labels):
    return Container(name, state, {**LAB.labels, **labels})


def host(name, spec, state="running"):
    return container(name, state, **{SPEC_LABEL: spec, ROLE_LABEL: "host"})


def stale(*containers, alive=lambda dummy: False):
    return leftovers.stale(containers, WANTED, alive)


def test_what_runs_as_described_stays():
    assert stale(host("p-kdc1", "1111"), host("p-mx1", "2222")) == []


@pytest.mark.parametrize("state", ["exited", "created", "paused", "stopping", "unknown"])
def test_a_host_that_does_not_run_goes(state):
    assert stale(host("p-kdc1", "1111", state)) == ["p-kdc1"]


def test_a_host_of_another_description_goes():
    assert stale(host("p-kdc1", "2222"), container("p-mx1")) == ["p-kdc1", "p-mx1"]


def test_a_container_that_is_not_wanted_goes():
    assert stale(host("p-old", "1111"), container("p-probe-7", **{ROLE_LABEL: "probe"})) == ["p-old", "p-probe-7"]


def test_a_toolbox_stays_as_long_as_its_caller_lives():
    box = container("p-toolbox-7", **{OWNER_LABEL: "7:1"})
    assert stale(box, alive=lambda owner: owner == "7:1") == []
    assert stale(box) == ["p-toolbox-7"]


def test_this_process_lives_and_an_ended_one_does_not():
    assert leftovers.process_lives(leftovers.this_process())
    ended = subprocess.Popen(["true"])
    owner = f"{ended.pid}:{leftovers._started(ended.pid)}"
    ended.wait()
    assert not leftovers.process_lives(owner)


def test_a_process_with_a_used_again_id_is_another_one():
    assert not leftovers.process_lives(f"{os.getpid()}:1")
    assert not leftovers.process_lives("")


def image(identifier, *names, **labels):
    return Image(identifier, names, {**LAB.checkout_labels, **labels})


def test_images_without_a_name_and_of_an_older_content_are_outdated():
    current = {"r/host12:new"}
    images = [image("a", "r/host12:new"), image("b", "r/host12:old"), image("c")]
    assert leftovers.outdated(images, current) == ["b", "c"]


def test_a_snapshot_is_not_outdated():
    assert leftovers.outdated([image("a", "r/lab-kdc1:s", **{INSTANCE_LABEL: "lab"})], set()) == []


def network(name, labels):
    return Network(name, (ipaddress.IPv4Network("10.96.7.0/24"),), labels)


def test_only_the_labs_own_networks_are_cleared():
    other = Lab(LAB.checkout, "fidelity")
    networks = [
        network("podman", {}),
        network("mine", LAB.labels),
        network("trial", LAB.labels),
        network("neighbour", other.labels),
        network("stranger", Lab("/srv/other/kerberos").labels),
    ]
    assert leftovers.foreign_to(networks, LAB.labels, "mine") == ["trial"]
    assert leftovers.foreign_to(networks, LAB.checkout_labels, "") == ["mine", "trial", "neighbour"]
