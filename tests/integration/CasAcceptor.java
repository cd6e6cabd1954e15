// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.login.LoginContext;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.Oid;

/**
 * Accepts SPNEGO tokens by the JDK's calls that CAS makes for it, through its JCIFS layer.
 *
 * Takes lines on standard input: "NAME=VALUE" sets a property of the virtual machine as CAS does at its start, among
 * them jcifs.spnego.servicePrincipal; any other line is a token in hexadecimal and is answered with one line: "ok"
 * and the initiator's name, or "refused" with the texts of the exception and its causes. As there, SPNEGO is taken
 * off before the JDK sees a token; where javax.security.auth.useSubjectCredsOnly is true, or not set, the entry
 * jcifs.spnego.accept logs in, and else the JDK is left to find keys; the credential is asked for by the service
 * principal's name. Java 8 must be able to run it.
 */
public final class CasAcceptor {
    private static final int MECHANISM_TOKEN = 0xa2;

    private CasAcceptor() {
    }

    public static void main(String[] none) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int equals = line.indexOf('=');
            if (equals >= 0) {
                System.setProperty(line.substring(0, equals), line.substring(equals + 1));
                continue;
            }
            String answer;
            try {
                answer = "ok " + accepted(new BigInteger(line, 16).toByteArray());  // begins with 0x60: nothing is lost
            } catch (Exception refused) {
                answer = "refused " + texts(refused);
            }
            System.out.println(answer.replace('\n', ' '));
        }
    }

    private static String accepted(byte[] token) throws Exception {
        byte[] inner = mechanismToken(token);
        PrivilegedExceptionAction<String> action = () -> {
            GSSManager manager = GSSManager.getInstance();
            Oid kerberos = new Oid("1.2.840.113554.1.2.2");
            GSSName service = manager.createName(System.getProperty("jcifs.spnego.servicePrincipal"), (Oid) null);
            GSSCredential credential = manager.createCredential(
                    service, GSSCredential.DEFAULT_LIFETIME, kerberos, GSSCredential.ACCEPT_ONLY);
            GSSContext context = manager.createContext(credential);
            context.acceptSecContext(inner, 0, inner.length);
            return context.getSrcName().toString();
        };
        if (!Boolean.parseBoolean(System.getProperty("javax.security.auth.useSubjectCredsOnly", "true"))) {
            return action.run();
        }
        LoginContext login = new LoginContext("jcifs.spnego.accept", CasAcceptor::answer);
        login.login();
        try {
            return Subject.doAsPrivileged(login.getSubject(), action, null);
        } catch (PrivilegedActionException wrapped) {
            throw wrapped.getException();
        }
    }

    /** Without a principal in login.conf the service principal is the name; there is no password. */
    private static void answer(Callback[] callbacks) {
        for (Callback one : callbacks) {
            if (one instanceof NameCallback) {
                ((NameCallback) one).setName(System.getProperty("jcifs.spnego.servicePrincipal"));
            }
        }
    }

    /** The mechanism's own token in a NegTokenInit (RFC 4178, section 4.2.1). */
    private static byte[] mechanismToken(byte[] token) {
        ByteBuffer outer = contents(ByteBuffer.wrap(token));
        contents(outer);  // SPNEGO's identifier
        ByteBuffer fields = contents(contents(outer));
        while (fields.hasRemaining()) {
            int tag = fields.get(fields.position()) & 0xff;
            ByteBuffer field = contents(fields);
            if (tag == MECHANISM_TOKEN) {
                ByteBuffer inner = contents(field);
                byte[] bytes = new byte[inner.remaining()];
                inner.get(bytes);
                return bytes;
            }
        }
        throw new IllegalArgumentException("no mechanism's token in it");
    }

    /** The contents of the next element of DER, behind which the buffer stands then. */
    private static ByteBuffer contents(ByteBuffer from) {
        from.get();
        int length = from.get() & 0xff;
        if (length >= 0x80) {
            int bytes = length - 0x80;
            length = 0;
            for (int at = 0; at < bytes; at++) {
                length = length << 8 | from.get() & 0xff;
            }
        }
        ByteBuffer inner = from.slice();
        inner.limit(length);
        from.position(from.position() + length);
        return inner.slice();
    }

    private static String texts(Throwable thrown) {
        StringBuilder out = new StringBuilder();
        for (Throwable one = thrown; one != null; one = one.getCause()) {
            String text = one.getMessage() == null ? one.getClass().getName() : one.getMessage();
            if (out.indexOf(text) < 0) {
                out.append(out.length() == 0 ? "" : ": ").append(text);
            }
        }
        return out.toString();
    }
}
