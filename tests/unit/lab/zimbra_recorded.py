# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was recorded of the real zmprov, and the site of the recording as the double has it."""

from __future__ import annotations

import base64
import functools
import io
import json
import pathlib
import re

from lab.doubles.zimbra import defaults, directory, mailboxd, passwords, store, zmprov, zmprov_session

DATA = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data"
TRANSCRIPTS = json.loads((DATA / "zmprov_transcripts.json").read_text(encoding="utf-8"))
SCENARIOS = TRANSCRIPTS["scenarios"]
HOSTS = ("zimbra1.example.test", "zimbra2.example.test")
# Which mailboxd was asked in a scenario (the text of the recording says so, or its answers do); what is down.
OF_ZIMBRA2 = ("mailboxd of zimbra2", "batches that end with exit", "-l writes against reads")
# In the first recording user2 was shown by the mailboxd of zimbra1, in all others its home is zimbra2.
USER2_ON_ZIMBRA1 = "reads over SOAP"
CERTIFICATE = base64.b64encode(b"\x01" * 16).decode()

# What no run can print again as it was recorded: where in the text, and why.
UNLIKE = {
    r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}": "(time)",
    r"ExceptionId:.*": "ExceptionId:(id)",
    r"(?m)^(\tat .*\n)+": "\t(stack trace)\n",
    r"\b\d{14}\.\d{3}Z": "(time of creation)",
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b": "(id)",
}


def recorded(*args):
    for step in SCENARIOS[0]["steps"]:
        if step["args"] == list(args):
            return step["stdout"]
    raise LookupError(args)


def own(text):
    """The values that a call has printed."""
    values = {}
    last = ""
    for line in text.removesuffix("\n").splitlines()[1:]:
        match = re.match(r"([a-zA-Z]+)(::?) (.*)", line)
        if match and not (last == "zimbraNotes" and match[1] == "second"):
            last = match[1]
            values.setdefault(last, []).append(match[3])
        elif last:
            values[last][-1] += f"\n{line}"
    return values


@functools.cache
def base_entries():
    """The base state that the recording describes: the own values as its reads show them."""
    servers = recorded("gas", "-v", "-e", "mta").split("\n\n# name ")
    user1 = own(recorded("ga", "-e", "user1@example.test"))
    user1 |= {"userSMIMECertificate": [CERTIFICATE], "userPassword": [passwords.hashed("test1234")]}
    accounts = {}
    for local, home in (("user1", HOSTS[0]), ("user2", HOSTS[1]), ("admin", HOSTS[0])):
        address = f"{local}@example.test"
        accounts[address] = store.account_entry(address, store.identity(address), home)
        accounts[address]["userPassword"] = user1["userPassword"]
    accounts["user1@example.test"] = user1
    foreign = ["kerberos5:user2@EXAMPLE.TEST", "ad:user2"]
    accounts["user2@example.test"] |= {"zimbraForeignPrincipal": foreign}
    accounts["admin@example.test"]["zimbraIsAdminAccount"] = ["TRUE"]
    sub = store.domain_entry("sub.example.test", store.identity("sub"))
    sub |= {"zimbraAuthKerberos5Realm": ["EXAMPLE.TEST"]}
    sub |= {"zimbraVirtualHostname": ["mail.sub.example.test", "webmail.sub.example.test"]}
    config = defaults.config() | {"zimbraReverseProxyAdminIPAddress": ["192.0.2.10", "192.0.2.11"]}
    return {
        "config": {"config": config},
        "server": dict(zip(HOSTS, (own(f"# name {part}".removesuffix("\n")) for part in servers))),
        "domain": {"example.test": own(recorded("gd", "-e", "example.test")), "sub.example.test": sub},
        "cos": {name: defaults.cos(name) for name in ("default", "defaultExternal", "staff")},
        "account": accounts,
    }


def fresh_store():
    """A store in the base state."""
    return store.Store(base_entries())  # which makes entries anew as they change, and leaves these as they are


class Site:
    """zimbra1, zimbra2 and the directory, in this process."""

    def __init__(self, tmp_path, scenario):
        self.home = tmp_path / "zimbra"
        self.text = scenario["scenario"]
        (self.home / "conf").mkdir(parents=True, exist_ok=True)
        self.local = HOSTS[any(part in self.text for part in OF_ZIMBRA2)]
        self.write_localconfig()
        self.mailboxd_up = "mailboxd is down" not in self.text and "both down" not in self.text
        self.ldap_up = "both down" not in self.text
        self.reset()

    def write_localconfig(self):
        rows = {"zimbra_server_hostname": self.local, "ldap_url": f"ldap://{HOSTS[0]}:389"}
        keys = "".join(f'<key name="{key}"><value>{value}</value></key>' for key, value in rows.items())
        (self.home / "conf" / "localconfig.xml").write_text(f"<localconfig>{keys}</localconfig>", encoding="utf-8")

    def reset(self):
        self.store = fresh_store()
        if self.text.startswith(USER2_ON_ZIMBRA1):
            user2 = self.store.find("account", "user2@example.test")
            self.store.put("account", user2[0], user2[1] | {"zimbraMailHost": [HOSTS[0]]})
        near = directory.Directory(HOSTS[0], 389, directory.Service(self.store))
        self.mailboxd = mailboxd.Mailboxd(near, self.local, remote=self.nobody)

    def nobody(self, _name):
        raise ConnectionRefusedError(111, "Connection refused")

    def ldap(self, host, port):
        assert (host, port) == (HOSTS[0], 389)
        if not self.ldap_up:
            raise ConnectionRefusedError(111, "Connection refused")
        return directory.Directory(host, port, directory.Service(self.store))

    def soap(self, host, port):
        assert port == 7071
        if host.endswith(".invalid"):
            raise zmprov_session.socket.gaierror(-2, "Name or service not known")
        assert host == "localhost"
        if not self.mailboxd_up:
            raise ConnectionRefusedError(111, "Connection refused")
        return Asked(self.mailboxd)

    def run(self, args, stdin=b""):
        out, err = io.StringIO(), io.StringIO()
        world = zmprov_session.World(self.home, out, err, io.BytesIO(stdin), self.soap, self.ldap)
        return zmprov.run(args, world), out.getvalue(), err.getvalue()


class Asked:
    """A connection to mailboxd: what goes over it is JSON."""

    def __init__(self, service):
        self.service = service

    def call(self, method, *args):
        return json.loads(json.dumps(self.service.dispatch(method, json.loads(json.dumps(args)))))


def plain(text, cut=False):
    """A text without what no two runs have in common; of one that was cut, what comes before."""
    for pattern, stand_in in UNLIKE.items():
        text = re.sub(pattern, stand_in, text)
    return text.partition("...(cut)")[0] if cut else text


LONG = re.compile(r"\{(\w)\*(\d+)\}")


def given(word):
    return LONG.sub(lambda match: match[1] * int(match[2]), word)


def named(kind, name):
    return {"config": "global config", "other": name}.get(kind, f"{kind} {name}")


def changed(before, after):
    found = {}
    for kind in {*before, *after}:
        old, new = before.get(kind, {}), after.get(kind, {})
        for name in {*old, *new}:
            if name not in new:
                found[named(kind, name)] = "removed"
            elif name not in old:
                found[named(kind, name)] = "created" if kind == "cos" else {"created with": dict(new[name])}
            elif old[name] != new[name]:
                keys = {key for key in {*old[name], *new[name]} if old[name].get(key) != new[name].get(key)}
                found[named(kind, name)] = {key: new[name].get(key, []) for key in keys}
    for what in found.values():
        if isinstance(what, dict):
            what.get("created with", {}).pop("userPassword", None)
    return json.loads(plain(json.dumps(found)))


def play(site, step, tmp_path):
    args = [given(word) for word in step["args"]]
    if "batch" in step:
        batch = tmp_path / "batch"
        batch.write_bytes(step["batch"].encode())
        args = [str(batch) if word == "BATCHFILE" else word for word in args]
    elif "BATCHFILE" in args:
        (tmp_path / "batch").write_bytes(b"")
        args = [str(tmp_path / "batch") if word == "BATCHFILE" else word for word in args]
    certificate = tmp_path / "cert.der"
    certificate.write_bytes(b"\x01" * 16)
    args = [str(certificate) if word == "/tmp/cert.der" else word for word in args]
    before = {kind: dict(named) for kind, named in site.store.entries.items()}
    status, out, err = site.run(args, step.get("stdin", "").encode())
    cut = "...(cut)" in step["stdout"]
    expected = plain(step["stdout"], cut)
    seen = {
        "rc": status,
        "stdout": plain(out)[: len(expected)] if cut else plain(out),
        "stderr": plain(err),
        "changed": changed(before, site.store.entries),
    }
    wanted = {
        "rc": step["rc"],
        "stdout": expected,
        "stderr": plain(step["stderr"]),
        "changed": json.loads(plain(json.dumps(step.get("changed", {})))),
    }
    return seen, wanted
