# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the reference from what antsibull-docs writes; works without the network."""

from __future__ import annotations

project = "mailrealm.kerberos"
copyright = "2026, the mailrealm.kerberos authors"  # noqa: A001 - Sphinx reads this name
title = "The collection mailrealm.kerberos"
html_short_title = title

extensions = ["sphinx_antsibull_ext"]
default_role = "any"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
# References to ansible.builtin point into Ansible's own site, which is not asked here.
suppress_warnings = ["ref.ref", "ref.any"]

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_use_modindex = False
