"""Configurations of Postfix and Dovecot that live in the lab's folder and nowhere else."""
import contextlib
import grp
import os
import pwd
import re
import shutil
import subprocess

DOMAIN = "example.test"
USERS = {"alice": "s3cret-Alice", "bob": "s3cret-Bob", "carol": "s3cret-Carol"}   # login name: user@DOMAIN
WRONG = "wr0ng-Password"
SIZE_LIMIT = 2_000_000   # bytes that Postfix takes as one message
MAIL_USER = "mail"       # owns the mailboxes


# Servers of other TLS settings than the usual one, each on an address of its own: certificate, and what else differs.
EVERYTHING = "ALL:COMPLEMENTOFDEFAULT:!aNULL:!eNULL:@SECLEVEL=0"   # ciphers: down to TLS 1.0 and RSA key exchange


class Door:
    def __init__(self, number, certificate, ciphers=EVERYTHING, lowest="TLSv1", curves="", asks=False):
        self.host, self.certificate, self.ciphers, self.lowest = "127.0.0.%d" % number, certificate, ciphers, lowest
        self.curves, self.asks = curves, asks   # OpenSSL's names of groups; a client certificate is asked for


DOORS = {
    "usual": Door(1, "self-signed"),                      # the servers as all other cases use them: make_certificate
    "good": Door(11, "good"),
    "ec": Door(12, "ec"),
    "expired": Door(13, "expired"),
    "elsewhere": Door(14, "elsewhere"),
    "retry": Door(15, "good", curves="secp384r1"),       # no client sends a key for this group unasked
    "modern": Door(16, "good", lowest="TLSv1.3"),
    "narrow": Door(17, "good", ciphers="ECDHE-RSA-CHACHA20-POLY1305"),
    "asks": Door(18, "good", asks=True),
}
OTHER_DOORS = [d for name, d in DOORS.items() if name != "usual"]


# What Postfix answers to some who are not welcome.
REFUSED_RECIPIENTS = {"grey@example.test": "450 4.2.0 Greylisted please try again later", "full@example.test": "552 5.2.2 Mailbox is full",
                      "policy@example.test": "550 5.7.0 This recipient takes no mail from outside"}
REFUSED_SENDERS = {"spammer@elsewhere.test": "550 5.7.1 Sender is listed as a source of spam"}
REFUSED_NAMES = {"overload.example.test": "421 4.3.2 Too busy try later"}


def inline(table):
    return ", ".join("{ %s = %s }" % (k, v) for k, v in table.items())


def login(user):
    return "%s@%s" % (user, DOMAIN)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx." + DOMAIN,
                    "-addext", "subjectAltName=DNS:mx." + DOMAIN, "-keyout", folder + "/key.pem", "-out",
                    folder + "/cert.pem"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.chmod(folder + "/key.pem", 0o600)


class Postfix:
    """Takes mail on smtp, submission and smtps, checks logins with Dovecot, delivers to it by LMTP."""

    def __init__(self, lab):
        self.lab, self.dir = lab, lab.dir + "/postfix"
        self.version = self.ask("mail_version")
        for d in ("", "/queue", "/data"):
            os.makedirs(self.dir + d)
        os.chown(self.dir + "/data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        write(self.dir + "/mailboxes", "".join("%s x\n" % login(u) for u in USERS))
        write(self.dir + "/headers", "/^Subject: .*casino/ REJECT 5.7.1 We do not gamble\n")
        write(self.dir + "/main.cf", self.main())
        write(self.dir + "/master.cf", self.master())

    @staticmethod
    def ask(name):
        return subprocess.run(["postconf", "-dh", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True).stdout.strip()

    def command(self):
        return ["postfix", "-c", self.dir, "start-fg"]

    def main(self):
        return """compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {lab}/mail.log
maillog_file_prefixes = {lab}
inet_interfaces = 127.0.0.1{v6}
inet_protocols = {protocols}
myhostname = mx.{domain}
mydestination =
mynetworks = 192.0.2.1/32
local_header_rewrite_clients =
alias_maps =
alias_database =
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{dir}/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
lmtp_connection_cache_on_demand = no
lmtp_host_lookup = native
lmtp_destination_recipient_limit = 50
message_size_limit = {size}
virtual_mailbox_limit = 0
mailbox_size_limit = 0
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{ {refused_recipients} }}
smtpd_sender_restrictions = check_sender_access inline:{{ {refused_senders} }}
smtpd_client_restrictions = check_helo_access inline:{{ {refused_names} }}
header_checks = regexp:{dir}/headers
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = {lab}/auth-client
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_tls_cert_file = {lab}/cert.pem
smtpd_tls_key_file = {lab}/key.pem
smtpd_tls_security_level = may
smtpd_tls_session_cache_database = btree:{dir}/data/sessions
disable_vrfy_command = no
biff = no
""".format(dir=self.dir, lab=self.lab.dir, domain=DOMAIN, size=SIZE_LIMIT, refused_recipients=inline(REFUSED_RECIPIENTS),
           refused_senders=inline(REFUSED_SENDERS), refused_names=inline(REFUSED_NAMES), lmtp=self.lab.ports["lmtp"],
           v6=", [::1]" if self.lab.ipv6 else "", protocols="all" if self.lab.ipv6 else "ipv4")

    def master(self):
        p = self.lab.ports
        doors = """{smtp} inet n - n - - smtpd
{odd} inet n - n - - smtpd
{submission} inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
""".format(odd=self.lab.odd["smtp"], **p) + "".join(self.door(d) for d in OTHER_DOORS)
        inside = ["cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite",
                  "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
                  "verify unix - - n - 1 verify", "proxymap unix - - n - - proxymap", "anvil unix - - n - 1 anvil",
                  "lmtp unix - - n - - lmtp", "error unix - - n - - error", "retry unix - - n - - error",
                  "discard unix - - n - - discard", "tlsmgr unix - - n 1000? 1 tlsmgr", "scache unix - - n - 1 scache",
                  "showq unix n - n - - showq", "flush unix n - n 1000? 0 flush", "postlog unix-dgram n - n - 1 postlogd"]
        return doors + "\n".join(inside) + "\n"

    def door(self, d):
        """The three services of one address."""
        tls = {"smtpd_tls_cert_file": self.lab.authority.path(d.certificate + ".pem"),
               "smtpd_tls_key_file": self.lab.authority.path(d.certificate + ".key"), "tls_medium_cipherlist": d.ciphers,
               "smtpd_tls_protocols": ">=" + d.lowest, "smtpd_tls_mandatory_protocols": ">=" + d.lowest}
        if d.curves:
            tls["tls_eecdh_auto_curves"] = d.curves
        if d.asks:
            tls.update({"smtpd_tls_ask_ccert": "yes", "smtpd_tls_CAfile": self.lab.authority.path("ca.pem")})
        options = "".join("  -o { %s = %s }\n" % (k, v) for k, v in tls.items())
        services = (("smtp", ""), ("submission", "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"),
                    ("smtps", "  -o smtpd_tls_wrappermode=yes\n"))
        return "".join("%s:%d inet n - n - - smtpd\n%s%s" % (d.host, self.lab.ports[name], more, options) for name, more in services)


class Dovecot:
    """IMAP, POP3, LMTP and the logins of all. Its configuration language changed in 2.4."""

    def __init__(self, lab):
        self.lab, self.dir = lab, lab.dir + "/dovecot"
        said = subprocess.run(["dovecot", "--version"], stdout=subprocess.PIPE, text=True).stdout
        self.version = re.match(r"[\d.]+", said)[0]
        mail = pwd.getpwnam(MAIL_USER)
        for d in ("", "/run", "/mail"):
            os.makedirs(self.dir + d)
        os.chown(self.dir + "/mail", mail.pw_uid, mail.pw_gid)
        users = write(self.dir + "/users", "".join("%s:{PLAIN}%s::::::\n" % (login(u), p) for u, p in USERS.items()), 0o640)
        os.chown(users, 0, grp.getgrnam("dovecot").gr_gid)
        modern = tuple(int(n) for n in re.findall(r"\d+", self.version)[:2]) >= (2, 4)
        text = (self.modern() if modern else self.classic()) + self.common() + "".join(self.door(d, modern) for d in OTHER_DOORS)
        names = {"dir": self.dir, "lab": lab.dir, "uid": mail.pw_uid, "gid": mail.pw_gid, "version": self.version,
                 "v6": " ::1" if lab.ipv6 else "", "comma_v6": ", ::1" if lab.ipv6 else "", "doors": "".join(", " + d.host for d in OTHER_DOORS),
                 "requests": "restart_request_count = unlimited" if modern else "service_count = 0"}
        names.update({"port_" + k: v for k, v in lab.ports.items()})
        names.update({"odd_" + k: v for k, v in lab.odd.items()})
        write(self.dir + "/dovecot.conf", re.sub(r"@(\w+)@", lambda m: str(names[m[1]]), text))

    def command(self):
        return ["dovecot", "-F", "-c", self.dir + "/dovecot.conf"]

    def stored(self, address, size):
        """The last `size` bytes of the newest message that was delivered to an address, with CRLF line ends: without the
        fields that Dovecot puts in front."""
        files = []
        for folder in ("new", "cur"):
            path = "%s/mail/%s/%s" % (self.dir, address, folder)
            if os.path.isdir(path):
                files += [os.path.join(path, n) for n in os.listdir(path)]
        with open(max(files, key=lambda f: os.stat(f).st_mtime_ns), "rb") as f:
            return re.sub(rb"\r?\n", b"\r\n", f.read())[-size:]

    def contents(self, user):
        """All messages in an INBOX, as stored, with CRLF line ends."""
        found = []
        for folder in ("new", "cur"):
            path = "%s/mail/%s/%s" % (self.dir, login(user), folder)
            for name in os.listdir(path):
                with open(os.path.join(path, name), "rb") as f:
                    found.append(re.sub(rb"\r?\n", b"\r\n", f.read()))
        return found

    @contextlib.contextmanager
    def unwritable(self, user):
        """A mailbox that cannot be opened while inside: a file stands where the folder was."""
        home = "%s/mail/%s" % (self.dir, login(user))
        aside = os.path.exists(home)
        if aside:
            os.rename(home, home + ".aside")
        write(home, "not a folder")
        try:
            yield
        finally:
            os.unlink(home)
            if aside:
                os.rename(home + ".aside", home)

    def empty(self, user, *contents):
        """Leaves just these messages in an INBOX, in this order."""
        home, mail = "%s/mail/%s" % (self.dir, login(user)), pwd.getpwnam(MAIL_USER)
        shutil.rmtree(home, ignore_errors=True)
        for d in ("", "/new", "/cur", "/tmp"):
            os.makedirs(home + d)
            os.chown(home + d, mail.pw_uid, mail.pw_gid)
        for n, content in enumerate(contents):
            path = "%s/new/%d.M%dP1.mx" % (home, 1700000000 + n, n)
            with open(path, "wb") as f:
                f.write(content)
            os.chown(path, mail.pw_uid, mail.pw_gid)

    def classic(self):
        return """
disable_plaintext_auth = no
ssl = yes
ssl_cert = <@lab@/cert.pem
ssl_key = <@lab@/key.pem
mail_location = maildir:@dir@/mail/%u
protocol imap {
  mail_plugins = zlib imap_zlib
}
passdb {
  driver = passwd-file
  args = username_format=%u @dir@/users
}
userdb {
  driver = static
  args = uid=@uid@ gid=@gid@ home=@dir@/mail/%u
}
"""

    def modern(self):
        return """
dovecot_config_version = @version@
dovecot_storage_version = @version@
auth_allow_cleartext = yes
ssl = yes
ssl_server_cert_file = @lab@/cert.pem
ssl_server_key_file = @lab@/key.pem
mail_driver = maildir
mail_home = @dir@/mail/%{user}
mail_path = @dir@/mail/%{user}
auth_username_format = %{user|lower}
passdb passwd-file {
  passwd_file_path = @dir@/users
}
userdb static {
  fields {
    uid = @uid@
    gid = @gid@
    home = @dir@/mail/%{user}
  }
}
"""

    def door(self, d, modern):
        """What is different on one address. Sessions are taken up again only in the process that began them: see @requests@."""
        certificate, key, ca = (self.lab.authority.path(n) for n in (d.certificate + ".pem", d.certificate + ".key", "ca.pem"))
        if modern:
            lines = ["ssl_server_cert_file = " + certificate, "ssl_server_key_file = " + key]
            lines += ["ssl_server_ca_file = " + ca, "ssl_server_request_client_cert = yes"] if d.asks else []
        else:
            lines = ["ssl_cert = <" + certificate, "ssl_key = <" + key]
            lines += ["ssl_ca = <" + ca, "ssl_verify_client_cert = yes", "ssl_require_crl = no"] if d.asks else []
        lines += ["ssl_cipher_list = " + d.ciphers, "ssl_min_protocol = " + d.lowest]
        lines += ["ssl_curve_list = " + d.curves] if d.curves else []
        return "local %s {\n%s}\n" % (d.host, "".join("  %s\n" % line for line in lines))

    def common(self):
        return """
base_dir = @dir@/run
state_dir = @dir@/run
log_path = @lab@/dovecot.log
listen = 127.0.0.1@comma_v6@@doors@
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0
first_valid_uid = 1
mail_fsync = never
lmtp_save_to_detail_mailbox = no
protocol lmtp {
  postmaster_address = postmaster@example.test
}
namespace inbox {
  inbox = yes
  separator = /
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener @lab@/auth-client {
    mode = 0666
  }
}
service imap-login {
  @requests@
  inet_listener imap {
    port = @port_imap@
  }
  inet_listener imaps {
    port = @port_imaps@
    ssl = yes
  }
  inet_listener imap_odd {
    port = @odd_imap@
  }
}
service pop3-login {
  @requests@
  inet_listener pop3 {
    port = @port_pop3@
  }
  inet_listener pop3s {
    port = @port_pop3s@
    ssl = yes
  }
  inet_listener pop3_odd {
    port = @odd_pop3@
  }
}
service lmtp {
  inet_listener lmtp {
    port = @port_lmtp@
  }
  inet_listener lmtp_odd {
    port = @odd_lmtp@
  }
}
protocols = imap pop3 lmtp
"""
