# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mends a failed login on a product that has a place of its own for it, where that is known.

Axigen: its documents on Kerberos, on the CLI and on WebAdmin's Acceptance & Routing. SMTP has no attribute for its
methods in the CLI; WebAdmin keeps them in a script that it generates, and which nobody else may edit.
"""

from __future__ import annotations

from typing import Mapping, Tuple

from .symptoms import Finding

SMTP_IN_WEBADMIN = (
    "in Axigen's WebAdmin open Security & Filtering > Acceptance & Routing > Advanced Settings, and in the rules for "
    "connections allow the authentication type GSSAPI; it is not to be had by the CLI, and a change by hand in "
    "filters/smtpFilters.script would be overwritten"
)
METHODS = (
    "let the role axigen add gssapi to {attribute} (axigen_config), which the CLI shows in CONFIG SERVER, CONFIG {name}"
)
KEYTAB = (
    "let the user axigen read the keytab that KRB5_KTNAME of the unit axigen names, else /etc/krb5.keytab "
    "(role axigen: axigen_keytab, owner axigen, mode 0600)"
)
IDENTITY = "write the user name without the domain in the mail client, as alice and not alice@example.test"
TYPES = (
    "see that permitted_enctypes on Axigen's host has the type of the ticket (roles client and axigen: "
    "kerberos_enctype_policy) and that the keytab has a key of it"
)
# By product, protocol (all where it is empty) and symptom
REMEDIES: Mapping[Tuple[str, str, str], str] = {
    ("axigen", "smtp", "gssapi_not_offered"): SMTP_IN_WEBADMIN,
    ("axigen", "imap", "gssapi_not_offered"): METHODS.format(attribute="secureConnAuthTypes", name="IMAP"),
    ("axigen", "pop3", "gssapi_not_offered"): METHODS.format(attribute="secureConnAuthTypes", name="POP3"),
    ("axigen", "http", "negotiate_not_offered"): METHODS.replace("add gssapi to", "switch on").format(
        attribute="allowSPNEGOAuth", name="WEBMAIL"
    ),
    ("axigen", "", "service_keytab_missing"): KEYTAB,
    ("axigen", "", "service_keytab_unreadable"): KEYTAB,
    ("axigen", "", "service_temporarily_unable"): f"{KEYTAB}; what Axigen itself says is in its log (axigen_log_info)",
    ("axigen", "", "service_enctype_unusable"): TYPES,
    ("axigen", "", "authzid_refused"): IDENTITY,
}


def product_remedy(product: str, protocol: str, finding: Finding) -> str:
    """The remedy of ``finding`` on ``product``: its own where one is known, else the general one."""
    general = REMEDIES.get((product, "", finding.symptom), finding.remedy)
    return REMEDIES.get((product, protocol, finding.symptom), general)
