# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor gathers of a KDC: configuration and files made by hand, and units and ports as told."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.unit import UnitState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import doctor_kdc

REPLICA, SENDER = "kdc2.example.test", "host/kdc1.example.test@EXAMPLE.TEST"
OPEN = frozenset((("udp", 88), ("tcp", 88), ("tcp", 749)))


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A KDC of Red Hat's names, whose files are all in one folder."""
    monkeypatch.setenv("KRB5_KDC_PROFILE", str(tmp_path / "kdc.conf"))
    monkeypatch.setenv("KRB5_CONFIG", str(tmp_path / "krb5.conf"))
    monkeypatch.setattr(doctor_kdc, "KDC_CONF", (str(tmp_path / "kdc.conf"),))
    monkeypatch.setattr(
        doctor_kdc, "read", lambda name: UnitState(f"{name}.service", name in ("krb5kdc", "kadmin"), True, True)
    )
    monkeypatch.setattr(doctor_kdc, "listening", lambda dummy: OPEN)
    return tmp_path


def configure(folder: pathlib.Path, defaults: str = "", realm: str = "") -> None:
    (folder / "kdc.conf").write_text(
        f"[kdcdefaults]\n{defaults}\n[realms]\n    EXAMPLE.TEST = {{\n        database_name = {folder}/principal\n"
        f"        key_stash_file = {folder}/stash\n        supported_enctypes = aes256-cts:normal\n{realm}\n    }}\n"
    )


def gathered(*products: str, **settings: Any) -> dict[str, Any]:
    asked = Asked(
        "kdc1.example.test", "EXAMPLE.TEST", "example.test", products=products, settings={products[0]: settings}
    )
    return doctor_kdc.gather(asked)


def ports(found: dict[str, Any]) -> dict[str, bool]:
    return {f"{one['of']} {one['port']}/{one['protocol']}": one["open"] for one in found["ports"]}


def test_units_are_found_by_the_names_of_each_distribution(folder: pathlib.Path) -> None:
    configure(folder)
    units = gathered("kdc")["units"]
    assert {name: unit and unit["name"] for name, unit in units.items()} == {
        "kdc": "krb5kdc.service",
        "admin": "kadmin.service",
        "receiver": None,
    }


@pytest.mark.parametrize(
    ("defaults", "realm", "wanted"),
    [
        ("", "", {"kdc 88/udp": True, "kdc 88/tcp": True, "admin 749/tcp": True}),
        (
            "kdc_ports = 88,750",
            "",
            {"kdc 88/udp": True, "kdc 750/udp": False, "kdc 88/tcp": True, "admin 749/tcp": True},
        ),
        (
            'kdc_ports = ""',
            "kdc_tcp_listen = 192.0.2.1:88 [::]:99",
            {"kdc 88/tcp": True, "kdc 99/tcp": False, "admin 749/tcp": True},
        ),
        ("kdc_tcp_ports = 0", "kadmind_port = 1749", {"kdc 88/udp": True, "admin 1749/tcp": False}),
    ],
)
def test_ports_as_kdc_conf_has_them(folder: pathlib.Path, defaults: str, realm: str, wanted: dict[str, bool]) -> None:
    configure(folder, defaults, realm)
    assert ports(gathered("kdc")) == wanted


def test_the_stash_is_told_without_its_content(folder: pathlib.Path) -> None:
    configure(folder)
    assert gathered("kdc")["stash"]["exists"] is False
    (folder / "stash").write_bytes(b"master key")
    (folder / "stash").chmod(0o600)
    found = gathered("kdc")
    assert (found["stash"]["mode"], found["stash"]["size"]) == ("0600", 10)
    assert "master key" not in str(found)


def test_a_replica_tells_when_it_received_its_database_and_of_whom_it_takes_one(folder: pathlib.Path) -> None:
    configure(folder)
    found = gathered("kdc_replica", primary_principal=SENDER)
    assert (found["age"], found["senders"], found["wanted_sender"]) == (None, None, SENDER)
    assert "receiver 754/tcp" in ports(found)
    (folder / "from_master").touch()
    (folder / "kpropd.acl").write_text(f"{SENDER}\n\n")
    found = gathered("kdc_replica", primary_principal=SENDER)
    assert (found["age"] < 60, found["senders"]) == (True, [SENDER])


def test_a_primary_tells_when_it_sent_its_database(folder: pathlib.Path) -> None:
    configure(folder)
    sent = folder / "sent"
    sent.mkdir()
    (sent / f"database.{REPLICA}.last_prop").touch()
    found = gathered("kdc", replicas=[REPLICA, "kdc3.example.test"], propagation_folder=str(sent))
    assert found["replicas"][REPLICA] < 60
    assert found["replicas"]["kdc3.example.test"] is None
    assert found["age"] is None


@pytest.mark.parametrize(
    ("log", "shown", "fault"),
    [
        ("SYSLOG:INFO:DAEMON", "", []),
        ("FILE:{folder}/kdc.log", "", [""]),
        ("FILE:{folder}/away/kdc.log", "", ["the folder {folder}/away is not there"]),
        ("FILE:{folder}/kdc.log", "ReadOnlyPaths=/\nReadWritePaths=-/run {folder}", [""]),
        ("FILE:{folder}/kdc.log", "ReadOnlyPaths=/\nReadWritePaths=-/run /var/lib/krb5kdc", ["systemd"]),
    ],
)
def test_a_log_that_cannot_be_written_is_told(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, log: str, shown: str, fault: list[str]
) -> None:
    configure(folder)
    with (folder / "kdc.conf").open("a") as conf:
        conf.write(f"[logging]\n    kdc = {log.format(folder=folder)}\n")
    monkeypatch.setattr(doctor_kdc, "shown", lambda *dummy: shown.format(folder=folder))
    found = [one["fault"] for one in gathered("kdc")["logs"]]
    assert len(found) == len(fault)
    assert all(told.startswith(words.format(folder=folder)) for told, words in zip(found, fault))
