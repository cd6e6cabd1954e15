# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every JDK that is here judges how we read login configurations, and what we write into them (needs the toolbox)."""

from __future__ import annotations

import os
import pathlib
import random
import subprocess
from typing import Iterable, Sequence, Union

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config import (
    Entry,
    JaasRefusal,
    LoginModule,
    entries,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.jaas_config_plan import entries_from, plan
from ansible_collections.mailrealm.kerberos.tests.integration import jaas_samples
from ansible_collections.mailrealm.kerberos.tests.integration.enctype_parties import HERE, javas, run

REFUSED = "refused"
Read = Union[dict[str, Entry], str]
JAVAS = javas()
COUNT = 500
HEAD = "x {\n com.sun.security.auth.module.Krb5LoginModule required"
# What the documents of CAS show, and what people make of it.
BY_HAND = {
    "continued by a backslash": f"{HEAD} storeKey=true \\\n useKeyTab=true;\n}};\n",
    "in one line": f'{HEAD} storeKey=true useKeyTab=true keyTab="/srv/cas/a.keytab";\n}};\n',
    "over lines": f"{HEAD}\n storeKey=true\n useKeyTab=true;\n}};\n",
    "a comment by #": f"# ours\n{HEAD};\n}};\n",
    "a path without quotes": f"{HEAD} keyTab=/srv/cas/a.keytab;\n}};\n",
    "a principal without quotes": f"{HEAD} principal=HTTP/a@B;\n}};\n",
    "a principal without quotes and slash": f"{HEAD} principal=a@B storeKey=true;\n}};\n",
    "a number without quotes": f"{HEAD} timeout=10;\n}};\n",
    "single quotes": f"{HEAD} keyTab='/a';\n}};\n",
    "no semicolon at the end": f"{HEAD} storeKey=true;\n}}\n",
    "no semicolon behind the options": f"{HEAD} storeKey=true\n}};\n",
    "not closed": f"{HEAD} storeKey=true;\n",
    "twice": f"{HEAD};\n}};\n{HEAD};\n}};\n",
    "no such flag": f"{HEAD[:-8]}must;\n}};\n",
}
READ_BY_HAND = {"in one line", "over lines"}


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("classes")
    run("javac", "--release", "8", "-Xlint:-options", "-d", folder, HERE / "JaasReader.java", environment=os.environ)
    return folder


@pytest.fixture(params=JAVAS)
def java(request: pytest.FixtureRequest) -> pathlib.Path:
    return JAVAS[request.param]


def jdk_reads(
    java: pathlib.Path,
    classes: pathlib.Path,
    files: Iterable[tuple[pathlib.Path, Sequence[str]]],
    *arguments: str,
) -> list[Read]:
    """What the JDK finds under these names in each file."""
    jobs = [" ".join((str(path), *(":" + name.encode().hex() for name in names))) for path, names in files]
    done = subprocess.run(
        (java, "-XX:TieredStopAtLevel=1", "-cp", classes, "JaasReader", *arguments),
        input="".join(f"{job}\n" for job in jobs),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = done.stdout.splitlines()
    assert len(answers) == len(jobs)
    return [_answer(line.split(" ")) for line in answers]


def _answer(words: list[str]) -> Read:
    if words[0] == REFUSED:
        return REFUSED
    found: dict[str, list[LoginModule]] = {}
    for word in words[1:]:
        kind, text = word[0], bytes.fromhex(word[1:]).decode()
        if kind == ":":
            modules = found[text] = []
        elif kind == "c":
            modules.append(LoginModule(text, "", {}))
        elif kind == "f":
            modules[-1] = LoginModule(modules[-1].name, text.rpartition(" ")[2], {})
        elif kind == "k":
            key = text
        else:
            modules[-1].options[key] = text
    return {name: Entry(name, tuple(modules)) for name, modules in found.items()}


def we_read(text: str) -> Read:
    """What the JDK can find: an entry without modules is none to it."""
    try:
        found = [entry.meaning for entry in entries(text)]
    except JaasRefusal:
        return REFUSED
    return {entry.name: entry for entry in found if entry.modules}


def without_a_name(text: str) -> bool:
    """Whether we refuse an entry for its name: the JDK takes any sign for one, and finds the entry by none."""
    with pytest.raises(JaasRefusal) as refused:
        entries(text)
    return "an entry's name is expected" in str(refused.value)


def written(folder: pathlib.Path, contents: Iterable[bytes]) -> list[tuple[pathlib.Path, Sequence[str]]]:
    """The contents as files, each with the names that may stand in it: the samples' own, and those that we find."""
    files = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.conf"
        path.write_bytes(content)
        ours = we_read(content.decode())
        files.append((path, sorted({*jaas_samples.NAMES, *(ours if isinstance(ours, dict) else ())})))
    return files


def test_samples_in_order_are_read_alike(java: pathlib.Path, classes: pathlib.Path, tmp_path: pathlib.Path) -> None:
    draw = random.Random(jaas_samples.SEED)
    texts = [jaas_samples.good(draw) for _number in range(COUNT)]
    jdk = jdk_reads(java, classes, written(tmp_path, (text.encode() for text in texts)), "raw")
    assert [(text, found) for text, found in zip(texts, jdk) if found != we_read(text)] == []
    assert sum(found != REFUSED for found in jdk) > COUNT / 2


def test_damaged_samples_are_read_alike(java: pathlib.Path, classes: pathlib.Path, tmp_path: pathlib.Path) -> None:
    draw = random.Random(jaas_samples.SEED + 1)
    texts = [jaas_samples.bad(draw) for _number in range(2 * COUNT)]
    jdk = jdk_reads(java, classes, written(tmp_path, (text.encode() for text in texts)), "raw")
    different = [(text, found) for text, found in zip(texts, jdk) if found != we_read(text)]
    assert [one for one in different if not without_a_name(one[0])] == []
    assert min(jdk.count(REFUSED), len(jdk) - jdk.count(REFUSED)) > COUNT / 4


def test_what_is_written_reads_back_as_asked(java: pathlib.Path, classes: pathlib.Path, tmp_path: pathlib.Path) -> None:
    draw = random.Random(jaas_samples.SEED + 2)
    contents, expected = [], []
    for _number in range(COUNT):
        text = jaas_samples.good(draw)
        (wanted,) = entries_from([jaas_samples.wish(draw)])
        absent = draw.choice([name for name in jaas_samples.NAMES if name != wanted.name])
        try:
            content = plan("login.conf", text.encode(), [wanted], [absent]).content
        except JaasRefusal:
            continue
        contents.append(content)
        before = we_read(text)
        expected.append({**{name: before[name] for name in before if name != absent}, wanted.name: wanted})
    jdk = jdk_reads(java, classes, written(tmp_path, contents), "raw")
    assert [found for found in zip(contents, jdk, expected) if found[1] != found[2]] == []
    assert len(jdk) > COUNT / 2


def test_what_people_write(java: pathlib.Path, classes: pathlib.Path, tmp_path: pathlib.Path) -> None:
    jdk = jdk_reads(java, classes, written(tmp_path, (text.encode() for text in BY_HAND.values())), "raw")
    assert jdk == [we_read(text) for text in BY_HAND.values()]
    assert {name for name, found in zip(BY_HAND, jdk) if found != REFUSED} == READ_BY_HAND


def test_properties_are_the_virtual_machine_s(
    java: pathlib.Path, classes: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Why they are kept as they are, and why `${` without an end is refused in a wish."""
    given = [{"name": "x", "modules": [{"class": "a.B", "flag": "required", "options": {"k": "${/}etc${/}x"}}]}]
    content = plan("login.conf", None, entries_from(given), []).content
    kept, empty = content, content.replace(b"${/}etc", b"${}etc")
    assert jdk_reads(java, classes, written(tmp_path, (kept, empty))) == [
        {"x": Entry("x", (LoginModule("a.B", "required", {"k": "/etc/x"}),))},
        REFUSED,
    ]
