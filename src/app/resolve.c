#include "app/resolve.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>

enum { WAIT_SECONDS = 2, TRIES = 2, SILENT = 3, QUESTIONS = 1000, NAME_ROOM = 256, DNS_PORT = 53, OUR_PORT = 40000, ANSWER_BYTES = 65535, QUESTION_BYTES = 512 };

struct ms_asking {
    struct __res_state   state;
    struct ms_dns       *dns;      /* reads what comes back */
    struct ms_dns_store *store;
    struct ms_resolver   stored;
    uint64_t             left, refused;
    unsigned             silent;   /* questions in a row that nobody answered */
    uint8_t              answer[ANSWER_BYTES];
};

static void learn(void *ctx, const struct ms_lookup *l) { ms_dns_store_learn(((struct ms_asking *)ctx)->store, l); }
static void reached(void *ctx, enum ms_limit which) { (void)ctx, (void)which; }

struct ms_asking *ms_asking_open(const struct ms_limits *limits)
{
    struct ms_asking *a = ms_alloc(sizeof *a);
    if (res_ninit(&a->state) != 0) {
        ms_free(a);
        return NULL;
    }
    a->state.retrans = WAIT_SECONDS;
    a->state.retry = TRIES;
    a->state.options &= ~(unsigned long)(RES_DNSRCH | RES_DEFNAMES);
    a->dns = ms_dns_create(limits, &(struct ms_dns_sink){ learn, reached, a });
    a->store = ms_dns_store_create(limits);
    a->stored = ms_dns_store_resolver(a->store);
    a->left = QUESTIONS;
    return a;
}

void ms_asking_close(struct ms_asking *a)
{
    if (!a)
        return;
    res_nclose(&a->state);
    ms_dns_destroy(a->dns);
    ms_dns_store_destroy(a->store);
    ms_free(a);
}

void ms_asking_say(const struct ms_asking *a)
{
    if (a && a->refused)
        fprintf(stderr, "mailscope: --resolve asked %d questions; %llu more were not asked\n", QUESTIONS, (unsigned long long)a->refused);
}

/* As a C string that needs no escapes. */
static bool is_askable(struct ms_bytes name, char text[NAME_ROOM])
{
    if (name.n >= NAME_ROOM)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '\\')
            return false;
        text[i] = (char)name.p[i];
    }
    text[name.n] = 0;
    return true;
}

/* Asks the network; what it says is in the store then. */
static void ask_network(struct ms_asking *a, const char *name, uint16_t type)
{
    uint8_t query[QUESTION_BYTES];
    int     size = res_nmkquery(&a->state, ns_o_query, name, ns_c_in, type, NULL, 0, NULL, query, sizeof query);
    int     got = size > 0 ? res_nsend(&a->state, query, size, a->answer, ANSWER_BYTES) : -1;
    a->left--;
    if (got < 0 || got > ANSWER_BYTES) {
        a->silent++;
        return;
    }
    a->silent = 0;
    struct ms_dns_packet p = { .from.port = DNS_PORT, .to.port = OUR_PORT, .message = { a->answer, (size_t)got }, .tcp = got > QUESTION_BYTES };
    ms_dns_message(a->dns, &p);
}

static void remember_failure(struct ms_asking *a, struct ms_bytes name, uint16_t type)
{
    struct ms_lookup failed = { .name = name, .type = type, .rcode = MS_DNS_SERVFAIL, .answered = true };
    ms_dns_store_learn(a->store, &failed);
}

static enum ms_answer ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    struct ms_asking *a = ctx;
    char              text[NAME_ROOM];
    enum ms_answer    answer = a->stored.ask(a->stored.ctx, name, type, out);
    if (answer != MS_ANSWER_UNKNOWN || a->silent == SILENT || !is_askable(name, text))
        return answer;
    if (a->left == 0) {
        a->refused++;
        return answer;
    }
    ask_network(a, text, type);
    answer = a->stored.ask(a->stored.ctx, name, type, out);
    if (answer != MS_ANSWER_UNKNOWN)
        return answer;
    remember_failure(a, name, type);
    return MS_ANSWER_FAILED;
}

struct ms_resolver ms_asking_resolver(struct ms_asking *a) { return (struct ms_resolver){ ask, a }; }
