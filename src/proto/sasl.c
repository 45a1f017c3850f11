/* proto/sasl.c - the client's SASL messages, read for the name that logs in.
 *
 * A line is decoded into scratch memory, the name is copied out; a line with a secret is kept as it was sent until the next one.
 *
 * BUGS     GSSAPI and Kerberos tickets are not opened. A SASL security layer that follows a login is not recognised. DIGEST-MD5
 *          names in ISO 8859-1 stay as they were sent. OEM strings of NTLM stay in their unknown code page.             */
#include "proto/sasl.h"

#include "base/text.h"

enum { NAME_BYTES = 1024, NTLM_UNICODE = 1, NTLM_HAS_DOMAIN = 0x1000, NTLM_HAS_HOST = 0x2000, NTLM_HAS_VERSION = 0x2000000 };

/* ---- base64 ------------------------------------------------------------------------------------------------ */

static int digit_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct ms_bytes ms_sasl_base64(struct ms_bytes line, struct ms_arena *arena, size_t limit)
{
    size_t room = line.n / 4 * 3 + 3;
    if (room > limit)
        room = limit;
    if (room == 0 || line.n == 0)
        return (struct ms_bytes){ NULL, 0 };
    uint8_t *out = ms_arena_alloc(arena, room);
    size_t   n = 0;
    uint32_t bits = 0;
    int      have = 0;
    for (size_t i = 0; i < line.n && n < room; i++) {
        if (ms_is_blank(line.p[i]) || line.p[i] == '\r' || line.p[i] == '\n')
            continue;
        int v = digit_value(line.p[i]);
        if (v < 0)
            break;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (uint8_t)(bits >> have);
        }
    }
    return (struct ms_bytes){ out, n };
}

bool ms_sasl_is_base64(struct ms_bytes line)
{
    size_t n = line.n;
    while (n && line.p[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++)
        if (digit_value(line.p[i]) < 0)
            return false;
    return true;
}

/* ---- helpers ----------------------------------------------------------------------------------------------- */

static struct ms_bytes keep(struct ms_arena *arena, struct ms_bytes name)
{
    return ms_arena_keep(arena, ms_head(name, NAME_BYTES));
}

static bool take_until(struct ms_bytes *in, uint8_t sep, struct ms_bytes *out)
{
    if (in->n == 0)
        return false;
    size_t at = ms_find(*in, sep);
    *out = ms_head(*in, at);
    *in = ms_tail(*in, at + 1);
    return true;
}

/* saslname (RFC 5802 5.1): =2C is a comma, =3D an equals sign; other = stay. */
static struct ms_bytes keep_saslname(struct ms_arena *arena, struct ms_bytes name)
{
    name = ms_head(name, NAME_BYTES);
    uint8_t *out = ms_arena_alloc(arena, name.n + 1);
    size_t   n = 0;
    for (size_t i = 0; i < name.n; i++) {
        struct ms_bytes three = ms_slice(name, i, 3);
        bool            comma = ms_equal_nocase(three, MS_LIT("=2C"));
        if (comma || ms_equal_nocase(three, MS_LIT("=3D"))) {
            out[n++] = comma ? ',' : '=';
            i += 2;
        } else {
            out[n++] = name.p[i];
        }
    }
    return (struct ms_bytes){ out, n };
}

/* ---- mechanisms ------------------------------------------------------------------------------------------------ */

/* [authzid] NUL authcid NUL password (RFC 4616). With a single NUL: name and password, or NUL and name. */
static void read_plain(struct ms_sasl *s, struct ms_bytes data, struct ms_arena *arena)
{
    size_t          first = ms_find(data, 0);
    struct ms_bytes rest = ms_tail(data, first + 1);
    size_t          second = ms_find(rest, 0);
    bool            two = second < rest.n;
    bool            password = two ? second + 1 < rest.n : first > 0 && rest.n > 0;
    s->user = keep(arena, two || first == 0 ? ms_head(rest, second) : ms_head(data, first));
    s->secret |= password;
    s->clear_secret |= password;
}

static void read_login(struct ms_sasl *s, struct ms_bytes line, struct ms_bytes data, struct ms_arena *arena)
{
    if (s->step == 0) {
        s->user = keep(arena, ms_sasl_is_base64(line) ? data : line); /* some clients forget to encode */
    } else if (s->step == 1 && line.n) {
        s->secret = s->clear_secret = true;
    }
    if (s->step < 2)
        s->step++;
}

static void read_cram(struct ms_sasl *s, struct ms_bytes data, struct ms_arena *arena)
{
    size_t n = data.n;
    while (n && data.p[n - 1] != ' ')
        n--;
    s->user = keep(arena, ms_head(data, n ? n - 1 : data.n));
    s->secret |= n > 0;
}

/* A quoted string without its quotes, backslashes taken off; or a token up to the comma. */
static struct ms_bytes keep_quoted(struct ms_arena *arena, struct ms_bytes in)
{
    if (ms_at(in, 0) != '"')
        return keep(arena, ms_trim(ms_head(in, ms_find(in, ','))));
    in = ms_head(ms_tail(in, 1), NAME_BYTES);
    uint8_t *out = ms_arena_alloc(arena, in.n + 1);
    size_t   n = 0;
    for (size_t i = 0; i < in.n && in.p[i] != '"'; i++) {
        if (in.p[i] == '\\' && i + 1 < in.n)
            i++;
        out[n++] = in.p[i];
    }
    return (struct ms_bytes){ out, n };
}

/* Past the end of one "name=value," where the value may be quoted. */
static struct ms_bytes skip_directive(struct ms_bytes in)
{
    bool quoted = false;
    for (size_t i = 0; i < in.n; i++) {
        if (quoted && in.p[i] == '\\')
            i++;
        else if (in.p[i] == '"')
            quoted = !quoted;
        else if (in.p[i] == ',' && !quoted)
            return ms_tail(in, i + 1);
    }
    return ms_tail(in, in.n);
}

static void read_digest(struct ms_sasl *s, struct ms_bytes data, struct ms_arena *arena)
{
    for (; data.n; data = skip_directive(data)) {
        while (data.n && (ms_is_blank(data.p[0]) || data.p[0] == ',' || data.p[0] == '\r' || data.p[0] == '\n'))
            data = ms_tail(data, 1);
        if (ms_starts_nocase(data, MS_LIT("username=")) && s->user.n == 0)
            s->user = keep_quoted(arena, ms_tail(data, 9));
        s->secret |= ms_starts_nocase(data, MS_LIT("response="));
    }
}

/* gs2-cbind-flag "," [a=authzid] "," n=name "," r=nonce ...; the last message has a proof p= (RFC 5802 7). */
static void read_scram(struct ms_sasl *s, struct ms_bytes data, struct ms_arena *arena)
{
    bool            first = s->user.n == 0;
    struct ms_bytes field;
    for (unsigned i = 0; take_until(&data, ',', &field); i++) {
        if (first && ms_starts_nocase(field, MS_LIT("n=")) && s->user.n == 0)
            s->user = keep_saslname(arena, ms_tail(field, 2));
        if (i > 0 && ms_starts_nocase(field, MS_LIT("p=")))
            s->secret = true;
    }
}

/* user=NAME ^A auth=Bearer TOKEN ^A ^A (XOAUTH2); n,a=NAME, ^A host=.. ^A auth=Bearer TOKEN ^A ^A (RFC 7628). */
static void read_oauth(struct ms_sasl *s, struct ms_bytes data, struct ms_arena *arena)
{
    struct ms_bytes field, part;
    while (take_until(&data, 1, &field)) {
        if (ms_starts_nocase(field, MS_LIT("auth="))) {
            s->secret |= field.n > 5;
            s->clear_secret |= field.n > 5;
        } else if (ms_starts_nocase(field, MS_LIT("user=")) && s->user.n == 0) {
            s->user = keep(arena, ms_tail(field, 5));
        }
        while (s->user.n == 0 && take_until(&field, ',', &part))
            if (ms_starts_nocase(part, MS_LIT("a=")))
                s->user = keep_saslname(arena, ms_tail(part, 2));
    }
}

/* ---- NTLM (MS-NLMP 2.2.1) --------------------------------------------------------------------------------------- */

/* UTF-16LE; a lone surrogate becomes U+FFFD, an odd last byte is dropped. */
static struct ms_bytes keep_utf16(struct ms_arena *arena, struct ms_bytes in)
{
    in = ms_head(in, NAME_BYTES / 2);
    if (in.n < 2)
        return (struct ms_bytes){ NULL, 0 };
    uint8_t *out = ms_arena_alloc(arena, in.n / 2 * 3);
    size_t   n = 0;
    for (size_t i = 0; i + 2 <= in.n; i += 2) {
        uint32_t c = ms_le16(in.p + i);
        uint32_t low = i + 4 <= in.n ? ms_le16(in.p + i + 2) : 0;
        if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd;
        }
        n += ms_utf8_put(out + n, c);
    }
    return (struct ms_bytes){ out, n };
}

/* The bytes that a (length, allocated, offset) triple at `at` points to; empty when they lie outside. */
static struct ms_bytes ntlm_field(struct ms_bytes m, size_t at)
{
    struct ms_bytes f = ms_slice(m, at, 8);
    if (f.n < 8)
        return (struct ms_bytes){ NULL, 0 };
    size_t n = ms_le16(f.p), offset = ms_le32(f.p + 4);
    if (offset > m.n || n > m.n - offset)
        return (struct ms_bytes){ NULL, 0 };
    return ms_slice(m, offset, n);
}

static uint32_t ntlm_u32(struct ms_bytes m, size_t at)
{
    return m.n >= at + 4 ? ms_le32(m.p + at) : 0;
}

static struct ms_bytes ntlm_text(struct ms_bytes field, bool unicode, struct ms_arena *arena)
{
    return unicode ? keep_utf16(arena, field) : keep(arena, field);
}

static void ntlm_negotiate(struct ms_sasl *s, struct ms_bytes m, struct ms_arena *arena)
{
    uint32_t flags = ntlm_u32(m, 12);
    if (flags & NTLM_HAS_DOMAIN)
        s->domain = keep(arena, ntlm_field(m, 16));
    if (flags & NTLM_HAS_HOST)
        s->host = keep(arena, ntlm_field(m, 24));
    s->from_client = s->domain.n || s->host.n;
}

/* The server's names (computer: AV_PAIR 1) stand in until the client says its own. */
static void ntlm_challenge(struct ms_sasl *s, struct ms_bytes m, struct ms_arena *arena)
{
    if (s->from_client)
        return;
    bool            unicode = ntlm_u32(m, 20) & NTLM_UNICODE;
    struct ms_bytes pairs = ntlm_field(m, 40);
    if (s->domain.n == 0)
        s->domain = ntlm_text(ntlm_field(m, 12), unicode, arena);
    while (pairs.n >= 4 && s->host.n == 0) {
        unsigned id = ms_le16(pairs.p);
        size_t   n = ms_le16(pairs.p + 2);
        if (id == 1)
            s->host = keep_utf16(arena, ms_slice(pairs, 4, n));
        if (id == 0)
            break;
        pairs = ms_tail(pairs, 4 + n);
    }
}

static void ntlm_authenticate(struct ms_sasl *s, struct ms_bytes m, struct ms_arena *arena)
{
    struct ms_bytes user = ntlm_field(m, 36), domain = ntlm_field(m, 28), host = ntlm_field(m, 44);
    bool            flags_there = m.n >= 64 && ntlm_u32(m, 40) >= 64; /* in old messages data begins at 52 */
    bool            unicode = flags_there ? ntlm_u32(m, 60) & NTLM_UNICODE : user.n % 2 == 0 && ms_at(user, 1) == 0;
    s->user = ntlm_text(user, unicode, arena);
    struct ms_bytes own_domain = ntlm_text(domain, unicode, arena), own_host = ntlm_text(host, unicode, arena);
    if (own_domain.n || own_host.n) {
        s->domain = own_domain;
        s->host = own_host;
        s->from_client = true;
    }
    s->secret |= ntlm_field(m, 20).n >= 24; /* NTLM or NTLMv2 response */
    if (s->ntlm)
        s->ntlm->answered = true;
}

/* AV_PAIRs (2.2.2.1): id, length, UTF-16LE text. */
static void ntlm_pairs(struct ms_ntlm *n, struct ms_bytes pairs, struct ms_arena *arena)
{
    struct ms_bytes *names[] = { NULL, &n->computer, &n->domain, &n->dns_computer, &n->dns_domain, &n->forest };
    while (pairs.n >= 4) {
        unsigned id = ms_le16(pairs.p);
        size_t   size = ms_le16(pairs.p + 2);
        if (id == 0)
            return;
        if (id < sizeof names / sizeof *names && names[id]->n == 0)
            *names[id] = keep_utf16(arena, ms_slice(pairs, 4, size));
        pairs = ms_tail(pairs, 4 + size);
    }
}

void ms_sasl_disclosed(struct ms_sasl *s, struct ms_bytes line, struct ms_session *session, struct ms_arena *arena)
{
    struct ms_arena scratch = { 0 };
    struct ms_bytes mark = { (const uint8_t *)"NTLMSSP", 8 };
    bool            may = s->mechanism == MS_MECH_NTLM || s->mechanism == MS_MECH_GSSAPI || s->mechanism == MS_MECH_OTHER;
    struct ms_bytes data = may ? ms_sasl_base64(ms_trim(line), &scratch, 4 * NAME_BYTES) : mark, m = ms_tail(data, ms_search_nocase(data, mark));
    if (!session->ntlm && ntlm_u32(m, 8) == 2) {
        struct ms_ntlm *n = session->ntlm = ms_arena_alloc(arena, sizeof *n);
        n->target = ntlm_text(ntlm_field(m, 12), ntlm_u32(m, 20) & NTLM_UNICODE, arena);
        ntlm_pairs(n, ntlm_field(m, 40), arena);
        if (ntlm_u32(m, 20) & NTLM_HAS_VERSION && m.n >= 52) {
            n->major = m.p[48];
            n->minor = m.p[49];
            n->build = ms_le16(m.p + 50);
        }
        s->ntlm = n;
    }
    ms_arena_finish(&scratch);
}

static void read_ntlm(struct ms_sasl *s, struct ms_bytes data, bool client, struct ms_arena *arena)
{
    struct ms_bytes mark = { (const uint8_t *)"NTLMSSP", 8 };
    struct ms_bytes m = ms_tail(data, ms_search_nocase(data, mark)); /* SPNEGO wraps it */
    uint32_t        type = ntlm_u32(m, 8);
    if (client && type == 1)
        ntlm_negotiate(s, m, arena);
    else if (client && type == 3)
        ntlm_authenticate(s, m, arena);
    else if (!client && type == 2)
        ntlm_challenge(s, m, arena);
}

/* ---- the dialogue ----------------------------------------------------------------------------------------------- */

static uint8_t upper(uint8_t c) { return c >= 'a' && c <= 'z' ? (uint8_t)(c ^ 0x20) : c; }

void ms_sasl_start(struct ms_sasl *s, struct ms_bytes mechanism_name)
{
    *s = (struct ms_sasl){ .mechanism = ms_mechanism_find(mechanism_name) };
    s->scram = ms_starts_nocase(mechanism_name, MS_LIT("SCRAM-"));
    if (s->mechanism != MS_MECH_OTHER)
        return;
    mechanism_name = ms_head(mechanism_name, MS_MECHANISM_BYTES);
    s->name_n = (uint8_t)mechanism_name.n;
    for (size_t i = 0; i < mechanism_name.n; i++)
        s->name[i] = upper(mechanism_name.p[i]);
}

/* The session's arena gives room for one name, whatever the client tries. */
void ms_sasl_tell(const struct ms_sasl *s, struct ms_session *session, struct ms_arena *arena)
{
    uint8_t *to = (uint8_t *)(uintptr_t)session->mechanism_name.p;
    session->mechanism = (uint8_t)s->mechanism;
    session->mechanism_name.n = s->name_n;
    if (s->name_n == 0)
        return;
    if (!to)
        to = ms_arena_alloc(arena, MS_MECHANISM_BYTES);
    memcpy(to, s->name, s->name_n);
    session->mechanism_name.p = to;
}

static void read_client(struct ms_sasl *s, struct ms_bytes line, struct ms_bytes data, struct ms_arena *arena)
{
    if (s->scram) {
        read_scram(s, data, arena);
        return;
    }
    bool fresh = s->user.n == 0 && data.n > 0;
    switch (s->mechanism) {
    case MS_MECH_LOGIN: read_login(s, line, data, arena); break;
    case MS_MECH_PLAIN:
        if (fresh)
            read_plain(s, data, arena);
        break;
    case MS_MECH_CRAM_MD5:
        if (fresh)
            read_cram(s, data, arena);
        break;
    case MS_MECH_DIGEST_MD5: read_digest(s, data, arena); break;
    case MS_MECH_XOAUTH2:
    case MS_MECH_OAUTHBEARER: read_oauth(s, data, arena); break;
    case MS_MECH_ANONYMOUS:
    case MS_MECH_EXTERNAL:
        if (fresh)
            s->user = keep(arena, data);
        break;
    case MS_MECH_NTLM:
    case MS_MECH_GSSAPI:
    case MS_MECH_OTHER: read_ntlm(s, data, true, arena); break;
    default: break;
    }
}

static void keep_spoken(struct ms_sasl *s, struct ms_bytes line, struct ms_arena *arena)
{
    line = ms_head(line, NAME_BYTES);
    uint8_t *to = (uint8_t *)(uintptr_t)s->spoken.p;
    if (line.n == 0)
        return;
    if (line.n > s->spoken_room) {
        s->spoken_room = line.n > NAME_BYTES / 8 ? NAME_BYTES : NAME_BYTES / 8;
        to = ms_arena_alloc(arena, s->spoken_room);
    }
    memcpy(to, line.p, line.n);
    s->spoken = (struct ms_bytes){ to, line.n };
}

void ms_sasl_client(struct ms_sasl *s, struct ms_bytes line, struct ms_arena *arena, const struct ms_limits *limits)
{
    line = ms_trim(line);
    if (s->client_lines < UINT8_MAX)
        s->client_lines++;
    if (ms_equal(line, MS_LIT("*")) || ms_equal(line, MS_LIT("=")))
        return;
    struct ms_arena scratch = { 0 };
    bool            secret = s->secret, clear = s->clear_secret;
    s->secret = s->clear_secret = false;
    read_client(s, line, ms_sasl_base64(line, &scratch, (size_t)limits->auth_response_bytes), arena);
    if (s->secret || s->mechanism == MS_MECH_OTHER)
        keep_spoken(s, line, arena);
    s->secret |= secret;
    s->clear_secret |= clear;
    ms_arena_finish(&scratch);
}

/* LOGIN: the prompt says what comes next ("Username:", "User Name", "Password:"), should the initial response be ignored. */
static void read_prompt(struct ms_sasl *s, struct ms_bytes data)
{
    if (ms_starts_nocase(data, MS_LIT("user")))
        s->step = 0;
    else if (ms_starts_nocase(data, MS_LIT("pass")))
        s->step = 1;
}

void ms_sasl_server(struct ms_sasl *s, struct ms_bytes line, struct ms_arena *arena, const struct ms_limits *limits)
{
    struct ms_arena scratch = { 0 };
    struct ms_bytes data = ms_sasl_base64(ms_trim(line), &scratch, (size_t)limits->auth_response_bytes);
    if (s->mechanism == MS_MECH_LOGIN)
        read_prompt(s, data);
    else if (s->mechanism == MS_MECH_NTLM || s->mechanism == MS_MECH_GSSAPI || s->mechanism == MS_MECH_OTHER)
        read_ntlm(s, data, false, arena);
    ms_arena_finish(&scratch);
}
