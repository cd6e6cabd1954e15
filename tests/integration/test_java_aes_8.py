# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The legacy policies of Java 8, beside java.security where crypto.policy is not set, judged by a copy of that Java."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_unit import CasUnit
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.java_home import read_java
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import javas

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def jre(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A copy of Java 8, which reads the policies of the folder that it lies in."""
    folder = tmp_path_factory.mktemp("java8")
    shutil.copytree(javas()["java8"].parents[1] / "jre", folder / "jre")
    source = str(HERE / "TicketLogger.java")
    subprocess.run(["javac", "--release", "8", "-Xlint:-options", "-d", str(folder), source], check=True)
    return folder / "jre"


def judged(jre: pathlib.Path) -> int:
    done = subprocess.run(
        [str(jre / "bin/java"), "-cp", str(jre.parent), "TicketLogger", "aes"],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.parametrize(
    ("policy", "legacy", "bits"),
    [
        ("unlimited", "", 256),
        ("limited", "", 128),
        ("", "", 256),
        ("", "limited", 128),
        ("", "unlimited", 256),
        ("unlimited", "limited", 256),
    ],
)
def test_the_limit_of_aes(policy: str, legacy: str, bits: int, jre: pathlib.Path) -> None:
    base = jre / "lib/security"
    lines = (base / "java.security").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("crypto.policy=")]
    (base / "java.security").write_text("".join([*kept, f"crypto.policy={policy}\n" if policy else ""]))
    for name in ("US_export_policy.jar", "local_policy.jar"):
        (base / name).unlink(missing_ok=True)
        if legacy:
            shutil.copy(base / "policy" / legacy / name, base / name)
    assert read_java(str(jre), CasUnit("cas.service")).aes == judged(jre) == bits
