/* app/clamd.c - decoded parts to a clamd that the user names: its socket, or its host and port. INSTREAM, one connection a part (clamd(8)).
 *
 * Errors   a clamd that does not answer PING is said before any work. Later a part that it did not judge is counted; after MOST_FAULTS in a row
 *          it is not asked any more.                                                                                    */
#include "app/options.h"
#include "app/scanners.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHUNK = 65536, MOST_FAULTS = 3, REPLY_BYTES = 1024 };

struct ms_clamd {
    const char *where;
    char        host[256], port[16];    /* empty: `where` is a path */
    unsigned    faults;                 /* in a row */
    uint64_t    missed;
    char        fault[REPLY_BYTES];     /* the first one, in words */
};

static void note(struct ms_clamd *c, const char *words)
{
    if (!*c->fault)
        snprintf(c->fault, sizeof c->fault, "%s", words);
}

static int limited(int fd)
{
    struct timeval patience = { .tv_sec = MS_SCAN_SECONDS };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
}

static int connect_path(struct ms_clamd *c)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int                fd = limited(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    memcpy(at.sun_path, c->where, strlen(c->where) + 1);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    note(c, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int connect_host(struct ms_clamd *c)
{
    struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    int             fault = getaddrinfo(c->host, c->port, &want, &found), fd = -1;
    if (fault)
        note(c, gai_strerror(fault));
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = limited(socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol));
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            continue;
        int error = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
        if (!a->ai_next)
            note(c, strerror(error));
    }
    if (found)
        freeaddrinfo(found);
    return fd;
}

static bool send_all(int fd, const void *bytes, size_t n)
{
    for (const uint8_t *at = bytes; n;) {
        ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

/* Up to the NUL behind it, or the end. */
static struct ms_bytes receive(int fd, char reply[REPLY_BYTES])
{
    size_t n = 0;
    while (n < REPLY_BYTES) {
        ssize_t more = recv(fd, reply + n, REPLY_BYTES - n, 0);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            break;
        n += (size_t)more;
        if (memchr(reply, 0, n))
            break;
    }
    struct ms_bytes said = { (const uint8_t *)reply, n };
    return ms_head(said, ms_find(said, 0));
}

static bool send_content(int fd, struct ms_bytes content)
{
    static const uint8_t end[4] = { 0 };
    bool                 ok = send_all(fd, "zINSTREAM", sizeof "zINSTREAM");
    while (ok && content.n) {
        struct ms_bytes chunk = ms_head(content, CHUNK);
        uint8_t         length[4] = { (uint8_t)(chunk.n >> 24), (uint8_t)(chunk.n >> 16), (uint8_t)(chunk.n >> 8), (uint8_t)chunk.n };
        ok = send_all(fd, length, sizeof length) && send_all(fd, chunk.p, chunk.n);
        content = ms_tail(content, chunk.n);
    }
    return ok && send_all(fd, end, sizeof end);
}

/* What it says; empty when it says nothing, which is noted. A refusal may come while we still send. */
static struct ms_bytes ask(struct ms_clamd *c, const struct ms_bytes *content, char reply[REPLY_BYTES])
{
    int fd = *c->host ? connect_host(c) : connect_path(c);
    if (fd < 0)
        return (struct ms_bytes){ NULL, 0 };
    bool            sent = content ? send_content(fd, *content) : send_all(fd, "zPING", sizeof "zPING");
    struct ms_bytes said = receive(fd, reply);
    if (said.n == 0)
        note(c, sent ? "it gave no answer" : "it closed the connection");
    close(fd);
    return said;
}

static bool read_where(struct ms_clamd *c, const char *where)
{
    const char *colon = strrchr(where, ':'), *from = where;
    bool        v6 = *where == '[';
    size_t      n = colon ? (size_t)(colon - where) : 0;
    c->where = where;
    if (strchr(where, '/') || !colon)
        return strlen(where) < sizeof ((struct sockaddr_un *)0)->sun_path;
    if (v6 && n > 2 && where[n - 1] == ']') {
        from++;
        n -= 2;
    }
    if (n == 0 || n >= sizeof c->host || strlen(colon + 1) >= sizeof c->port)
        return false;
    memcpy(c->host, from, n);
    memcpy(c->port, colon + 1, strlen(colon + 1) + 1);
    return true;
}

struct ms_clamd *ms_clamd_open(const char *where, int *status)
{
    struct ms_clamd *c = ms_alloc(sizeof *c);
    char             reply[REPLY_BYTES];
    if (!read_where(c, where)) {
        *status = ms_usage_error("--clamd takes the path of a socket, or HOST:PORT, not '%s'", where);
    } else if (ms_equal(ask(c, NULL, reply), MS_LIT("PONG"))) {
        return c;
    } else {
        fprintf(stderr, "mailscope: no clamd answers at %s: %s\n", where, *c->fault ? c->fault : "it does not speak clamd's language");
        *status = MS_EXIT_INPUT;
    }
    ms_free(c);
    return NULL;
}

/* "stream: Eicar-Signature FOUND", "stream: OK", or "INSTREAM size limit exceeded. ERROR". */
void ms_clamd_scan(void *clamd, struct ms_bytes content, struct ms_scan_hits *to)
{
    struct ms_clamd *c = clamd;
    char             reply[REPLY_BYTES], words[REPLY_BYTES];
    struct ms_bytes  said = { NULL, 0 }, begin = MS_LIT("stream: "), found = MS_LIT(" FOUND");
    if (c->faults < MOST_FAULTS)
        said = ask(c, &content, reply);
    struct ms_bytes verdict = ms_starts_nocase(said, begin) ? ms_tail(said, begin.n) : (struct ms_bytes){ NULL, 0 };
    if (ms_equal(verdict, MS_LIT("OK"))) {
        c->faults = 0;
    } else if (verdict.n > found.n && ms_equal(ms_tail(verdict, verdict.n - found.n), found)) {
        c->faults = 0;
        to->hit(to, ms_head(verdict, verdict.n - found.n));
    } else {
        struct ms_buffer shown = { 0 };
        ms_text_plain(&shown, said);
        snprintf(words, sizeof words, "it says \"%.*s\"", (int)shown.n, (const char *)shown.p);
        ms_buffer_finish(&shown);
        if (said.n)
            note(c, words);
        c->missed++;
        c->faults++;
    }
}

void ms_clamd_close(struct ms_clamd *c)
{
    if (c && c->missed)
        fprintf(stderr, "mailscope: clamd at %s did not judge %llu parts: %s\n", c->where, (unsigned long long)c->missed, c->fault);
    ms_free(c);
}
