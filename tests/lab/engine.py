# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The container engine: tried out by running a container, and set up so that it runs here."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import tarfile

from . import command, tools
from .failure import LabError
from .identity import ROLE_LABEL, digest, label_changes, label_options
from .podman import Podman
from .state import State, lock, write

# Podman's own limits are above what a machine without CAP_SYS_RESOURCE may set; Dovecot wants more than 4096 processes.
LIMITS = (("nofile", resource.RLIMIT_NOFILE, 20000), ("nproc", resource.RLIMIT_NPROC, 16384))

# What a failed start says -> what is missing here and how to get it. The first that is found counts.
REQUIREMENTS = (
    (
        "cgroups in hybrid mode not supported",
        "crun does not run with hybrid cgroups: install runc (apt-get install runc)",
    ),
    (
        "rlimit",
        "the limits of open files or processes cannot be set: raise them for this shell (ulimit -Hn, ulimit -Hu)",
    ),
    (
        "cgroup",
        (
            "the control groups are not writable here: run on a virtual machine, or in a container started with "
            "--privileged and its own cgroup namespace"
        ),
    ),
    (
        "iptables",
        (
            "packet filtering for the containers' network cannot be set up: install iptables and a kernel with "
            "nf_tables and NAT (modprobe nf_tables nft_chain_nat)"
        ),
    ),
    (
        "netavark",
        (
            "the containers' network cannot be made: it takes CAP_NET_ADMIN and the kernel modules bridge and veth "
            "(modprobe bridge veth)"
        ),
    ),
    (
        "overlay",
        "the kernel has no overlay file system for containers: load it (modprobe overlay) or install fuse-overlayfs",
    ),
    (
        "password is required",
        "sudo asks for a password and there is no terminal: run `sudo -v` first, or run as root",
    ),
    (
        "cannot set user namespace",
        (
            "this user has no right to make namespaces (CAP_SYS_ADMIN): run as root of a virtual machine, or in a "
            "container started with --privileged"
        ),
    ),
    (
        "operation not permitted",
        (
            "this machine forbids making namespaces and mounts (CAP_SYS_ADMIN): run on a virtual machine, or in a "
            "container that was started with --privileged"
        ),
    ),
)


def requirement(stderr: str) -> str:
    """What is missing according to the words of a failed start, in one sentence."""
    words = stderr.lower()
    for symptom, sentence in REQUIREMENTS:
        if symptom in words:
            return f"{sentence} (podman says: {command.last_words(stderr)})"
    return "podman does not start a container here: " + command.last_words(stderr)


def settings(runtime: str, nofile: int, nproc: int) -> str:
    """A containers.conf for the lab alone."""
    return (
        f'[engine]\nruntime = "{runtime}"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        '[network]\nnetwork_backend = "netavark"\n'
        f'[containers]\ndefault_ulimits = ["nofile={nofile}:{nofile}", "nproc={nproc}:{nproc}"]\n'
        'log_driver = "k8s-file"\n'
    )


def prepare(state: State) -> Podman:
    """A podman that runs containers with a network here; installs what is missing, and says what cannot be had.

    The result of the trial is kept until the machine, the kernel or the programs change.
    """
    command.become_able()
    folder = state.top / "engine"
    podman = Podman(folder / "containers.conf")
    if not _settled(podman):
        with lock(folder / "lock"):
            packages = tools.missing()
            if packages:
                tools.install(packages, state.top / "logs" / "install.log")
            if not _settled(podman):
                _settle(state, podman)
    return podman


def _settled(podman: Podman) -> bool:
    """Whether the trial was made on this machine as it is now."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        verdict = json.loads(_verdict(podman).read_text())
        return podman.settings.exists() and not tools.missing() and verdict["fingerprint"] == _fingerprint()
    return False


def _verdict(podman: Podman) -> pathlib.Path:
    return podman.settings.with_name("verdict.json")


def _settle(state: State, podman: Podman) -> None:
    """Finds the settings with which a container runs, and keeps them with a fingerprint of the machine."""
    complaints = ["neither runc nor crun is here"]
    for runtime in ("runc", "crun"):
        if shutil.which(runtime, path=tools.FOLDERS):
            write(podman.settings, settings(runtime, *(_limit(*limit) for limit in LIMITS)))
            complaint = _try(state, podman)
            if not complaint:
                write(_verdict(podman), json.dumps({"fingerprint": _fingerprint(), "runtime": runtime}) + "\n")
                return
            complaints.append(complaint)
    raise LabError("containers cannot run on this machine: " + requirement((complaints[1:] or complaints)[0]))


def _limit(_name: str, kind: int, wanted: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _fingerprint() -> str:
    """Changes with the machine's boot, the kernel and the programs that the trial used."""
    facts = [platform.release(), str(os.geteuid()), pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()]
    for program in ("podman", "runc", "crun", "conmon"):
        path = shutil.which(program, path=tools.FOLDERS)
        facts.append(f"{path} {pathlib.Path(path).stat().st_mtime_ns}" if path else "")
    return digest(*facts)


def _try(state: State, podman: Podman) -> str:
    """Runs /bin/true in a container on a network of its own; gives podman's complaint, or nothing."""
    lab = state.lab
    image = f"{lab.repository}/probe:latest"
    name = f"{lab.prefix}-probe-{os.getpid()}"
    labels = label_options({**lab.labels, ROLE_LABEL: "probe"})
    kept = label_changes({**lab.checkout_labels, ROLE_LABEL: "probe"})
    argv = podman.argv("import", "-q", *kept, "-", image)
    done = subprocess.run(argv, input=_tiny_tree(), capture_output=True, check=False)
    if done.returncode:
        return done.stderr.decode(errors="replace")
    try:
        trial = podman.attempt("network", "create", "--disable-dns", *labels, name)
        if trial.returncode == 0:
            trial = podman.attempt("run", "--rm", "--name", name, *labels, "--network", name, image, "/bin/true")
    finally:
        podman.attempt("rm", "-f", "-i", "-t", "0", name)
        podman.attempt("network", "rm", "-f", name)
        podman.attempt("rmi", "-f", image)
    return (trial.stderr or "no output") if trial.returncode else ""


def _tiny_tree() -> bytes:
    """A tar with /bin/true and the libraries that it is linked with."""
    libraries = command.run(["ldd", "/bin/true"], "looking up the libraries of /bin/true").split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as tar:
        for path in ["/bin/true", *(word for word in libraries if word.startswith("/"))]:
            tar.add(path)
    return buffer.getvalue()
