// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package lab.negotiate;

import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import javax.security.auth.Subject;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.Oid;

/**
 * Takes one token by the JDK, as jcifs-ext does: with the keys of the login entry jcifs.spnego.accept where credentials
 * come from the subject only, else with those that the JDK finds by itself.
 */
final class Acceptor {
    private static final String ENTRY = "jcifs.spnego.accept";

    private final List<String> principals;

    /** Who logged in, and the token that proves the service to the client (or none). */
    record Accepted(String user, byte[] token) {}

    Acceptor(List<String> principals) {
        this.principals = principals;
    }

    /** By the first of the service principals that can; the failure of the last one where none can. */
    Accepted accept(byte[] token) throws GSSException, LoginException {
        if (principals.isEmpty()) {
            throw new LoginException("cas.authn.spnego.properties[0].jcifs-service-principal is not set");
        }
        GSSException failure = null;
        for (var principal : principals) {
            try {
                return inSubject(() -> by(principal, token));
            } catch (GSSException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static Accepted inSubject(PrivilegedExceptionAction<Accepted> action) throws GSSException, LoginException {
        try {
            if (!Boolean.getBoolean("javax.security.auth.useSubjectCredsOnly")) {
                return action.run();
            }
            var login = new LoginContext(ENTRY);
            login.login();
            try {
                return Subject.doAs(login.getSubject(), action);
            } finally {
                login.logout();
            }
        } catch (PrivilegedActionException e) {
            throw (GSSException) e.getException();
        } catch (GSSException | LoginException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Accepted by(String principal, byte[] token) throws GSSException {
        var manager = GSSManager.getInstance();
        var spnego = new Oid("1.3.6.1.5.5.2");
        var name = manager.createName(principal, new Oid("1.2.840.113554.1.2.2.1"));
        var key = manager.createCredential(name, GSSCredential.INDEFINITE_LIFETIME, spnego, GSSCredential.ACCEPT_ONLY);
        GSSContext context = manager.createContext(key);
        try {
            var answer = context.acceptSecContext(token, 0, token.length);
            if (!context.isEstablished()) {
                throw new GSSException(GSSException.DEFECTIVE_TOKEN, -1, "one token does not establish the context");
            }
            return new Accepted(context.getSrcName().toString(), answer);
        } finally {
            context.dispose();
        }
    }
}
