# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the JDKs make of krb5.conf, login.conf and use-subject-creds-only, by the calls by which CAS accepts a token.

Each row is a new virtual machine: the JDK reads its configuration once. The last test prints the table.
"""

from __future__ import annotations

import platform
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.cas_acceptor import Stage, accept, running_stage
from ansible_collections.mailrealm.kerberos.tests.integration.cas_java_rows import ROWS, Attempt, Things, guide
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import HERE, javas

EVERY = sorted(javas(), key=lambda name: int(name.removeprefix("java")))
JAVAS = list(dict.fromkeys((EVERY[0], EVERY[-1]))) if EVERY else []  # the oldest and the newest that is here


GUIDE = HERE.parents[1] / "docs" / "cas-versions.md"


def measure(stage: Stage, attempt: Attempt, name: str, java: str) -> str:
    """The user's name, or Java's words."""
    properties = {
        "java.security.krb5.conf": stage.krb5_conf(f"{name}-{java}", *attempt.libdefaults, kdc=attempt.kdc),
        "javax.security.auth.useSubjectCredsOnly": "true" if attempt.flag else "false",
        "jcifs.spnego.servicePrincipal": attempt.service,
        **({"java.security.auth.login.config": attempt.login} if attempt.login else {}),
        **attempt.properties,
    }
    tokens = [stage.token(one, attempt.mechanisms) for one in attempt.tokens or (attempt.service,)]
    return accept(javas()[java], stage, properties, tokens)[-1]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], str]]:
    with running_stage(tmp_path_factory.mktemp("cas")) as stage:
        things = Things(stage)
        attempts = {row: things.attempt(row) for row in ROWS}
        pairs = [(row, java) for row in ROWS for java in JAVAS]
        with ThreadPoolExecutor(2) as pool:
            told = pool.map(
                lambda pair: measure(stage, attempts[pair[0]], str(list(ROWS).index(pair[0])), pair[1]), pairs
            )
            yield dict(zip(pairs, told))


@pytest.mark.parametrize("row", ROWS)
def test_row(measured: dict[tuple[str, str], str], row: str) -> None:
    expected = ROWS[row][1]
    for java in JAVAS:
        assert re.search(expected, measured[row, java]), f"{java}: {measured[row, java]}"


def test_the_javas_are_those_that_the_toolbox_should_have() -> None:
    release = platform.freedesktop_os_release()["VERSION_ID"]
    assert {"12": ["java17"], "13": ["java8", "java25"]}[release] == JAVAS


def test_the_table_is_printed(measured: dict[tuple[str, str], str], capsys: pytest.CaptureFixture[str]) -> None:
    """For the log of the run: what was measured, and on which Java."""
    width = max(map(len, ROWS))
    lines = [f"{row:<{width}} | {java:<6} | {measured[row, java]}" for row in ROWS for java in JAVAS]
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert len(lines) == len(ROWS) * len(JAVAS)


def test_the_guide_has_the_table() -> None:
    assert guide() in GUIDE.read_text(encoding="utf-8")
