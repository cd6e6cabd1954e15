# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what kadmin, kadmin.local and kinit say to one sentence: what, where and how to mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Mapping, Optional, Tuple

from .refusal import Refusal

# What a refusal is about, where a caller must know
NO_DATABASE, NO_STASH, NO_MASTER_KEY, DAMAGED = "no database", "no stash", "no master key", "damaged"
OTHER_MASTER_KEY = "other master key"
NO_REALM, NO_KDC, NO_PRINCIPAL = "no realm", "no kdc", "no principal"
NO_PRIVILEGE, NO_EXTRACTION = "no privilege", "no extraction"


class KadminRefusal(Refusal):
    """kadmin cannot be used, or refused a command.

    ``kind``: one of the names above, or empty. ``path``: the file that the tool named, if it did.
    """

    def __init__(self, message: str, kind: str = "", path: Optional[str] = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.path = path


class NotThereYet(KadminRefusal):
    """No program or no database: in check mode a task before this one may be about to bring it."""


@dataclass(frozen=True)
class Symptom:
    """``pattern`` in the tool's words; ``sentence`` may use its groups and the facts of the call in braces."""

    pattern: str
    sentence: str
    kind: str = ""


NOT_THERE_YET = frozenset((NO_DATABASE, NO_REALM))

# Of the start: {place}, {realm}, {who}, {program}
START = (
    Symptom(
        r"Cannot open \w+ database '(?P<path>[^']*)': No such file or directory",
        "{place}: there is no database at {path}; create it with mailrealm.kerberos.realm, "
        "or correct kadmin.realm (upper and lower case differ) or the database's place in kdc.conf",
        NO_DATABASE,
    ),
    Symptom(
        r"Cannot open \w+ database '(?P<path>[^']*)': Permission denied|Permission denied while init",
        "{place}: this user may not read the database; use become",
    ),
    Symptom(
        r"Cannot open \w+ database '(?P<path>[^']*)': (?P<why>.*?) while init",
        "{place}: the database at {path} cannot be opened ({why}); restore a dump of it (kdb5_util load), or if "
        "an interrupted creation left it, destroy it with mailrealm.kerberos.realm",
        DAMAGED,
    ),
    Symptom(
        r"database lock file missing",
        "{place}: the database has no lock file; restore it from a dump (kdb5_util load), or if an interrupted "
        "creation left it, destroy it with mailrealm.kerberos.realm",
        DAMAGED,
    ),
    Symptom(
        r"Can not fetch master key",
        "{place}: the database is there but its master key cannot be read from a stash; "
        "let mailrealm.kerberos.realm stash it (master_password), or correct key_stash_file in kdc.conf",
        NO_STASH,
    ),
    Symptom(
        r"Unable to decrypt latest master key",
        "{place}: the master key in the stash, or of kadmin.master_password, is not the database's; correct "
        "key_stash_file in kdc.conf, or remove a stash of another database and give the master password",
        OTHER_MASTER_KEY,
    ),
    Symptom(
        r"Cannot find master key record|Cannot find/read stored master key|Master key does not match",
        "{place}: the database that kdc.conf names holds no master key of this realm; correct kadmin.realm "
        "(upper and lower case differ) or database_name, or remove what an interrupted creation left",
        NO_MASTER_KEY,
    ),
    Symptom(
        r"unable to get default realm|Configuration file does not specify default realm",
        "kadmin.realm: is not given and krb5.conf names no default_realm; give it",
        NO_REALM,
    ),
    Symptom(
        r"Cannot contact any KDC",
        "{place}: no KDC of the realm answers; see that one runs and that krb5.conf names its host and port",
    ),
    Symptom(
        r"Cannot find KDC for (?:requested )?realm",
        "{place}: neither krb5.conf nor DNS names a KDC of this realm; correct the realm of kadmin.principal or "
        "kadmin.realm (upper and lower case differ), or add the realm to krb5.conf",
        NO_KDC,
    ),
    Symptom(
        r"Communication failure with server|Cannot contact any|Connection refused",
        "{place}: no kadmind answers there; see that it runs and that the port (749) is open",
    ),
    Symptom(
        r"Cannot resolve network address for admin server|Missing parameters in krb5.conf",
        "{place}: the administration server's host name does not resolve, or krb5.conf names none; "
        "correct kadmin.server or the realm's admin_server",
    ),
    Symptom(
        r"Password incorrect|Preauthentication failed|Decrypt integrity check failed|Incorrect password",
        "kadmin.password: is not the password of {who}; correct it",
    ),
    Symptom(
        r"not found in Kerberos database|Client not found",
        "kadmin.principal: {who} does not exist in {place}; correct it",
    ),
    Symptom(
        r"Password has expired|Password expired|Client's entry in database has expired|have been revoked|locked out",
        "kadmin.principal: {who} is locked or expired in {place}; unlock it or set a new password first",
    ),
    Symptom(
        r"Keytab contains no suitable keys|Key table entry not found",
        "kadmin.keytab: holds no key of {who}; correct kadmin.principal or export the key again",
    ),
    Symptom(
        r"(?:Key table|Keytab) file '(?P<path>[^']*)' not found",
        "kadmin.keytab: there is no file {path} on this host; correct the path",
    ),
    Symptom(
        r"Is a directory while init|Unsupported key table format|End of (?:key table )?file reached",
        "kadmin.keytab: is no keytab ({words}); name the file that holds the key of {who}",
    ),
    Symptom(
        r"No credentials cache found|Credentials cache .*not found",
        "kadmin.ccache: there is no such credential cache; make it with kinit -S kadmin/admin",
    ),
    Symptom(
        r"Matching credential not found|Ticket expired|Bad format in credentials cache|Looping detected",
        "kadmin.ccache: holds no valid ticket for kadmin/admin; make it with kinit -S kadmin/admin",
    ),
    Symptom(
        r"Clock skew too great",
        "{place}: this host's clock differs from the KDC's by more than five minutes; set it by NTP",
    ),
    Symptom(
        r"Unsupported argument \"(?P<argument>[^\"]*)\" for (?P<module>\w+)",
        "db_args: the database of {place} ({module}) takes no '{argument}'; leave it out",
    ),
    Symptom(r"No space left on device|Disk quota exceeded", "{place}: the disk is full; make room"),
    Symptom(
        r"(?P<words>\S.*)",
        "{place}: {program} does not start and says: {words}; see to that first",
    ),
    Symptom(r"", "{place}: {program} ended without a word (status {status}); run it by hand to see why"),
)

# Of one command: {subject} ('principal alice@R'), {place}, {who}
COMMAND = (
    # kadmind says the same of an administrator without the letter and of a principal with lockdown_keys, which is
    # looked for before (auth_acl.c and server_stubs.c of MIT's src/kadmin/server)
    Symptom(
        r"Operation requires ``extract-keys'' privilege",
        "{subject}: {who} lacks the privilege 'extract-keys' for it; give it the letter 'e' in kadm5.acl, "
        "which neither '*' nor 'x' includes",
        NO_EXTRACTION,
    ),
    Symptom(
        r"Operation requires ``(?P<privilege>[\w-]+)'' privilege",
        "{subject}: {who} lacks the privilege '{privilege}' for it; "
        "grant it in kadm5.acl (or clear lockdown_keys on the KDC)",
        NO_PRIVILEGE,
    ),
    Symptom(
        r"Unsupported argument \"(?P<argument>[^\"]*)\" for (?P<module>\w+)",
        "{subject}: db_args: the realm's database ({module}) takes no '{argument}'; leave it out",
    ),
    Symptom(
        r"^add_alias: Communication failure with server",
        "{subject}: aliases: the kadmind of {place} is older than MIT Kerberos 1.22 and knows no aliases, "
        "or it went away; leave them out, or see that it runs",
    ),
    Symptom(
        r"Communication failure with server|Connection reset|Broken pipe",
        "{subject}: the connection to the kadmind of {place} broke; see that it runs and run again, "
        "what is done is not repeated",
    ),
    Symptom(
        r"Password is too short|does not contain enough character classes|is in the password dictionary"
        r"|Cannot reuse password|Password cannot match|Current password's minimum life|New password cannot match",
        "{subject}: its policy refuses the password; choose another password or policy ({words})",
    ),
    Symptom(
        r"No space left on device|Disk quota exceeded|File too large",
        "{subject}: the disk that holds the database is full; make room and run again",
    ),
    Symptom(
        r"incomplete or corrupted",
        "{subject}: the database is damaged ({words}), as a full disk leaves it; make room and restore it "
        "from a dump (kdb5_util load)",
    ),
    Symptom(
        r"Read-only file system|Permission denied|Insufficient access to lock",
        "{subject}: the database cannot be written ({words}); use become and see to its file system",
    ),
    Symptom(
        r"Principal or policy already exists",
        "{subject}: was created by somebody else at this moment; run again",
    ),
    Symptom(
        r"Principal .*does not exist",
        "{subject}: does not exist in {place}; create it with mailrealm.kerberos.principal",
        NO_PRINCIPAL,
    ),
    Symptom(
        r"Unknown request|^usage[:;] ",
        "{subject}: this version of kadmin does not know an option that was asked for; leave it out",
    ),
    Symptom(r"(?P<words>\S.*)", "{subject}: kadmin refuses and says: {words}; see to that"),
    Symptom(r"", "{subject}: kadmin gave no answer; run again with -v and see the KDC's log"),
)


def explained(words: str, facts: Mapping[str, object], table: Tuple[Symptom, ...]) -> KadminRefusal:
    """The refusal for a tool's ``words``, by the first symptom of ``table`` (START or COMMAND) that fits."""
    for symptom in table:
        found = re.search(symptom.pattern, words)
        if found:
            heard = {name: value for name, value in found.groupdict().items() if value is not None}
            sentence = symptom.sentence.format(**{"words": words, "path": "the place in kdc.conf", **facts, **heard})
            return (NotThereYet if symptom.kind in NOT_THERE_YET else KadminRefusal)(
                sentence, symptom.kind, heard.get("path")
            )
    raise AssertionError("the last symptom of a table fits anything")
