// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package lab.negotiate;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import org.apereo.cas.configuration.model.support.spnego.SpnegoProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a directory has the attribute for a host's entry, by which the LDAP strategy selects clients. */
final class Directory {
    private static final Logger LOGGER = LoggerFactory.getLogger("org.apereo.cas.web.flow.client.Directory");

    private Directory() {}

    static boolean knows(SpnegoProperties spnego, String host) {
        var ldap = spnego.getLdap();
        var environment = new Hashtable<String, String>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        environment.put(Context.PROVIDER_URL, ldap.getLdapUrl());
        if (ldap.getBindDn() != null && !ldap.getBindDn().isBlank()) {
            environment.put(Context.SECURITY_PRINCIPAL, ldap.getBindDn());
            environment.put(Context.SECURITY_CREDENTIALS, ldap.getBindCredential());
        }
        var controls = new SearchControls();
        controls.setSearchScope(SearchControls.SUBTREE_SCOPE);
        var filter = ldap.getSearchFilter().replace("{host}", "{0}");
        try {
            var context = new InitialDirContext(environment);
            try {
                var found = context.search(ldap.getBaseDn(), filter, new Object[] {host}, controls);
                return found.hasMore() && found.next().getAttributes().get(spnego.getSpnegoAttributeName()) != null;
            } finally {
                context.close();
            }
        } catch (NamingException e) {
            LOGGER.warn("{} does not answer for {}: {}", ldap.getLdapUrl(), host, e.toString());
            return false;
        }
    }
}
