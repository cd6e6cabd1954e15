# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dns_identity_info on a stage of invented names; libkrb5 judges the principals."""

from __future__ import annotations

import itertools
import pathlib
import subprocess
from typing import Any, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.name_stage import PYTHON, interpreter
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

LOCAL = "127.0.0.1 localhost\n::1 localhost\n"
GOOD = {
    "mx1.example.test A": ["192.0.2.10"],
    "10.2.0.192.in-addr.arpa PTR": ["mx1.example.test."],
    "mail.example.test A": ["192.0.2.10"],
    "smtp.example.test CNAME": ["mx1.example.test"],
    "_kerberos._udp.example.test SRV": ["0 0 88 kdc1.example.test."],
}
NO_PTR = {name: data for name, data in GOOD.items() if "PTR" not in name}
WRONG_PTR = {**GOOD, "10.2.0.192.in-addr.arpa PTR": ["pool-10.isp.test."]}
KRB5_CONF = "[libdefaults]\ndefault_realm = EXAMPLE.TEST\n"
# Asks libkrb5 for the principals that clients of a service on some hosts need.
SNAMES = """
import ctypes, sys
library = ctypes.CDLL("libkrb5.so.3")
context, principal, text = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_char_p()
assert not library.krb5_init_context(ctypes.byref(context))
for host in sys.argv[1:]:
    assert not library.krb5_sname_to_principal(context, host.encode(), b"smtp", 3, ctypes.byref(principal))
    assert not library.krb5_unparse_name(context, principal, ctypes.byref(text))
    print(text.value.decode())
"""
HOST = {"host": "mx1.example.test"}


def task(python: str, conf: pathlib.Path, krb5: str = "", **options: Any) -> dict[str, Any]:
    """A task on the stage of ``python``."""
    conf.write_text(KRB5_CONF + krb5)
    return {
        "mailrealm.kerberos.dns_identity_info": {**HOST, "krb5_conf": str(conf), **options},
        "vars": {"ansible_python_interpreter": python},
    }


def look(folder: pathlib.Path, tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks' results."""
    step, output = play(tasks, folder)
    assert not step.failed, output
    assert not step.changed
    return [result.data for result in step.results]


def what(result: dict[str, Any]) -> list[str]:
    return [problem["what"] for problem in result["problems"]]


def test_good_names(tmp_path: pathlib.Path) -> None:
    python = interpreter(tmp_path, LOCAL, GOOD)
    aliases = ["mail.example.test", "smtp.example.test"]
    (result,) = look(tmp_path, [task(python, tmp_path / "conf", aliases=aliases, services=["smtp", "imap"])])
    assert result["problems"] == result["sentences"] == []
    assert result["host"]["addresses"] == ["192.0.2.10"]
    assert result["reverse"] == {"192.0.2.10": "mx1.example.test"}
    assert result["dns"]["records"]["_kerberos._udp.example.test"] == ["0 0 88 kdc1.example.test"]
    assert result["naming"] == {"dns_canonicalize_hostname": "true", "rdns": True}
    principals = {(one["name"], one["service"]): one for one in result["principals"]}
    assert len(principals) == 6
    assert principals["mail.example.test", "smtp"] == {
        "name": "mail.example.test",
        "service": "smtp",
        "mit": "smtp/mx1.example.test@EXAMPLE.TEST",
        "heimdal": "smtp/mail.example.test@EXAMPLE.TEST",
        "java": "smtp/mail.example.test@EXAMPLE.TEST",
        "windows": "smtp/mail.example.test@EXAMPLE.TEST",
    }


BAD: dict[str, tuple[str, dict[str, list[str]], dict[str, Any], list[str]]] = {
    "the installer's line": (
        LOCAL + "127.0.1.1 mx1.example.test mx1\n",
        GOOD,
        {},
        ["mx1.example.test stands on 127.0.1.1, so this host finds itself under an address that no other host uses"],
    ),
    "DNS itself says loopback": (
        LOCAL,
        {**GOOD, "mx1.example.test A": ["127.0.0.2"]},
        {},
        ["mx1.example.test resolves to 127.0.0.2, where no other host finds it"],
    ),
    "no PTR record": (LOCAL, NO_PTR, {}, ["192.0.2.10 has no PTR record; with rdns = true in this host's krb5.conf, "]),
    "a PTR record of the provider": (
        LOCAL,
        WRONG_PTR,
        {},
        ["the PTR record of 192.0.2.10 is pool-10.isp.test, not mx1.example.test; with rdns = true"],
    ),
    "a PTR record that /etc/hosts hides": (
        LOCAL + "192.0.2.10 mx1.example.test mx1\n",
        WRONG_PTR,
        {"krb5": "rdns = false\n"},
        ["the PTR record of 192.0.2.10 is pool-10.isp.test, not mx1.example.test; this host's krb5.conf does not ask"],
    ),
    "no address": (LOCAL, {}, {}, ["mx1.example.test has no address ("]),
    "an alias without address": (
        LOCAL,
        GOOD,
        {"aliases": ["imap.example.test"]},
        ["the alias imap.example.test has no address ("],
    ),
    "the short name first": (
        LOCAL + "192.0.2.10 mx1 mx1.example.test\n",
        GOOD,
        {},
        ["192.0.2.10 is called mx1 before mx1.example.test"],
    ),
    "a CNAME": (
        LOCAL,
        GOOD,
        {"host": "smtp.example.test", "expect": ["canonical"]},
        ["the canonical name of smtp.example.test is mx1.example.test; with dns_canonicalize_hostname = true, "],
    ),
    "a short name": (
        LOCAL,
        {"mx1 A": ["192.0.2.10"]},
        {"host": "mx1", "expect": ["canonical"]},
        ["mx1 is not a fully qualified name"],
    ),
    "not expected": (LOCAL, WRONG_PTR, {"expect": ["forward", "hosts_file"]}, []),
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The results of all bad cases, each on its own stage, by one ansible-playbook."""
    folder = tmp_path_factory.mktemp("bad")
    tasks = []
    for number, (hosts, records, options, dummy) in enumerate(BAD.values()):
        python = interpreter(folder / str(number), hosts, records)
        tasks.append(task(python, folder / f"{number}.conf", **options))
    return dict(zip(BAD, look(folder, tasks)))


@pytest.mark.parametrize("case", BAD)
def test_problem(case: str, bad: dict[str, dict[str, Any]]) -> None:
    result, sentences = bad[case], BAD[case][3]
    found = what(result)
    assert len(found) == len(sentences), found
    for problem, sentence in zip(found, sentences):
        assert problem.startswith(sentence)
    assert all(problem["where"] and problem["remedy"] for problem in result["problems"])
    assert [one.endswith(".") for one in result["sentences"]] == [True] * len(sentences)


def test_check_mode_sees_what_hosts_file_will_bring(tmp_path: pathlib.Path) -> None:
    """A blank Debian host: check mode ends with the same findings as the run that follows."""
    entries = [{"address": "192.0.2.10", "names": ["mx1.example.test", "mx1"]}]
    python = interpreter(tmp_path, LOCAL + "127.0.1.1 mx1.example.test mx1\n", GOOD)
    hosts = tmp_path / "stage" / "hosts"
    options = {**HOST, "hosts_entries": entries, "hosts_file": str(hosts), "krb5_conf": str(tmp_path / "none")}
    tasks = [
        {"mailrealm.kerberos.hosts_file": {"path": str(hosts), "entries": entries}},
        {
            "mailrealm.kerberos.dns_identity_info": options,
            "vars": {"ansible_python_interpreter": python},
        },
    ]
    steps = climb(tasks, tmp_path, watch=[hosts])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    for step in (steps.check, steps.run, steps.check_again):
        assert step.last.data["problems"] == []
        assert step.last.data["host"] == {
            "name": "mx1.example.test",
            "addresses": ["192.0.2.10"],
            "canonical": "mx1.example.test",
            "reversed_name": "mx1.example.test",
            "error": None,
        }


def test_an_entry_without_an_address_is_at_that_of_the_default_route(tmp_path: pathlib.Path) -> None:
    """Where there is no such route, the entry is left out and nothing refused."""
    entries = [{"names": ["mx1.example.test", "mx1"]}]
    found = []
    for address in ("", "192.0.2.77"):
        folder = tmp_path / f"at{address}"
        python = interpreter(folder, LOCAL, {}, address=address)
        found += look(folder, [task(python, folder / "conf", hosts_entries=entries)])
    assert [one["host"]["addresses"] for one in found] == [[], ["192.0.2.77"]]


def test_without_dnspython_the_name_service_answers(tmp_path: pathlib.Path) -> None:
    """The module's documented way on a host without the package: here a Python that cannot import it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['dns'] = None\nsys.modules['dns.resolver'] = None\n"
    )
    blind = tmp_path / "blind"
    blind.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec {PYTHON} "$@"\n')
    blind.chmod(0o755)
    seeing = interpreter(tmp_path / "a", LOCAL, WRONG_PTR)
    unseeing = interpreter(tmp_path / "b", LOCAL, WRONG_PTR, str(blind))
    with_dns, without = look(tmp_path, [task(python, tmp_path / "conf") for python in (seeing, unseeing)])
    assert with_dns["dns"]["pointers"] == {"192.0.2.10": ["pool-10.isp.test"]}
    assert without["dns"] is None
    assert what(with_dns) == what(without) != []
    assert with_dns["principals"] == without["principals"]


def test_bad_input_is_one_sentence(tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "broken.conf"
    broken.write_text("[libdefaults]\nno relation\n")
    entries = [{"address": "127.0.1.1", "names": ["mx1.example.test"]}]
    cases = {
        f"{broken}: line 2, column 1: is neither 'name = value'": {"krb5_conf": str(broken)},
        "hosts_entries[0]: 127.0.1.1 is a loopback address": {"hosts_entries": entries},
        f"{tmp_path}: is a directory": {"hosts_file": str(tmp_path)},
    }
    assert_refused(
        {
            start: {"mailrealm.kerberos.dns_identity_info": {"host": "localhost", **options}}
            for start, options in cases.items()
        },
        tmp_path,
    )


REALMS = """[domain_realm]
.isp.test = ISP.TEST
.test = TEST
mail.example.test = MAIL.TEST
.example.test = SHADOWED.BY.NOTHING
.example.test = LATER.TEST
mx1.example.test = MX1.TEST
Smtp.Example.test = CAPITALS.TEST
"""


@pytest.mark.parametrize("records", [GOOD, WRONG_PTR, NO_PTR], ids=["good", "wrong PTR", "no PTR"])
def test_libkrb5_asks_for_what_we_say(records: dict[str, list[str]], tmp_path: pathlib.Path) -> None:
    """libkrb5 leaves the realm open with fallback, as the KDC's answer decides on the name."""
    python = interpreter(tmp_path, LOCAL, records)
    aliases = ["mail.example.test", "smtp.example.test", "absent.example.test"]
    confs, tasks = [], []
    for number, (canonicalize, rdns) in enumerate(itertools.product(("true", "no", "FALLBACK"), ("1", "false"))):
        confs.append(tmp_path / f"{number}.conf")
        krb5 = f"dns_canonicalize_hostname = {canonicalize}\nrdns = {rdns}\n{REALMS}"
        tasks.append(task(python, confs[-1], krb5, aliases=aliases, services=["smtp"]))
    for conf, result in zip(confs, look(tmp_path, tasks)):
        command = ["env", f"KRB5_CONFIG={conf}", python, "-c", SNAMES, HOST["host"], *aliases]
        judged = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        said = [one["mit"] for one in result["principals"]]
        if result["naming"]["dns_canonicalize_hostname"] == "fallback":
            said = [principal.partition("@")[0] + "@" for principal in said]
        assert said == judged, conf.read_text()
