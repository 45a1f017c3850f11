/* docs/keylog.c - makes a server that uses OpenSSL, such as Postfix or Dovecot, write a key log. For a test host only.
 *
 *     cc -shared -fPIC -o keylog.so keylog.c -ldl
 *     LD_PRELOAD=/path/keylog.so SSLKEYLOGFILE=/path/server.keys SERVER
 *
 * BUGS     a program that sets a key log callback of its own loses it.                                                           */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int out = -1;

/* At the start of the process: later it may have changed its user and its root. */
__attribute__((constructor)) static void open_log(void)
{
    const char *path = getenv("SSLKEYLOGFILE");
    if (path)
        out = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* One write a line: processes share the file. */
static void put_line(const void *ssl, const char *line)
{
    char   text[512];
    size_t n = strlen(line);
    (void)ssl;
    if (n >= sizeof text)
        return;
    memcpy(text, line, n);
    text[n] = '\n';
    if (write(out, text, n + 1) < 0)
        out = -1;
}

typedef void (*callback)(const void *ssl, const char *line);

void *SSL_new(void *context)
{
    void *(*make)(void *) = (void *(*)(void *))dlsym(RTLD_NEXT, "SSL_new");
    void (*set)(void *, callback) = (void (*)(void *, callback))dlsym(RTLD_NEXT, "SSL_CTX_set_keylog_callback");
    if (out >= 0 && set)
        set(context, put_line);
    return make(context);
}
