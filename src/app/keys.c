/* app/keys.c - the keys that the command line names: read before the command runs, for all of its passes. */
#include "app/options.h"

#include "base/secret.h"
#include "base/text.h"
#include "tls/keylog.h"
#include "tls/private_key.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* "mailscope: before PATH: reason", without what could move the cursor. */
static void say(const char *before, const char *path, const char *reason)
{
    struct ms_buffer t = { 0 };
    ms_text_plain(&t, ms_str(path));
    fprintf(stderr, "mailscope: %s%.*s: %s\n", before, (int)t.n, (const char *)t.p, reason);
    ms_buffer_finish(&t);
}

/* ---- key logs ------------------------------------------------------------------------------------------------------ */

static const char *why_unreadable(int error) { return error == EISDIR ? "a directory, not a key log" : strerror(error); }

/* Files may hold anything: what is no key is said, and work goes on. */
static void say_what_it_holds(const struct ms_args *a, const char *path, uint64_t lines, uint64_t odd)
{
    char reason[120];
    if (lines == 0) {
        say("warning: ", path, "no key in it; a key log has lines such as CLIENT_RANDOM and two hexadecimal numbers");
    } else if (odd && !a->quiet) {
        snprintf(reason, sizeof reason, "%llu lines could not be read as lines of a key log", (unsigned long long)odd);
        say("note: ", path, reason);
    }
    if (lines && a->verbose) {
        snprintf(reason, sizeof reason, "%llu secrets", (unsigned long long)lines);
        say("", path, reason);
    }
}

static bool add_keylog(struct ms_args *a, const char *path)
{
    uint64_t lines = ms_keylog_lines(a->keylog), odd = ms_keylog_odd(a->keylog);
    if (!ms_keylog_add_file(a->keylog, path))
        return false;
    say_what_it_holds(a, path, ms_keylog_lines(a->keylog) - lines, ms_keylog_odd(a->keylog) - odd);
    return true;
}

/* The environment is set for other programs: what is wrong with it is no error here. */
static void add_from_environment(struct ms_args *a)
{
    const char *path = getenv("SSLKEYLOGFILE");
    if (path && *path && !add_keylog(a, path) && !a->quiet)
        say("note: SSLKEYLOGFILE is not read: ", path, why_unreadable(errno));
}

/* ---- private keys -------------------------------------------------------------------------------------------------- */

static int open_terminal(void) { return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC); }

/* A line without its end; -1 when there is none, or it does not fit. */
static int read_answer(int tty, char *buf, int n)
{
    for (int at = 0; at < n; at++) {
        if (read(tty, buf + at, 1) != 1)
            return -1;
        if (buf[at] == '\n' || buf[at] == '\r')
            return at;
    }
    return -1;
}

/* A line is there: true. A signal waits that ends the program: false. */
static bool wait_for_answer(int tty, int signals)
{
    struct pollfd p[] = { { .fd = tty, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
    int           ready;
    do
        ready = poll(p, 2, -1);
    while (ready < 0 && errno == EINTR);
    return ready > 0 && !p[1].revents;
}

static int ask_silently(int tty, struct ms_bytes prompt, char *buf, int n)
{
    struct termios before, silent;
    sigset_t       ending, old;
    int            length = -1;
    if (tcgetattr(tty, &before) != 0)
        return -1;
    sigemptyset(&ending); /* these wait until the terminal echoes again */
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGQUIT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGTSTP);
    sigprocmask(SIG_BLOCK, &ending, &old);
    int signals = signalfd(-1, &ending, SFD_CLOEXEC);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ICANON | ECHONL;
    if (tcsetattr(tty, TCSAFLUSH, &silent) == 0 && write(tty, prompt.p, prompt.n) == (ssize_t)prompt.n && wait_for_answer(tty, signals))
        length = read_answer(tty, buf, n);
    tcsetattr(tty, TCSAFLUSH, &before);
    if (signals >= 0)
        close(signals);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return length;
}

static int ask_passphrase(const char *path, char *buf, int n)
{
    struct ms_buffer prompt = { 0 };
    int              tty = open_terminal();
    if (tty < 0)
        return -1;
    ms_text_str(&prompt, "Passphrase of ");
    ms_text_plain(&prompt, ms_str(path));
    ms_text_str(&prompt, ": ");
    int length = ask_silently(tty, ms_buffer_bytes(&prompt), buf, n);
    ms_buffer_finish(&prompt);
    close(tty);
    return length;
}

static bool has_terminal(void)
{
    int tty = open_terminal();
    if (tty >= 0)
        close(tty);
    return tty >= 0;
}

static bool add_private_key(struct ms_args *a, const char *path)
{
    struct stat st;
    const char *why = "";
    errno = 0;
    if (ms_private_keys_add_file(a->private_keys, path, ask_passphrase, &why)) {
        if (a->verbose)
            say("", path, "private key read");
        return true;
    }
    if (strcmp(why, "wrong passphrase") == 0 && !has_terminal())
        why = "it has a passphrase, and there is no terminal to ask for it (openssl pkey takes it off)";
    else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        why = "a directory, not a private key";
    else if (strcmp(why, "cannot be opened") == 0 && errno)
        why = strerror(errno);
    say("private key ", path, why);
    return false;
}

/* ---- all ----------------------------------------------------------------------------------------------------------- */

int ms_keys_load(struct ms_args *a)
{
    ms_secret_process();
    a->keylog = ms_keylog_create();
    a->private_keys = ms_private_keys_create();
    ms_keylog_cap(a->keylog, a->limits.capture_secrets);
    for (size_t i = 0; i < a->keylog_count; i++) {
        if (add_keylog(a, a->keylog_paths[i]))
            continue;
        say("key log ", a->keylog_paths[i], why_unreadable(errno));
        return MS_EXIT_INPUT;
    }
    if (a->keylog_count == 0)
        add_from_environment(a);
    for (size_t i = 0; i < a->private_key_count; i++)
        if (!add_private_key(a, a->private_key_paths[i]))
            return MS_EXIT_INPUT;
    return -1;
}

void ms_keys_finish(struct ms_args *a)
{
    ms_keylog_destroy(a->keylog);
    ms_private_keys_destroy(a->private_keys);
}
