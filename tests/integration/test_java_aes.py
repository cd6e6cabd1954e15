# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Java's files say about AES, judged by what the same Java says itself, with policies of several kinds."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil
import subprocess
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_unit import CasUnit
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.java_home import read_java
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import javas

HERE = pathlib.Path(__file__).resolve().parent
UNIT = CasUnit("cas.service")
JAVAS = {name: program.parents[1] for name, program in sorted(javas().items())}
PROPERTY = re.compile(r"^crypto\.policy=.*$", re.MULTILINE)
POLICIES = {
    "as it comes": None,
    "unlimited": "crypto.policy=unlimited",
    "limited": "crypto.policy=limited",
    "not set": "#",
}


@dataclasses.dataclass(frozen=True)
class Judge:
    """The JDKs' own limit; TicketLogger.java prints it."""

    classes: pathlib.Path

    def bits(self, java: pathlib.Path, security: pathlib.Path | None = None) -> int:
        properties = [f"-Djava.security.properties=={security}"] if security else []
        command = [str(java), *properties, "-cp", str(self.classes), "TicketLogger", "aes"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout)

    def version(self, java: pathlib.Path) -> str:
        """The version without the word for an early access build, which the file `release` leaves out."""
        command = [str(java), "-XshowSettings:properties", "-version"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        (found,) = re.findall(r"^\s*java\.version = (\S+)", done.stderr, re.MULTILINE)
        return str(found).removesuffix("-ea")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    classes = tmp_path_factory.mktemp("classes")
    source = str(HERE / "TicketLogger.java")
    subprocess.run(["javac", "--release", "8", "-Xlint:-options", "-d", str(classes), source], check=True)
    yield Judge(classes)


def tree(home: pathlib.Path, folder: pathlib.Path, line: str | None) -> tuple[pathlib.Path, pathlib.Path]:
    """A tree of links to a Java's files with a java.security of its own, and that file."""
    base = "conf/security" if (home / "conf").exists() else "jre/lib/security"
    (folder / base).mkdir(parents=True)
    for part in pathlib.Path(base).parents:
        for one in (home / part).iterdir():
            if not (folder / part / one.name).exists():
                (folder / part / one.name).symlink_to(one)
    (folder / base / "policy").symlink_to(home / base / "policy")
    text = (home / base / "java.security").read_text()
    assert PROPERTY.search(text)
    security = folder / base / "java.security"
    security.write_text(PROPERTY.sub(line, text) if line else text)
    return folder, security


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", JAVAS)
def test_the_limit_of_aes(name: str, policy: str, judge: Judge, tmp_path: pathlib.Path) -> None:
    home = JAVAS[name]
    copied, security = tree(home, tmp_path / "java", POLICIES[policy])
    found = read_java(str(copied), UNIT)
    assert found.aes == judge.bits(home / "bin/java", security)
    assert found.aes == (128 if policy == "limited" else 256)


@pytest.mark.parametrize("name", JAVAS)
def test_version_and_limit_of_the_java_itself(name: str, judge: Judge) -> None:
    home = JAVAS[name]
    found = read_java(str(home), UNIT)
    assert found.version == judge.version(home / "bin/java")
    assert f"java{found.major}" == name
    assert found.aes == judge.bits(home / "bin/java")
    started = CasUnit("cas.service", True, arguments=(str(home / "bin/java"), "-jar", "/etc/cas/cas.war"))
    by_unit = read_java("", started)
    assert (by_unit.version, by_unit.source) == (found.version, "unit")


def test_own_policies_of_several_files(judge: Judge, tmp_path: pathlib.Path) -> None:
    """A folder of policies that a site made: what all of them allow. Java reads such a one in its own tree only."""
    name, home = next((name, home) for name, home in JAVAS.items() if (home / "conf").exists())
    own = home.resolve() / "conf/security/policy/own"
    own.mkdir()
    try:
        shutil.copy(home / "conf/security/policy/unlimited/default_local.policy", own / "default_all.policy")
        for bits in ("192", "*"):
            grant = f'grant {{ permission javax.crypto.CryptoPermission "AES", {bits}; }};\n'
            (own / "default_own.policy").write_text(grant)
            copied, security = tree(home, tmp_path / f"java-{len(bits)}", "crypto.policy=own")
            found = read_java(str(copied), UNIT).aes
            assert found == judge.bits(home / "bin/java", security) == (256 if bits == "*" else 192), name
    finally:
        shutil.rmtree(own)
