// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.math.BigInteger;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import javax.crypto.Cipher;
import javax.security.auth.Subject;
import javax.security.auth.login.LoginContext;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.Oid;

/**
 * The service's side of SPNEGO as CAS has it: the JDK's login by an entry of login.conf, or its own look for a keytab,
 * and then the client's token. What goes wrong is written as CAS's log has it, a line with a time and a stack trace.
 *
 *   aes                  the longest key of AES in bits
 *   accept ENTRY TOKEN   the client's name; an ENTRY of - does without a login. TOKEN is in hexadecimal
 * Java 8 must be able to run it.
 */
public final class TicketLogger {
    private static final Oid[] MECHANISMS = mechanisms();

    private TicketLogger() {
    }

    public static void main(String[] words) throws Exception {
        if (words[0].equals("aes")) {
            System.out.println(Math.min(Cipher.getMaxAllowedKeyLength("AES"), 256));
            return;
        }
        try {
            byte[] token = new BigInteger("01" + words[2], 16).toByteArray();
            System.out.println("ok " + accept(words[1], java.util.Arrays.copyOfRange(token, 1, token.length)));
        } catch (Throwable refused) {
            String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS"));
            System.out.println(now + " ERROR [jcifs.spnego.Authentication] - <" + refused.getMessage() + ">");
            refused.printStackTrace(System.out);
        }
    }

    private static String accept(String entry, byte[] token) throws Exception {
        if (entry.equals("-")) {
            return name(token);
        }
        LoginContext context = new LoginContext(entry, new Subject());
        context.login();
        return Subject.doAs(context.getSubject(),
                (java.security.PrivilegedExceptionAction<String>) () -> name(token));
    }

    private static String name(byte[] token) throws Exception {
        GSSManager manager = GSSManager.getInstance();
        GSSCredential credential = manager.createCredential(
                null, GSSCredential.INDEFINITE_LIFETIME, MECHANISMS, GSSCredential.ACCEPT_ONLY);
        GSSContext context = manager.createContext(credential);
        context.acceptSecContext(token, 0, token.length);
        return context.getSrcName().toString();
    }

    private static Oid[] mechanisms() {
        try {
            return new Oid[] {new Oid("1.2.840.113554.1.2.2"), new Oid("1.3.6.1.5.5.2")};
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
