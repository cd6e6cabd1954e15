# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transcripts of the double's CLI: what a client sends, and every byte that it gets."""

from __future__ import annotations

import socket
import threading

import pytest
from lab.doubles.axigen import catalogue, cfg, cli_port, commands, console, running, variants

DOMAIN = "ad.example.test"
BANNER = "\r\n  double: an Axigen of the lab\r\n  Welcome to AXIGEN's Command Line Interface\r\n\r\n<login> "
IN = (("USER admin", "+OK: double: password, please\r\n<password> "), ("pw", "+OK: Authentication successful\r\n<#> "))
OK = "+OK: command successful\r\n"
COMMITTED = "+OK: committing changes and switching back to previous context\r\n"
METHODS = "(plain login cram-md5 digest-md5 gssapi)"
IMAP = (
    *IN,
    ("config server", f"{OK}<server#> "),
    ("CONFIG IMAP", f"{OK}<server-imap#> "),
)


class Site:
    """A server without ports, and what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.delegated: dict[str, frozenset[str]] = {}
        self.server = running.Running(
            catalogue.shipped(DOMAIN),
            {DOMAIN: {"postmaster": "secret", "alice": ""}},
            running={"imap", "pop3"},
            permissions=self.permissions,
            applied=lambda: self.told.append("applied"),
            saved=lambda: self.told.append("saved"),
            domains_changed=lambda: self.told.append("domains"),
            filters_changed=lambda: self.told.append("filters"),
        )

    def permissions(self, user, password):
        if password != "pw":
            return None
        return running.ALL_RIGHTS if user == "admin" else self.delegated.get(user)

    def console(self, limits=None, **chosen):
        chosen = variants.Variants(**{"colours": False, **chosen})
        return console.Console(self.server, chosen, limits or {}, commands.run)


@pytest.fixture
def site():
    return Site()


def play(console, *transcript):
    for sent, got in transcript:
        assert (sent, console.line(sent)) == (sent, got)


def test_login(site):
    session = site.console()
    assert session.greeting() == BANNER
    play(session, ("GET VERSION", f"10.6.30|Linux|x86_64\r\n\r\n{OK}<login> "), *IN)
    play(session, ("QUIT", "+OK: have a nice day\r\n"))
    assert session.closed


@pytest.mark.parametrize("sent", [("USER admin", "wrong"), ("USER joe", "pw")])
def test_login_is_refused_after_the_password(site, sent):
    session = site.console()
    assert session.line(sent[0]) == IN[0][1]
    play(session, (sent[1], "-ERR: double: login refused\r\n<login> "), *IN)


def test_login_may_be_refused_whatever_the_password(site):
    play(site.console(refuse_login=True), IN[0], ("pw", "-ERR: double: login refused\r\n<login> "))


@pytest.mark.parametrize("command", ["CONFIG SERVER", "LIST Domains", "SET x y", "nonsense", ""])
def test_nothing_else_before_login(site, command):
    play(site.console(), (command, "-ERR: double: this context has no such command\r\n<login> "))


def test_show_in_the_order_of_help(site):
    values = [
        *("maxErrors = 20", "maxAuthErrors = 5", "maxConnThreads = 20", "minConnThreads = 2", "logLevel = 15"),
        *("logType = internal", "logHost = 127.0.0.1:2000", "allowStartTLS = yes"),
        *(f"secureConnAuthTypes = {METHODS}", "plainConnAuthTypes = (cram-md5 digest-md5 gssapi)"),
        *("secureConnAllowLogin = yes", "plainConnAllowLogin = no", "userdbConnectorType = local"),
        *('userdbConnectorName = ""', 'greetingsText = "AXIGEN IMAP4rev1 service is ready"'),
        *("imapIdEnabled = yes", "imapShowAllFolders = no"),
    ]
    session = site.console()
    play(session, *IMAP)
    shown = session.line("SHOW").split("\r\n")
    assert shown[:2] == ["double: the attributes of imap", "-" * 40]
    assert shown[2:-3] == values  # as the vendor's client cuts it
    assert shown[-3:] == ["", OK.strip(), "<server-imap#> "]
    play(session, ("SHOW ATTR LOGLEVEL", f"logLevel = 15\r\n\r\n{OK}<server-imap#> "))


@pytest.mark.parametrize(
    ("command", "context"),
    [("SMTP-INCOMING", "smtpIncoming"), ("POP3", "pop3"), ("WEBMAIL", "webmail"), ("log", "log"), ("Cli", "cli")],
)
def test_the_prompt_names_the_context(site, command, context):
    play(site.console(), *IMAP[:3], (f"CONFIG {command}", f"{OK}<server-{context}#> "))


def test_set_commit_and_save(site):
    session = site.console()
    play(
        session,
        *IMAP,
        ("SET secureConnAuthTypes (GSSAPI plain) logLevel 31", f"{OK}<server-imap#> "),
        ("SHOW ATTR secureConnAuthTypes", f"secureConnAuthTypes = (gssapi plain)\r\n\r\n{OK}<server-imap#> "),
    )
    assert site.server.config["imap"]["logLevel"] == "15"
    play(session, ("COMMIT", f"{COMMITTED}<server#> "))
    assert site.server.config["imap"]["logLevel"] == "31"
    assert site.server.config["imap"]["secureConnAuthTypes"] == ("gssapi", "plain")
    assert site.told == ["applied"]
    play(session, ("COMMIT", f"{COMMITTED}<#> "), ("SAVE CONFIG", f"{OK}<#> "))
    assert site.told == ["applied", "applied", "saved"]
    play(session, ("SAVE CONFIG /tmp/x", "-ERR: double: 0 more words were expected, not 1\r\n<#> "))
    assert site.told == ["applied", "applied", "saved"]


@pytest.mark.parametrize("given", ["all", "(all)", "ALL"])
def test_all_is_a_set(site, given):
    play(site.console(), *IMAP, (f"SET plainConnAuthTypes {given}", f"{OK}<server-imap#> "))


def test_back_and_reset_drop(site):
    session = site.console()
    change, shown = ("SET logLevel 31", f"{OK}<server-imap#> "), f"logLevel = 15\r\n\r\n{OK}<server-imap#> "
    play(session, *IMAP, change, ("RESET", f"{OK}<server-imap#> "), ("SHOW ATTR logLevel", shown), change)
    play(session, ("BACK", f"{OK}<server#> "), IMAP[3], ("SHOW ATTR logLevel", shown), ("BACK", f"{OK}<server#> "))
    play(session, ("BACK", f"{OK}<#> "))
    assert site.told == []
    assert site.server.config == catalogue.shipped(DOMAIN)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("SET logLevel 32", "logLevel takes no such value"),
        ("SET logLevel many", "logLevel takes no such value"),
        ("SET logLevel (15)", "logLevel takes no such value"),
        ("SET allowStartTLS maybe", "allowStartTLS takes no such value"),
        ("SET secureConnAuthTypes (plain ntlm)", "secureConnAuthTypes takes no such value"),
        ("SET logLevel 31 keytab x", "keytab cannot be set here"),
        ("SET logLevel", "SET takes names and values in turn"),
        ("SET", "SET takes names and values in turn"),
        ("SHOW ATTR keytab", "keytab is no attribute of imap"),
        ("SHOW ATTR", "1 more words were expected, not 0"),
        ("CONFIG POP3", "this context has no such command"),
        ("DONE", "this context has no such command"),
        ('SET greetingsText "open', "no word begins at character 19"),
    ],
)
def test_a_refused_command_changes_nothing(site, command, said):
    shown = f"logLevel = 15\r\n\r\n{OK}<server-imap#> "
    refused = (command, f"-ERR: double: {said}\r\n<server-imap#> ")
    play(site.console(), *IMAP, refused, ("SHOW ATTR logLevel", shown))


def test_services_are_not_set(site):
    refused = ("SET services (imap)", "-ERR: double: services cannot be set here\r\n<server#> ")
    play(
        site.console(),
        *IMAP[:3],
        refused,
        ("CONFIG QUEUE", "-ERR: double: there is no such context to configure\r\n<server#> "),
    )


def test_show_config_is_the_file_in_force(site):
    session = site.console()
    play(session, *IMAP, ("SET logLevel 31", f"{OK}<server-imap#> "), ("COMMIT", f"{COMMITTED}<server#> "))
    *text, empty, status, prompt = session.line("SHOW CONFIG").split("\r\n")
    assert (empty, status, prompt) == ("", OK.strip(), "<server#> ")
    assert "\n".join([*text, ""]) == cfg.render(site.server.config)
    assert cfg.parse("\n".join(text))["imap"]["logLevel"] == "31"


def test_stop_and_start_wait_for_commit(site):
    session = site.console()
    play(session, *IMAP, ("STOP Service", f"{OK}<server-imap#> "))
    assert site.server.running == {"imap", "pop3"}
    play(session, ("COMMIT", f"{COMMITTED}<server#> "))
    assert site.server.running == {"pop3"}
    play(session, IMAP[3], ("START Service", f"{OK}<server-imap#> "), ("BACK", f"{OK}<server#> "))
    assert site.server.running == {"pop3"}


def test_stop_may_act_at_once(site):
    play(site.console(service_acts="once"), *IMAP, ("STOP Service", f"{OK}<server-imap#> "))
    assert (site.server.running, site.told) == ({"pop3"}, ["applied"])


def test_listeners(site):
    listed = (
        "double: the listeners of this service\r\n\r\naddress     | enable | sslEnable\r\n"
        "--------------------------------\r\n\r\n0.0.0.0:143 | yes    | no\r\n0.0.0.0:993 | yes    | yes\r\n\r\n"
    )
    deeper = "<server-imap-listener-sslControl#> "
    session = site.console()
    play(
        session,
        *IMAP,
        ("LIST Listeners", f"{listed}{OK}<server-imap#> "),
        ("UPDATE Listener 127.0.0.1:1", "-ERR: double: there is no listener of that address\r\n<server-imap#> "),
        ("UPDATE Listener address 0.0.0.0:993", f"{OK}<server-imap-listener#> "),
        ("CONFIG SSLCONTROL", f"{OK}{deeper}"),
        ('SET certFile "other.pem"', f"{OK}{deeper}"),
        ("COMMIT", f"-ERR: double: this context has no such command\r\n{deeper}"),
        ("DONE", f"{COMMITTED}<server-imap-listener#> "),
    )
    assert site.told == []
    play(session, ("COMMIT", f"{COMMITTED}<server-imap#> "))
    assert site.server.config["imap"]["listeners"][1]["sslControl"]["certFile"] == "other.pem"
    play(
        session,
        ("ADD Listener 127.0.0.1:9", f"{OK}<server-imap-listener#> "),
        ("COMMIT", f"{COMMITTED}<server-imap#> "),
    )
    assert [one["address"] for one in site.server.config["imap"]["listeners"]][2:] == ["127.0.0.1:9"]
    play(session, ("REMOVE Listener 127.0.0.1:9", f"{OK}<server-imap#> "), ("COMMIT", f"{COMMITTED}<server#> "))
    assert len(site.server.config["imap"]["listeners"]) == 2


def test_domains_and_accounts(site):
    listed = (
        "double: the domains\r\n\r\nname             total size  used size\r\n"
        "----------------------------------------\r\n\r\nad.example.test  1024        2\r\n\r\n"
    )
    session = site.console()
    play(
        session,
        *IN,
        ("LIST Domains", f"{listed}{OK}<#> "),
        ("UPDATE Domain name ad.example.test", f"{OK}<domain#> "),
        ('ADD Account name Bob password "p w"', f"{OK}<domain-account#> "),
        ("COMMIT", f"{COMMITTED}<domain#> "),
    )
    assert "bob" not in site.server.domains[DOMAIN]
    rows = session.line("LIST Accounts").split("\r\n")[5:-3]
    assert [row.split()[0] for row in rows] == ["alice", "bob", "postmaster"]
    play(session, ("COMMIT", f"{COMMITTED}<#> "))
    assert site.server.domains[DOMAIN]["bob"] == "p w"
    made = ("CREATE Domain name two.test domainLocation /d postmasterPassword p", f"{OK}<domain-create#> ")
    play(session, made, ("COMMIT", f"{COMMITTED}<#> "), ("DELETE Domain two.test", f"{OK}<#> "))
    assert site.told == ["domains"] * 3


def test_filters_are_uploaded_without_a_prompt(site):
    session = site.console()
    play(session, *IMAP[:3], ("UPDATE SmtpFilters", "+OK: double: send the filters\r\n"))
    play(session, ("event onEhlo {", ""), ("..", ""), ("}", ""), (".", f"{OK}<server#> "))
    assert (site.server.filters, site.told) == ("event onEhlo {\n.\n}\n", ["filters"])


def test_delegated_administrator(site):
    site.delegated["joe"] = frozenset({"manageIMAP"})
    session = site.console()
    play(session, ("USER joe", IN[0][1]), *IMAP[1:], ("BACK", f"{OK}<server#> "))
    play(session, ("CONFIG POP3", "-ERR: double: this administrator has no managePOP3\r\n<server#> "))


def test_phrase_of_commit_above_the_status(site):
    above = f"committing changes and switching back to previous context\r\n\r\n{OK}"
    play(site.console(commit_phrase="above"), *IMAP, ("COMMIT", f"{above}<server#> "))


def test_status_without_a_colon(site):
    session = site.console(colon=False)
    play(
        session,
        *((sent, got.replace(":", "", 1)) for sent, got in IN),
        ("no", "-ERR double: this context has no such command\r\n<#> "),
    )


def test_headings_and_sets_as_chosen(site):
    session = site.console(headings=3, sets="all")
    play(session, *IMAP)
    shown = session.line("SHOW").split("\r\n")
    assert shown[:4] == ["double: the attributes of imap", "-" * 40, "", "maxErrors = 20"]
    assert "secureConnAuthTypes = (all)" in shown
    assert "plainConnAuthTypes = (cram-md5 digest-md5 gssapi)" in shown
    turned = site.console(sets="reversed")
    play(
        turned,
        *IMAP,
        (
            "SHOW ATTR plainConnAuthTypes",
            f"plainConnAuthTypes = (gssapi digest-md5 cram-md5)\r\n\r\n{OK}<server-imap#> ",
        ),
    )


def test_colours_until_they_are_switched_off(site):
    session = site.console(colours=True)
    assert session.greeting().endswith("\x1b[1m<login>\x1b[0m ")
    assert session.line("GET VERSION").endswith("\x1b[32m+OK: command successful\x1b[0m\r\n\x1b[1m<login>\x1b[0m ")
    play(session, ("SET CONSOLE-CODES off", f"{OK}<login> "))


def test_a_command_that_is_told_to_fail(site):
    failed = "-ERR: double: this command was told to fail\r\n<server-imap#> "
    play(site.console(fail_command="commit"), *IMAP, ("COMMIT", failed))
    assert site.told == []


@pytest.mark.parametrize(
    ("limit", "sent"),
    [("maxErrors", ["no"]), ("maxAuthErrors", ["USER admin", "wrong"]), ("maxAuthCommands", ["HELP"])],
)
def test_limits_close(site, limit, sent):
    session = site.console(limits={limit: 2})
    for line in [*sent, *sent]:
        assert not session.closed
        last = session.line(line)
    assert last == f"-ERR: double: {limit} reached\r\n"
    assert session.closed


def test_a_value_may_hold_what_a_reply_ends_with(site):
    session = site.console()
    play(session, *IMAP, ('SET greetingsText "-ERR: <#> +OK: x"', f"{OK}<server-imap#> "))
    play(session, ("SHOW ATTR greetingsText", f'greetingsText = "-ERR: <#> +OK: x"\r\n\r\n{OK}<server-imap#> '))


def talk(site, chosen, sent, idle=5.0):
    """What a client gets over TCP, segment by segment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, dummy = listener.accept()
    arguments = (theirs, site.server, variants.Variants(colours=False, **chosen))
    thread = threading.Thread(target=cli_port.session, args=arguments)
    thread.start()
    ours.settimeout(idle)
    ours.sendall(sent)
    got = []
    while data := ours.recv(4096):
        got.append(data)
    thread.join()
    ours.close()
    return got


def test_over_tcp(site):
    login = b"GET VERSION\r\nUSER admin\r\npw\r\nQUIT\r\n"
    whole = b"".join(talk(site, {}, login))
    assert whole.startswith(BANNER.encode())
    assert whole.endswith(b"<#> +OK: have a nice day\r\n")
    cut = talk(site, {"segments": "cut"}, login)
    assert b"".join(cut) == whole
    assert b"#> " in cut or b"n> " in cut  # a prompt came in two


def test_the_server_closes_in_mid_session(site):
    assert talk(site, {"idle_close": 0.05}, b"USER admin\r\n")[-1].endswith(b"<password> ")
    broken = b"".join(talk(site, {"break_reply_to": "get version"}, b"GET VERSION\r\nUSER admin\r\n"))
    assert broken.endswith(b"<login> 10.6.30|Linux|x86_64\r\n\r\n+OK:")


def test_variants_are_read_from_a_file(tmp_path):
    assert variants.read(tmp_path / "double.json") == variants.Variants()
    (tmp_path / "double.json").write_text('{"colon": false, "headings": 3}')
    assert variants.read(tmp_path / "double.json") == variants.Variants(colon=False, headings=3)
