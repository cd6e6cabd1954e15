# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of localconfig's keys: which moved to LDAP, which nobody may edit, who reads which.

Origins: the moves are zmupgrade.pm's (zm-build, step to 8.5.0); the keys that may not be edited are declared so in
the class LC (zm-common), and zmlocalconfig was seen to refuse them; the readers are those of Kerberos as Zimbra's
document and the sources of mailboxd, the proxy's configuration and zmconfigd tell them.
"""

from __future__ import annotations

import re
from typing import Mapping, Tuple

from .zimbra_localconfig_names import KNOWN

# What must be restarted; MTA_ENVIRONMENT: the MTA by a stop and a start, since its restart only reloads.
MAILBOX, PROXY, MTA, MTA_ENVIRONMENT = "mailbox", "proxy", "mta", "mta_environment"
COMPONENTS = (MAILBOX, PROXY, MTA, MTA_ENVIRONMENT)

# Keys that LDAP took over with 8.5.0, by the attribute that holds their value since. zmlocalconfig still takes them
# with exit status 0, and nothing reads them.
MOVED: Mapping[str, str] = {
    "sasl_smtpd_mech_list": "zimbraMtaSaslSmtpdMechList",
    "postfix_smtpd_sasl_security_options": "zimbraMtaSmtpdSaslSecurityOptions",
    "postfix_smtpd_sasl_tls_security_options": "zimbraMtaSmtpdSaslTlsSecurityOptions",
    "postfix_smtp_sasl_security_options": "zimbraMtaSmtpSaslSecurityOptions",
    "postfix_smtp_sasl_mechanism_filter": "zimbraMtaSmtpSaslMechanismFilter",
    "postfix_import_environment": "zimbraMtaImportEnvironment",
    "postfix_broken_sasl_auth_clients": "zimbraMtaBrokenSaslAuthClients",
    "postfix_smtpd_sasl_authenticated_header": "zimbraMtaSmtpdSaslAuthenticatedHeader",
    "postfix_smtp_sasl_auth_enable": "zimbraMtaSmtpSaslAuthEnable",
    "postfix_smtp_sasl_password_maps": "zimbraMtaSmtpSaslPasswordMaps",
}

# Keys that zmlocalconfig edits with its option -f alone, because Zimbra breaks where they change on their own.
NOT_EDITABLE = frozenset(
    (
        "ldap_root_password",
        "mysql_root_password",
        "zimbra_home",
        "zimbra_ldap_password",
        "zimbra_mysql_password",
        "zimbra_vami_password",
    )
)

# The tools that change a password in all places where it is kept.
PASSWORD_TOOLS: Mapping[str, str] = {
    "ldap_amavis_password": "zmldappasswd -a",
    "ldap_bes_searcher_password": "zmldappasswd -b",
    "ldap_nginx_password": "zmldappasswd -n",
    "ldap_postfix_password": "zmldappasswd -p",
    "ldap_replication_password": "zmldappasswd -l",
    "ldap_root_password": "zmldappasswd -r",
    "mysql_root_password": "zmmypasswd --root",
    "zimbra_ldap_password": "zmldappasswd",
    "zimbra_mysql_password": "zmmypasswd",
}

_SECRET = re.compile(r"passw(?:or)?d|passphrase|secret|private_key", re.IGNORECASE)
# A path, a map's name and a switch.
_NO_SECRETS = (
    "common_passwords_txt",
    "postfix_smtp_sasl_password_maps",
    "zimbra_two_factor_apppasswd_update_authtime",
)

_READERS: Mapping[str, Tuple[str, ...]] = {
    "krb5_debug_enabled": (MAILBOX,),
    "krb5_keytab": (MAILBOX, PROXY),
    "krb5_service_principal_from_interface_address": (MAILBOX, PROXY),
    "spnego_java_options": (MAILBOX,),
    "zimbra_server_hostname": (MAILBOX, PROXY, MTA),
    "postfix_import_environment": (MTA_ENVIRONMENT,),
}
# The command line tools' own keys, which they read anew at each call.
_OF_TOOLS = ("zimbra_zmprov_", "zmprov_")


# Defaults that refer to other keys than zimbra_home, which refers to none: zmlocalconfig shows no default of a key that
# the file holds, but a value that goes back to one of these may close a circle.
DEFAULT_REFERS: Mapping[str, Tuple[str, ...]] = {
    "calendar_cache_directory": ("zimbra_tmp_directory",),
    "cbpolicyd_log_file": ("zimbra_log_directory",),
    "cbpolicyd_pid_file": ("zimbra_log_directory",),
    "client_ssl_truststore": ("mailboxd_truststore",),
    "client_ssl_truststore_password": ("mailboxd_truststore_password",),
    "imapd_java_heap_new_size_percent": ("mailboxd_java_heap_new_size_percent",),
    "imapd_keystore_password": ("mailboxd_keystore_password",),
    "imapd_tmp_directory": ("zimbra_tmp_directory",),
    "localized_client_msgs_directory": ("mailboxd_directory",),
    "mailboxd_java_options": ("networkaddress_cache_ttl",),
    "mailboxd_keystore": ("mailboxd_directory",),
    "mailboxd_output_file": (
        "mailboxd_output_filename",
        "zimbra_log_directory",
    ),
    "mailboxd_pidfile": ("zimbra_log_directory",),
    "mailboxd_truststore": ("zimbra_java_home",),
    "mysql_data_directory": ("zimbra_db_directory",),
    "skins_directory": ("mailboxd_directory",),
    "smime_truststore": ("mailboxd_truststore",),
    "smime_truststore_password": ("mailboxd_truststore_password",),
    "spnego_java_options": ("mailboxd_directory",),
    "zmprov_tmp_directory": ("zimbra_tmp_directory",),
}
# The defaults of keys for whose readers a file that only repeats them makes no difference.
DEFAULTS: Mapping[str, str] = {
    "krb5_debug_enabled": "false",
    "krb5_keytab": "${zimbra_home}/conf/krb5.keytab",
    "krb5_service_principal_from_interface_address": "false",
    "zimbra_server_hostname": "localhost",
}


def is_secret(key: str) -> bool:
    """Whether the key's value is a password or the like; zmlocalconfig masks the same keys but for `_NO_SECRETS`."""
    return bool(_SECRET.search(key)) and key not in _NO_SECRETS


def readers(key: str) -> Tuple[str, ...]:
    """What must be restarted before a change of the key counts; nothing for a key that Zimbra does not know.

    Other keys than those of Kerberos are mailboxd's, whose class declares them.
    """
    if key in _READERS:
        return _READERS[key]
    if key in MOVED or key.startswith("postfix_"):
        return (MTA,)
    return (MAILBOX,) if key in KNOWN and not key.startswith(_OF_TOOLS) else ()
