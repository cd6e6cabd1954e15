# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of Axigen itself: its services, its methods, its keytab, and what its document has among the troubles."""

from __future__ import annotations

from .. import fleet
from . import ByFault, ByPair, Fault, Pair

CFG = "/var/opt/axigen/run/axigen.cfg"
DROP_INS = "/etc/systemd/system/axigen.service.d"
ADMINISTRATOR = "python3 /opt/lab/administrator.py 'CONFIG SERVER'"
METHODS = "(plain login cram-md5 digest-md5 gssapi)"
# The unit is started before its ports answer
ANSWERS = """for dummy in $(seq 100); do
    python3 -c 'import socket
for port in (25, 143, 110, 993, 7000): socket.create_connection(("127.0.0.1", port), 2)' 2>/dev/null && exit 0
    sleep 0.2
done
exit 1
"""
RESTART = "systemctl daemon-reload; systemctl restart axigen\n"


def _cli(service: str, *lines: str) -> str:
    """Lines to the CLI in the context of a service, committed but not saved."""
    words = " ".join(f"'{line}'" for line in (f"CONFIG {service}", *lines, "COMMIT", "COMMIT"))
    return f"{ADMINISTRATOR} {words}\n"


def _kept(path: str, change: str) -> tuple[str, str]:
    """A change of a file, and how the file is brought back with owner and mode."""
    kept = f"/root/kept-{path.rpartition('/')[2]}"
    return f"cp -p {path} {kept}\n{change}\n", f"cp -p {kept} {path}\nrm {kept}\n"


def _fault(name: str, check: str, shown: str, make: str, unmake: str) -> Fault:
    return Fault(name, "axigen1", make, unmake, check, shown)


def _restarted(name: str, check: str, shown: str, path: str, change: str) -> Fault:
    """A file that Axigen reads at its start."""
    make, unmake = _kept(path, change)
    return _fault(name, check, shown, make + RESTART + "sleep 1", unmake + RESTART + ANSWERS)


def _lying(name: str, check: str, shown: str, path: str, change: str) -> Fault:
    """A file that is read anew for each login."""
    return _fault(name, check, shown, *_kept(path, change))


GSSAPI_GONE_FROM_IMAP = _fault(
    "GSSAPI is taken from IMAP",
    "axigen.gssapi_not_offered",
    r"imap on ports 143, 993.*port 143 after STARTTLS: .*PLAIN",
    _cli("IMAP", "SET secureConnAuthTypes (plain login)"),
    _cli("IMAP", f"SET secureConnAuthTypes {METHODS}"),
)
KEYTAB = "/etc/axigen.keytab"
# The document: 'Permission denied' in sasl_server_step
UNREADABLE = _lying(
    "the keytab is root's",
    "keytab.unreadable",
    "opening it as axigen.*Permission denied",
    KEYTAB,
    f"chown root:root {KEYTAB}",
)
# Takes the entries of one principal and type out: MIT's ktutil has no words for it but their numbers.
_WITHOUT_AES256 = f"""slots=$(printf 'rkt {KEYTAB}\\nlist -e\\n' | ktutil \
    | awk '/imap.*aes256/ {{ print $1 }}' | sort -rn)
{{ echo 'rkt {KEYTAB}'; for slot in $slots; do echo "delent $slot"; done; echo 'wkt {KEYTAB}.new'; }} | ktutil
chown axigen:axigen {KEYTAB}.new; chmod 0600 {KEYTAB}.new; mv {KEYTAB}.new {KEYTAB}"""


def _in_entries(change: str) -> str:
    """Changes the bytes of IMAP's entries in place: `end` is behind one, whose last four are its kvno."""
    return f"""python3 - <<'EOP'
import pathlib
file = pathlib.Path('{KEYTAB}')
content = bytearray(file.read_bytes())
at = 2
while at < len(content):
    size = int.from_bytes(content[at:at + 4], 'big', signed=True)
    end = at + 4 + abs(size)
    if size > 0 and b'imap' in content[at:end]:
        {change}
    at = end
file.write_bytes(content)
EOP"""


_OTHER_CONF = f"""mkdir -p {DROP_INS}
sed 's/AD.EXAMPLE.TEST/OTHER.TEST/' /etc/krb5.conf > /etc/krb5-other.conf
printf '[Service]\\nEnvironment=KRB5_CONFIG=/etc/krb5-other.conf\\n' > {DROP_INS}/other.conf
"""
# A mail program in which another user's name was entered: alice's ticket, and bob as whom she would be. Samba's own
# GSS-API is what the controller has, and the passwords of the lab.
_AS_ANOTHER = """python3 - <<'EOP'
import base64, json, pathlib, socket, ssl
from samba import credentials, gensec
from samba.param import LoadParm
host = 'axigen1.ad.example.test'
settings = LoadParm()
settings.load_default()
user = credentials.Credentials()
user.guess(settings)
user.set_username('alice')
user.set_realm('AD.EXAMPLE.TEST')
user.set_password(json.loads(pathlib.Path('/lab-private/passwords.json').read_text())['alice'])
user.set_kerberos_state(credentials.MUST_USE_KERBEROS)
trust = ssl._create_unverified_context()
for dummy in range(6):
    context = gensec.Security.start_client({'lp_ctx': settings, 'target_hostname': host})
    context.set_credentials(user)
    context.set_target_service('imap')
    context.set_target_hostname(host)
    context.want_feature(gensec.FEATURE_SIGN)
    context.start_mech_by_name('gssapi_krb5')
    with socket.create_connection((host, 993)) as plain, trust.wrap_socket(plain, server_hostname=host) as link:
        lines = link.makefile('rwb')
        def ask(line):
            lines.write(line + b'\\r\\n')
            lines.flush()
            return base64.b64decode(lines.readline()[2:] or b'')
        lines.readline()
        lines.write(b'a AUTHENTICATE GSSAPI\\r\\n')
        lines.flush()
        lines.readline()
        reply = ask(base64.b64encode(context.update(b'')[1]))
        context.unwrap(ask(base64.b64encode(context.update(reply)[1])))
        lines.write(base64.b64encode(context.wrap(b'\\1\\0\\0\\0bob')) + b'\\r\\n')
        lines.flush()
        assert b' NO ' in lines.readline()
EOP
"""

_AXIGEN = (
    GSSAPI_GONE_FROM_IMAP,
    _fault(
        "GSSAPI is taken from POP3",
        "axigen.gssapi_not_offered",
        r"pop3 on ports 110, 995.*secureConnAuthTypes",
        _cli("POP3", "SET secureConnAuthTypes (plain)"),
        _cli("POP3", f"SET secureConnAuthTypes {METHODS}"),
    ),
    _fault(
        "IMAP is stopped",
        "axigen.not_listening",
        r"imap .*port 143: Connection refused",
        _cli("IMAP", "STOP Service"),
        _cli("IMAP", "START Service") + ANSWERS,
    ),
    _restarted(
        "POP3 is not among Axigen's services",
        "axigen.not_listening",
        r"pop3 .*in services: no",
        CFG,
        f"sed -i 's/ pop3 imap webmail/ imap webmail/' {CFG}",
    ),
    _restarted(
        "the file lacks GSSAPI for IMAP, and Axigen was restarted",
        "axigen.gssapi_not_offered",
        r"axigen.cfg: secureConnAuthTypes = \(plain login\)",
        CFG,
        f"sed -i '/imap = {{/,/^    }}/s/secureConnAuthTypes = .*/secureConnAuthTypes = (plain login)/' {CFG}",
    ),
    _lying(
        "the file lacks GSSAPI for IMAP, and Axigen still runs with it",
        "axigen.unsaved",
        r"offered now; axigen.cfg: secureConnAuthTypes = \(plain login\)",
        CFG,
        f"sed -i '/imap = {{/,/^    }}/s/secureConnAuthTypes = .*/secureConnAuthTypes = (plain login)/' {CFG}",
    ),
    _fault(
        "Axigen is stopped",
        "axigen.stopped",
        "axigen.service is not running",
        "systemctl stop axigen",
        "systemctl start axigen\n" + ANSWERS,
    ),
    _restarted(
        "Axigen's unit names no keytab",
        "axigen.keytab_elsewhere",
        r"KRB5_KTNAME of process \d+: not set",
        f"{DROP_INS}/kerberos.conf",
        f"rm {DROP_INS}/kerberos.conf",
    ),
    _fault(
        "Axigen reads another krb5.conf",
        "axigen.krb5_conf_elsewhere",
        "/etc/krb5-other.conf",
        _OTHER_CONF + RESTART + "sleep 1",
        f"rm {DROP_INS}/other.conf /etc/krb5-other.conf\n" + RESTART + ANSWERS,
    ),
    UNREADABLE,
    # The document: Requested identity not authenticated identity
    Fault(
        "a mail program asks for another user than its ticket's",
        "axigen1",
        _AS_ANOTHER,
        "true",
        "log.authzid_refused",
        "IMAP has it 6 times",
        made_on="dc1",
    ),
    # The document: gss_accept_sec_context, permitted_enctypes; RHEL 8's have no RC4, and these nothing else
    _lying(
        "permitted_enctypes lacks the types of the keytab",
        "krb5.enctypes",
        "permitted_enctypes = camellia256-cts-cmac",
        "/etc/krb5.conf",
        "sed -i 's/permitted_enctypes = .*/permitted_enctypes = camellia256-cts-cmac/' /etc/krb5.conf",
    ),
    _lying(
        "the keytab lacks IMAP's strongest key",
        "directory.enctypes",
        "imap.*aes256-cts-hmac-sha1-96.*: aes128-cts-hmac-sha1-96",
        KEYTAB,
        _WITHOUT_AES256,
    ),
    _lying(
        "the keytab has IMAP's keys of another kvno",
        "directory.kvno_differs",
        "kvno 7; msDS-KeyVersionNumber of axigen_imap: 1",
        KEYTAB,
        _in_entries("content[end - 4 : end] = (7).to_bytes(4, 'big')"),
    ),
    _lying(
        "the keytab was made with another password",
        "directory.key_wrong",
        "imap/axigen1.*does not open",
        KEYTAB,
        _in_entries("content[end - 6] ^= 1"),
    ),
)

OF_DOCUMENTS = (
    "the keytab is root's",
    "permitted_enctypes lacks the types of the keytab",
    "a mail program asks for another user than its ticket's",
    # What its update for RHEL 8 is about
    "IMAP's account has RC4 alone",
)
FAULTS: ByFault = {fleet.AD.name: _AXIGEN}
PAIRS: ByPair = {fleet.AD.name: (Pair(GSSAPI_GONE_FROM_IMAP, UNREADABLE),)}
