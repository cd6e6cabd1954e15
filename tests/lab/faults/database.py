# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the realm's database and of its KDCs.

What changes keys is taken back by the database as it was before: no key can be made a second time.
"""

from __future__ import annotations

from .. import fleet
from . import ByFault, ByPair, Fault, Pair

MX1 = "smtp/mx1.example.test"
DUMP = "/root/database-before-fault"
KDC_CONF = "/etc/krb5kdc/kdc.conf"
STASH = "/etc/krb5kdc/stash"
KPROPD_ACL = "/etc/krb5kdc/kpropd.acl"
# The replica may have got the other one meanwhile. Its kpropd may be a fault, too, taken back at the same time
BROUGHT_BACK = (
    f"kdb5_util load {DUMP}\nrm {DUMP} {DUMP}.dump_ok\n"
    "tries=0\nuntil systemctl start krb5-prop; do tries=$((tries + 1)); test $tries -lt 8; sleep 2.5; done"
)
# Of the year before, as kadmin takes dates
PAST = '"2025-11-01 00:00:00 UTC"'


def _brought_back(name: str, host: str, make: str, check: str, shown: str, *disturbs: str) -> Fault:
    """What the database of before takes back, which the replica then gets, too."""
    make = f"kdb5_util dump {DUMP}\n{make}"
    return Fault(name, host, make, BROUGHT_BACK, check, shown, made_on="kdc1", disturbs=("kdc2", *disturbs))


def _in_database(name: str, host: str, query: str, check: str, shown: str) -> Fault:
    """One command of kadmin.local, told of ``host``; what is served meanwhile comes from the database as it is."""
    return _brought_back(name, host, f"kadmin.local -q '{query}'", check, shown, "mx1", "client1")


def _unit(name: str, host: str, unit: str, check: str, shown: str, *disturbs: str) -> Fault:
    return Fault(
        name, host, f"systemctl stop {unit}", f"systemctl start {unit}", check, shown, disturbs=tuple(disturbs)
    )


def _kept(name: str, host: str, path: str, change: str, check: str, shown: str) -> Fault:
    kept = f"/root/kept-{path.rpartition('/')[2]}"
    return Fault(name, host, f"cp -p {path} {kept}\n{change}", f"cp -p {kept} {path}\nrm {kept}", check, shown)


MISSING = _in_database(
    "the principal of mx1 is deleted",
    "kdc1",
    f"delprinc -force {MX1}",
    "database.principal_missing",
    f"{MX1}.*does not exist",
)
REPLICA_DEAF = _unit(
    "the replica's kpropd is stopped", "kdc2", "krb5-kpropd", "kdc.receiver_stopped", "krb5-kpropd.*not running"
)
ADMIN_STOPPED = _unit(
    "kadmind is stopped", "kdc1", "krb5-admin-server", "kdc.admin_stopped", "krb5-admin-server.*not running"
)

_DATABASE = (
    MISSING,
    _in_database(
        "somebody exported the key of mx1 elsewhere, and made a new one",
        "mx1",
        f"cpw -randkey {MX1}",
        "database.kvno_differs",
        "smtp.keytab: kvno \\d; the database of kdc1.*: kvno \\d",
    ),
    _in_database(
        "the KDC gives no tickets for mx1",
        "kdc1",
        f"modprinc -allow_tix {MX1}",
        "database.disabled",
        f"{MX1}.*: -allow_tix",
    ),
    _in_database(
        "mx1 is no service for the KDC",
        "kdc1",
        f"modprinc -allow_svr {MX1}",
        "database.no_service_tickets",
        f"{MX1}.*: -allow_svr",
    ),
    _in_database(
        "the principal of mx1 has expired",
        "kdc1",
        f"modprinc -expire {PAST} {MX1}",
        "database.expired",
        f"{MX1}.*: 2025-11-01",
    ),
    _in_database(
        "the account that verifies has expired",
        "kdc1",
        f"modprinc -expire {PAST} probe",
        "database.expired",
        "probe@.*: 2025-11-01",
    ),
    _in_database(
        "the password of the account that verifies has expired",
        "kdc1",
        f"modprinc -pwexpire {PAST} probe",
        "database.password_expired",
        "probe@.*: 2025-11-01",
    ),
    _in_database(
        "the password of a user must be changed",
        "kdc1",
        "modprinc +needchange alice",
        "database.password_expired",
        "needchange",
    ),
    _brought_back(
        "a user tried a wrong password too often",
        "kdc1",
        "kadmin.local -q 'modpol -maxfailure 1 users'\necho wrong | kinit -c MEMORY: alice || true",
        "database.locked",
        "failed attempts of alice@.*: 1, its policy allows 1",
    ),
    _in_database(
        "a user's password may be guessed in peace",
        "kdc1",
        "modprinc -requires_preauth alice",
        "database.no_preauth",
        "alice@",
    ),
    _in_database(
        "the keys of mx1 are locked down",
        "kdc1",
        f"modprinc +lockdown_keys {MX1}",
        "database.keys_locked_down",
        "lockdown_keys",
    ),
    Fault(
        "the keytab of mx1 lacks its strongest key",
        "mx1",
        """file=/etc/postfix/smtp.keytab
cp -p $file /root/kept-smtp.keytab
slots=$(printf "rkt $file\\nlist -e\\n" | ktutil | awk '/mx1.*aes256-cts-hmac-sha1-96/ { print $1 }' | sort -rn)
{ echo "rkt $file"; for slot in $slots; do echo "delent $slot"; done; echo "wkt $file.new"; } | ktutil
cat $file.new > $file
rm $file.new
""",
        "cp -p /root/kept-smtp.keytab /etc/postfix/smtp.keytab\nrm /root/kept-smtp.keytab",
        "database.enctypes_differ",
        "the database of kdc1.*: aes256-cts-hmac-sha1-96",
    ),
    _unit("the KDC is stopped", "kdc1", "krb5-kdc", "kdc.stopped", "krb5-kdc.*not running", "kdc2", "mx1", "client1"),
    ADMIN_STOPPED,
    REPLICA_DEAF,
    Fault(
        "the master key's stash is away",
        "kdc1",
        f"mv {STASH} {STASH}.away",
        f"mv {STASH}.away {STASH}",
        "kdc.stash_missing",
        "stash: No such file",
    ),
    _kept(
        "others may read the master key's stash",
        "kdc1",
        STASH,
        f"chmod 0644 {STASH}",
        "kdc.stash_readable",
        "mode 0644",
    ),
    _kept(
        "the replica takes its database from another host",
        "kdc2",
        KPROPD_ACL,
        f"echo host/kdc9.example.test@EXAMPLE.TEST > {KPROPD_ACL}",
        "kdc.sender_unknown",
        "kpropd.acl: host/kdc9",
    ),
    _kept(
        "kdc.conf names RC4 for new keys",
        "kdc1",
        KDC_CONF,
        f"sed -i 's/supported_enctypes = .*/& arcfour-hmac:normal/' {KDC_CONF}",
        "kdc.weak_enctypes",
        "arcfour-hmac",
    ),
    _kept(
        "kdc.conf names a port on which nobody listens",
        "kdc1",
        KDC_CONF,
        f"sed -i 's/kdc_tcp_ports = 88/kdc_tcp_ports = 88,750/' {KDC_CONF}",
        "kdc.port_closed",
        "750/tcp",
    ),
    _kept(
        "the KDC is to log where it may not write",
        "kdc1",
        KDC_CONF,
        f"sed -i 's|kdc = SYSLOG.*|kdc = FILE:/var/log/krb5kdc.log|' {KDC_CONF}",
        "kdc.log_unwritable",
        "/var/log/krb5kdc.log: systemd",
    ),
    _kept(
        "the list of administrators is away",
        "kdc1",
        "/etc/krb5kdc/kadm5.acl",
        "rm /etc/krb5kdc/kadm5.acl",
        "kdc.acl_missing",
        "kadm5.acl: No such file",
    ),
)

FAULTS: ByFault = {fleet.MIT.name: _DATABASE}
PAIRS: ByPair = {fleet.MIT.name: (Pair(MISSING, REPLICA_DEAF), Pair(ADMIN_STOPPED, MISSING))}
