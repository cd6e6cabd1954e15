# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication sessions in Axigen's log: who logged in how, and what became of it. No secret leaves this room.

A line is `YYYY-MM-DD HH:MM:SS +ZZZZ LL host MODULE:SESSION: text`. At log level 16 the text may be `<< ` and what a
client sent, or `>> ` and what the server answered. What a client sends while it logs in may be a password in
whatever form, so that of a client's lines only the words in `COMMANDS` and `METHODS` are shown.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from .dialogue import text as readable

MODULES = {
    "imap": "IMAP",
    "pop3": "POP3",
    "smtp": "SMTP-IN",
    "webmail": "WEBMAIL",
    "webadmin": "WEBADMIN",
    "cli": "CLI",
}
ACCEPTED, REFUSED, OPEN = "accepted", "refused", "unknown"
LONGEST = 300  # characters of a line that is shown
MOST_LINES = 60  # of a session that are shown
COMMANDS = (
    *("AUTH", "AUTHENTICATE", "CAPA", "CAPABILITY", "EHLO", "HELO", "ID", "LOGIN", "LOGOUT"),
    *("NOOP", "PASS", "QUIT", "RSET", "STARTTLS", "STLS", "USER"),
)
METHODS = ("PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "GSSAPI", "GSS-SPNEGO", "NTLM", "XOAUTH2", "OAUTHBEARER")
NO_SASL = "PASSWORD"  # IMAP's LOGIN and POP3's PASS
OTHER = "OTHER"  # a method that is not known here
_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}) (?P<level>\d\d) (?P<host>\S+) "
    r"(?P<module>[A-Z0-9-]+):(?P<session>[0-9A-Fa-f]{8}): (?P<text>.*)\Z"
)
_CLIENT = re.compile(r"connection accepted from \[(.*)\](?::\d+)?\Z")
_AUTHORISED = re.compile(r"User \[(?P<user>[^\]]*)\] successfully authorized")
_ERROR = re.compile(r"Authentication error for user '(?P<user>[^']*)'", re.IGNORECASE)
_SASL_ERROR = re.compile(r"sasl_server_step error", re.IGNORECASE)
_GO_ON = re.compile(r"\+(?: |\Z)|334\b")
_YES = re.compile(r"2\d\d\b|\+OK\b|\S+ OK\b")
_TOKEN = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_TAG = re.compile(r"[A-Za-z0-9.]{1,32}\Z")
SHOWN_OF_TOKEN = 8  # characters


@dataclass(frozen=True)
class Entry:
    """One line: when, which module and session, and its text as the server wrote it."""

    time: datetime.datetime
    module: str
    session: str
    text: str


@dataclass(frozen=True)
class Login:
    """One session as far as it is about logging in. ``lines`` hold no secret; ``errors`` are those among them."""

    module: str
    session: str
    began: datetime.datetime
    last: datetime.datetime
    client: str = ""
    user: str = ""
    mechanism: str = ""
    result: str = OPEN
    lines: Tuple[str, ...] = ()
    errors: Tuple[str, ...] = ()
    exchanging: bool = False  # in the middle of a login, where all that the client sends may be a secret


def entry(line: str) -> Optional[Entry]:
    """The line as it is meant; None where it is none of Axigen's."""
    match = _LINE.match(line)
    if not match:
        return None
    try:
        when = datetime.datetime.strptime(match["time"], "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
    return Entry(when, match["module"], match["session"].upper(), match["text"])


def entries(lines: Iterable[str], since: Optional[datetime.datetime], modules: Sequence[str]) -> Iterator[Entry]:
    """The entries from ``since`` on (None: all) of those modules (none named: all)."""
    for line in lines:
        found = entry(line.rstrip("\r\n"))
        if found and (since is None or found.time >= since) and (not modules or found.module in modules):
            yield found


def logins(found: Iterable[Entry]) -> List[Login]:
    """The sessions in which somebody tried to log in, in the order in which they began."""
    sessions: Dict[Tuple[str, str], Login] = {}
    order: List[Login] = []
    for one in found:
        key = (one.module, one.session)
        login = sessions.get(key)
        if login is None or _accepted(one.text):
            if login is not None:
                order.append(login)
            login = Login(one.module, one.session, one.time, one.time)
        sessions[key] = _with(login, one)
    order += sessions.values()
    tried = [login for login in order if login.mechanism or login.user or login.errors]
    return sorted(tried, key=lambda login: login.began)


def merged(files: Sequence[List[Login]]) -> List[Login]:
    """The logins of several files, for one line may stand in more than one: of each session the fullest account."""
    best: Dict[Tuple[str, str, datetime.datetime], Login] = {}
    for found in files:
        for login in found:
            key = (login.module, login.session, login.began)
            if key not in best or len(login.lines) > len(best[key].lines):
                best[key] = login
    return sorted(best.values(), key=lambda login: login.began)


def _accepted(text: str) -> Optional[str]:
    match = _CLIENT.search(text)
    return match[1] if match else None


def _with(login: Login, one: Entry) -> Login:
    """The session with one line more; once somebody is in, the rest is not about logging in."""
    if login.result == ACCEPTED:
        good = _AUTHORISED.search(one.text)
        return replace(login, user=shown(good["user"])) if good and not login.user else login
    if len(login.lines) < MOST_LINES:
        login = replace(login, lines=(*login.lines, shown(one.text, login.exchanging)))
    login = replace(login, last=one.time)
    if one.text.startswith("<<"):
        return _asking(login, one.text[2:].strip())
    if one.text.startswith(">>"):
        return _answered(login, one.text[2:].strip())
    return _judged(login, one.text)


def _asking(login: Login, line: str) -> Login:
    if login.exchanging:
        return login
    verb, *more = [word.upper() for word in _words(line)[:2]] or [""]
    if verb in ("LOGIN", "PASS"):
        return replace(login, mechanism=NO_SASL, exchanging=True)
    if verb in ("AUTH", "AUTHENTICATE") and more:  # alone it asks for the methods
        return replace(login, mechanism=more[0] if more[0] in METHODS else OTHER, exchanging=True)
    return login


def _answered(login: Login, line: str) -> Login:
    if not login.exchanging or _GO_ON.match(line) or line.startswith("* "):
        return login
    return replace(login, exchanging=False, result=ACCEPTED if _YES.match(line) else REFUSED)


def _judged(login: Login, text: str) -> Login:
    client = _accepted(text)
    if client:
        return replace(login, client=readable(client.encode("utf-8", "replace")))
    good, bad = _AUTHORISED.search(text), _ERROR.search(text)
    if good:
        return replace(login, result=ACCEPTED, user=shown(good["user"]))
    if bad or _SASL_ERROR.search(text):
        user = shown(bad["user"]) if bad else login.user
        return replace(login, result=REFUSED, user=user, errors=(*login.errors, shown(text)))
    return login


def _words(line: str) -> List[str]:
    """The words of a client's line, an IMAP tag left out."""
    words = line.split()
    if len(words) > 1 and words[0].upper() not in COMMANDS and _TAG.match(words[0]):
        return words[1:] if words[1].upper() in COMMANDS else words
    return words


def shown(text: str, secret: bool = False) -> str:
    """A line as it may be seen: printable, without what a client may have sent as a secret, tokens cut.

    ``secret``: the line belongs to a login, so that nothing of the client's is shown.
    """
    text = readable(text.encode("utf-8", "replace"))
    if text.startswith("<<"):
        line = text[2:].strip()
        return f"<< ({len(line)} characters)" if secret else f"<< {_client_line(line)}".rstrip()
    text = _TOKEN.sub(lambda match: f"{match[0][:SHOWN_OF_TOKEN]}...({len(match[0])} characters)", text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _client_line(line: str) -> str:
    all_words, words = line.split(), _words(line)
    kept: List[str] = []
    if words and words[0].upper() in COMMANDS:
        kept = [*all_words[: len(all_words) - len(words)], words[0]]
        if words[0].upper() in ("AUTH", "AUTHENTICATE") and words[1:] and words[1].upper() in METHODS:
            kept.append(words[1])
    rest = len(" ".join(all_words)) - len(" ".join(kept))
    return " ".join([*kept, f"({rest} characters)"] if rest else kept)


def login_report(login: Login) -> Dict[str, Any]:
    """A session as a module returns it."""
    return {
        "module": login.module,
        "session": login.session,
        "began": login.began.isoformat(),
        "client": login.client,
        "user": login.user,
        "mechanism": login.mechanism,
        "result": login.result,
        "lines": list(login.lines),
    }
