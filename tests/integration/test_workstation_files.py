# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files for clients before real readers: dnspython and libkrb5 for the zone, Samba's registry, an XML parser."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from xml.etree import ElementTree

from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import FilterModule
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.name_stage import interpreter

FILTERS = FilterModule().filters()
REALM = "EXAMPLE.TEST"
HOSTS = ("kdc1.example.test", "cas1.example.test", "axigen1.example.test", "mx1.example.test")
HOSTVARS = {name: {"inventory_hostname": name, "kerberos_domain": "example.test"} for name in HOSTS}
GROUPS = {
    "all": list(HOSTS),
    "kerberos_kdc": [HOSTS[0]],
    "cas": [HOSTS[1]],
    "axigen": [HOSTS[2]],
    "postfix": [HOSTS[3]],
}
HOSTS_FILE = "127.0.0.1 localhost\n192.0.2.10 kdc1.example.test\n"
# By the distribution's Python, which has dnspython
READ_ZONE = """
import json, sys
import dns.rdatatype, dns.zone
zone = dns.zone.from_text(sys.stdin.read(), origin="example.test.", relativize=False, check_origin=False)
found = {}
for name, ttl, data in zone.iterate_rdatas():
    key = name.to_text().rstrip(".") + " " + dns.rdatatype.to_text(data.rdtype)
    found.setdefault(key, []).append(data.to_text())
print(json.dumps(found))
"""
SMB_CONF = """\
[global]
    private dir = {folder}
    state directory = {folder}
    cache directory = {folder}
    lock directory = {folder}
    pid directory = {folder}
    log file = {folder}/log
"""


def records() -> dict[str, list[str]]:
    accounts = FILTERS["workstation_accounts"](GROUPS, HOSTVARS, REALM)
    text = FILTERS["workstation_zone"](accounts, REALM, "example.test", [HOSTS[0]], HOSTS[0])
    zone = "$TTL 60\n" + text
    done = subprocess.run(["/usr/bin/python3", "-c", READ_ZONE], input=zone, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_dnspython_reads_the_zone() -> None:
    assert records() == {
        "_imaps._tcp.example.test SRV": ["0 0 993 axigen1.example.test."],
        "_imap._tcp.example.test SRV": ["0 0 143 axigen1.example.test."],
        "_pop3s._tcp.example.test SRV": ["0 0 995 axigen1.example.test."],
        "_pop3._tcp.example.test SRV": ["0 0 110 axigen1.example.test."],
        "_submissions._tcp.example.test SRV": ["0 0 465 axigen1.example.test."],
        "_submission._tcp.example.test SRV": ["0 0 587 mx1.example.test."],
        "_kerberos.example.test TXT": ['"EXAMPLE.TEST"'],
        "_kerberos._udp.example.test SRV": ["0 0 88 kdc1.example.test."],
        "_kerberos._tcp.example.test SRV": ["0 0 88 kdc1.example.test."],
        "_kpasswd._udp.example.test SRV": ["0 0 464 kdc1.example.test."],
        "_kpasswd._tcp.example.test SRV": ["0 0 464 kdc1.example.test."],
        "_kerberos-adm._tcp.example.test SRV": ["0 0 749 kdc1.example.test."],
    }


def test_the_hosts_own_resolver_sees_the_records(tmp_path: pathlib.Path) -> None:
    served = records()
    program = interpreter(tmp_path, HOSTS_FILE, served)
    task = {"mailrealm.kerberos.dns_identity_info": {"host": HOSTS[0], "realm": REALM, "expect": []}}
    step, output = play([task], tmp_path, interpreter=program)
    assert step.only.status == "ok", output
    seen = step.only.data["dns"]["records"]
    kinds = ("_kerberos._udp", "_kerberos._tcp", "_kpasswd._udp", "_kerberos-adm._tcp")
    for name in (f"{kind}.example.test" for kind in kinds):
        assert seen.get(name) or name not in seen, seen
    assert seen["_kerberos._udp.example.test"], seen


def test_libkrb5_finds_the_kdc_by_the_records(tmp_path: pathlib.Path) -> None:
    krb5_conf, trace = tmp_path / "krb5.conf", tmp_path / "trace"
    krb5_conf.write_text("[libdefaults]\ndns_lookup_kdc = true\n")
    program = interpreter(tmp_path, HOSTS_FILE, records(), python="/usr/bin/kinit")
    environment = {**os.environ, "KRB5_CONFIG": str(krb5_conf), "KRB5_TRACE": str(trace), "LC_ALL": "C"}
    done = subprocess.run(
        [program, f"alice@{REALM}"], env=environment, input="x\n", capture_output=True, text=True, check=False
    )
    assert done.returncode != 0  # nobody answers there
    told = trace.read_text().lower()  # names take the case of the question
    assert 'srv answer: 0 0 88 "kdc1.example.test."' in told, told
    assert "resolving hostname kdc1.example.test." in told, told


def test_sambas_registry_takes_the_file(tmp_path: pathlib.Path) -> None:
    conf, file = tmp_path / "smb.conf", tmp_path / "kerberos.reg"
    conf.write_text(SMB_CONF.format(folder=tmp_path))
    file.write_bytes(FILTERS["workstation_windows"](["https://cas1.example.test"]).encode("ascii"))

    def net(*words: str) -> str:
        command = ["net", "-s", str(conf), "registry", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # Samba, unlike regedit, cannot delete a key that is not there: so a file of before comes first, without deletions
    before = FILTERS["workstation_windows"](["https://cas1.example.test", "https://gone.example.test"])
    old = tmp_path / "before.reg"
    old.write_bytes("\r\n".join(line for line in before.split("\r\n") if line[:2] != "[-").encode("ascii"))
    net("import", str(old))
    net("import", str(file))
    policies = r"HKLM\SOFTWARE\Policies"
    zones = net("enumerate", rf"{policies}\Microsoft\Windows\CurrentVersion\Internet Settings\ZoneMapKey")
    assert "https://cas1.example.test" in zones and '"1"' in zones, zones
    edge = net("enumerate", rf"{policies}\Microsoft\Edge")
    assert '"cas1.example.test"' in edge, edge
    spnego = net("enumerate", rf"{policies}\Mozilla\Firefox\Authentication\SPNEGO")
    assert '"https://cas1.example.test"' in spnego and "gone" not in spnego, spnego


def test_the_account_of_thunderbird() -> None:
    accounts = FILTERS["workstation_accounts"](GROUPS, HOSTVARS, REALM)
    root = ElementTree.fromstring(FILTERS["workstation_autoconfig"](accounts, ["example.test"]).encode())
    found = {
        (one.get("type"), one.findtext("hostname"), one.findtext("authentication"), one.findtext("username"))
        for one in root.iter()
        if one.tag.endswith("Server")
    }
    assert found == {
        (kind, "axigen1.example.test", "GSSAPI", "%EMAILLOCALPART%") for kind in ("imap", "pop3", "smtp")
    } | {("smtp", "mx1.example.test", "GSSAPI", "%EMAILLOCALPART%")}
