// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.Oid;

/**
 * Either side of a GSS-API exchange as Java programs have it: the JDK's own login module, tickets and contexts.
 *
 * Takes jobs on standard input, one a line with tabs between the words, the first after the name being a krb5.conf:
 *   initiate CONF PRINCIPAL PASSWORD SERVICE        the service ticket and the first token, in hexadecimal
 *   accept CONF KEYTAB SERVICE TOKEN                the initiator's name
 * Answers each with one line: "ok ..." or "refused ..." with the texts of the exception and its causes.
 * Java 8 must be able to run it.
 */
public final class GssParty {
    private GssParty() {
    }

    public static void main(String[] none) throws IOException {
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
            String[] words = line.split("\t");
            System.setProperty("java.security.krb5.conf", words[1]);
            System.setProperty("sun.security.krb5.rcache", "none");
            String answer;
            try {
                answer = "ok " + answer(words);
            } catch (Exception refused) {
                answer = "refused " + texts(refused);
            }
            System.out.println(answer.replace('\n', ' '));
            System.out.flush();
        }
    }

    private static String answer(String[] words) throws Exception {
        return words[0].equals("initiate")
                ? initiate(words[2], words[3], words[4])
                : accept(words[2], words[3], words[4]);
    }

    private static String initiate(String principal, String password, String service) throws Exception {
        CallbackHandler typing = callbacks -> {
            for (Callback one : callbacks) {
                if (one instanceof PasswordCallback) {
                    ((PasswordCallback) one).setPassword(password.toCharArray());
                }
            }
        };
        Map<String, String> options = new HashMap<>();
        options.put("principal", principal);
        Subject subject = login(options, typing);
        byte[] token = as(subject, () -> {
            GSSManager manager = GSSManager.getInstance();
            GSSName target = manager.createName(service, new Oid("1.2.840.113554.1.2.2.1"));
            GSSContext context = manager.createContext(target, krb5(), null, GSSContext.DEFAULT_LIFETIME);
            context.requestMutualAuth(false);
            return context.initSecContext(new byte[0], 0, 0);
        });
        for (KerberosTicket ticket : subject.getPrivateCredentials(KerberosTicket.class)) {
            if (ticket.getServer().getName().equals(service)) {
                return hex(ticket.getEncoded()) + " " + ticket.getSessionKeyType() + " " + hex(token);
            }
        }
        throw new IllegalStateException("no ticket for " + service);
    }

    private static String accept(String keytab, String service, String token) throws Exception {
        Map<String, String> options = new HashMap<>();
        options.put("principal", service);
        options.put("useKeyTab", "true");
        options.put("keyTab", keytab);
        options.put("storeKey", "true");
        options.put("isInitiator", "false");
        Subject subject = login(options, callbacks -> { });
        byte[] content = new BigInteger(token, 16).toByteArray();  // a token begins with 0x60, so nothing is lost
        return as(subject, () -> {
            GSSManager manager = GSSManager.getInstance();
            GSSCredential credential = manager.createCredential(
                    null, GSSCredential.INDEFINITE_LIFETIME, krb5(), GSSCredential.ACCEPT_ONLY);
            GSSContext context = manager.createContext(credential);
            context.acceptSecContext(content, 0, content.length);
            return context.getSrcName().toString();
        });
    }

    /** Subject.doAs in the words of Java 8, which later ones still run. */
    private static <T> T as(Subject subject, PrivilegedExceptionAction<T> action) throws Exception {
        try {
            return Subject.doAs(subject, action);
        } catch (PrivilegedActionException wrapped) {
            throw wrapped.getException();
        }
    }

    private static Subject login(Map<String, String> options, CallbackHandler handler) throws Exception {
        options.put("refreshKrb5Config", "true");
        Configuration configuration = new Configuration() {
            @Override
            public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
                return new AppConfigurationEntry[] {new AppConfigurationEntry(
                        "com.sun.security.auth.module.Krb5LoginModule",
                        AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
            }
        };
        Subject subject = new Subject(
                false, Collections.emptySet(), Collections.emptySet(), Collections.emptySet());
        LoginContext context = new LoginContext("judge", subject, handler, configuration);
        context.login();
        return context.getSubject();
    }

    private static Oid krb5() throws GSSException {
        return new Oid("1.2.840.113554.1.2.2");
    }

    private static String texts(Throwable thrown) {
        StringBuilder out = new StringBuilder(String.valueOf(thrown.getMessage()));
        for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && out.indexOf(cause.getMessage()) < 0) {
                out.append(": ").append(cause.getMessage());
            }
        }
        return out.toString();
    }

    private static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (byte one : bytes) {
            out.append(String.format("%02x", one));
        }
        return out.toString();
    }
}
