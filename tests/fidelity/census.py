# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host holds, printed as JSON: runs on the host itself, by its Python, read from standard input.

Files: path -> [kind, mode, owner, group, time in ns, size, digest or link target, text or null].
Units: name -> state, whether enabled, and the identity of its last start. KDC: one digest a database record.
Zimbra: one digest an entry of its directory.
"""

import base64
import hashlib
import json
import os
import pathlib
import stat
import subprocess

TREES = (
    "/etc",
    "/home",
    "/opt",
    "/root",
    "/srv",
    "/usr/local",
    "/var/lib/dpkg/status",
    "/var/lib/krb5kdc",
    "/var/lib/systemd/deb-systemd-helper-enabled",
    "/var/spool/postfix/etc",
    "/var/opt/axigen/run/axigen.cfg",
    "/var/spool/postfix/var",
)
# Ansible's own temporary files, and the lock and time stamp by which the database tells its readers of a login:
# a login is reading, but leaves its time in the KDC's database; that database is compared record by record below.
# Policies are records, too, and what the timers of propagation and of backups (whose folder is no tree above) write is
# not the work of a task. Of Zimbra's, what its servers write and what zmconfigd generates of the directory, whenever it
# looks there; whether services run with what is set, the drifts themselves ask. CAS's Tomcat works in a folder below
# its own.
NOISE = (
    "/opt/cas/war/build",
    "/opt/zimbra/common/conf",
    "/opt/zimbra/conf/nginx",
    "/opt/zimbra/conf/nginx.conf",
    "/opt/zimbra/conf/sasl2",
    "/opt/zimbra/conf/spnego_java_options",
    "/opt/zimbra/data/double",
    "/opt/zimbra/data/ldap",
    "/opt/zimbra/data/postfix",
    "/opt/zimbra/jetty_base/etc/krb5.ini",
    "/opt/zimbra/log",
    "/opt/zimbra/store",
    "/root/.ansible",
    "/var/lib/krb5kdc/from_master",
    "/var/lib/krb5kdc/principal",
    "/var/lib/krb5kdc/principal.kadm5",
    "/var/lib/krb5kdc/principal.kadm5.lock",
    "/var/lib/krb5kdc/principal.ok",
    "/var/lib/krb5kdc/propagation",
)
UNITS = (
    "axigen.service",
    "cas.service",
    "chrony.service",
    "dovecot.service",
    "krb5-admin-server.service",
    "krb5-backup.timer",
    "krb5-kdc.service",
    "krb5-kpropd.service",
    "krb5-prop.timer",
    "postfix.service",
    "postfix@-.service",
    "saslauthd.service",
    "zimbra.service",
)
LARGEST_TEXT = 200_000
# Of a directory: what an account may do, and how often someone has tried a wrong password.
DIRECTORY = "/var/lib/samba/private/sam.ldb"
# Of Zimbra's double: one line a change, the last one of an entry counts.
ZIMBRA = "/opt/zimbra/data/ldap/directory.jsonl"
ATTRIBUTES = (
    "badPwdCount",
    "msDS-KeyVersionNumber",
    "msDS-SupportedEncryptionTypes",
    "nTSecurityDescriptor",
    "pwdLastSet",
    "servicePrincipalName",
    "userAccountControl",
    "userPrincipalName",
)


def main():
    files = {}
    for tree in TREES:
        for path in _walk(tree):
            if not any(path == one or path.startswith(one + "/") for one in NOISE):
                files[path] = _entry(path)
    found = {"files": files, "units": _units(), "kdc": _database(), "directory": _directory(), "zimbra": _zimbra()}
    print(json.dumps(found))


def _walk(top):
    if os.path.lexists(top):
        yield top
    for folder, folders, names in os.walk(top):
        for name in folders + names:
            yield str(pathlib.Path(folder, name))


def _entry(path):
    status = os.lstat(path)
    entry = [stat.S_IFMT(status.st_mode) >> 12, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid]
    if stat.S_ISLNK(status.st_mode):
        return [*entry, 0, 0, os.readlink(path), None]
    if not stat.S_ISREG(status.st_mode):
        return [*entry, 0, 0, "", None]  # a folder's time changes with a temporary file that came and went
    content = pathlib.Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    text = base64.b64encode(content).decode() if len(content) <= LARGEST_TEXT else None
    return [*entry, status.st_mtime_ns, status.st_size, digest, text]


def _units():
    shown = subprocess.run(
        ["systemctl", "show", "-p", "Id,LoadState,ActiveState,UnitFileState,InvocationID", *UNITS],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    found = {}
    for block in shown.stdout.split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if values.get("LoadState") == "loaded":
            found[values.pop("Id")] = values
    return found


def _database():
    if not all(pathlib.Path(one).exists() for one in ("/usr/sbin/kdb5_util", "/var/lib/krb5kdc/principal")):
        return {}
    if pathlib.Path("/etc/krb5kdc/kpropd.acl").exists():
        return {}  # a replica's records are the primary's, and come with the timer
    dump = subprocess.run(["/usr/sbin/kdb5_util", "dump"], stdout=subprocess.PIPE, check=True).stdout
    records = {}
    for line in dump.decode("utf-8", "replace").splitlines():
        fields = line.split("\t")
        name = fields[6] if fields[0] == "princ" else " ".join(fields[:2])
        if fields[0] == "princ":
            fields[12:15] = ["-"] * 3  # last success, last failure, failed count: traces of logins
        records[name] = hashlib.sha256("\t".join(fields).encode()).hexdigest()
    return records


def _directory():
    if not pathlib.Path(DIRECTORY).exists():
        return {}
    argv = ["ldbsearch", "-H", DIRECTORY, "(sAMAccountName=*)", "sAMAccountName", *ATTRIBUTES]
    told = subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout.decode()
    accounts = {}
    for block in told.replace("\n ", "").split("\n\n"):
        lines = sorted(line for line in block.splitlines() if line and not line.startswith("#"))
        names = [line.partition(": ")[2] for line in lines if line.startswith("sAMAccountName:")]
        if names:
            accounts[names[0]] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return accounts


def _zimbra():
    path = pathlib.Path(ZIMBRA)
    entries = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        row = json.loads(line)
        own = {name: sorted(values) for name, values in (row["own"] or {}).items()}
        entries[f"{row['kind']} {row['name']}"] = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()
    return entries


main()
