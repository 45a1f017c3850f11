#include "imap_private.h"

#define MAILBOX MS_STAGE_MAILBOX
#define SAME MS_STAGE_CONNECT
static const struct imap_verb verbs[] = {
    [IMAP_V_OTHER] = { "", SAME, 0, false },
    [IMAP_V_FETCH] = { "FETCH", MAILBOX, 0, false },
    [IMAP_V_UID_FETCH] = { "UID FETCH", MAILBOX, 0, false },
    [IMAP_V_LOGIN] = { "LOGIN", MS_STAGE_AUTH, 1, true },
    [IMAP_V_AUTHENTICATE] = { "AUTHENTICATE", MS_STAGE_AUTH, 0, false },
    [IMAP_V_SELECT] = { "SELECT", MAILBOX, 1, true },
    [IMAP_V_EXAMINE] = { "EXAMINE", MAILBOX, 1, true },
    [IMAP_V_CLOSE] = { "CLOSE", MAILBOX, 0, false },
    [IMAP_V_UNSELECT] = { "UNSELECT", MAILBOX, 0, false },
    [IMAP_V_APPEND] = { "APPEND", MS_STAGE_DATA, 1, true },
    [IMAP_V_REPLACE] = { "REPLACE", MS_STAGE_DATA, 2, true },
    [IMAP_V_UID_REPLACE] = { "UID REPLACE", MS_STAGE_DATA, 2, true },
    [IMAP_V_IDLE] = { "IDLE", SAME, 0, false },
    [IMAP_V_STARTTLS] = { "STARTTLS", MS_STAGE_TLS, 0, false },
    [IMAP_V_COMPRESS] = { "COMPRESS", SAME, 0, false },
    [IMAP_V_LOGOUT] = { "LOGOUT", MS_STAGE_QUIT, 0, false },
    { "CAPABILITY", SAME, 0, false }, { "NOOP", SAME, 0, false }, { "ENABLE", SAME, 0, false }, { "ID", SAME, 0, false },
    { "NAMESPACE", SAME, 0, false }, { "UNAUTHENTICATE", SAME, 0, false }, { "LANGUAGE", SAME, 0, false },
    { "COMPARATOR", SAME, 0, false }, { "NOTIFY", SAME, 0, false }, { "XLIST", MAILBOX, 2, true },
    { "CREATE", MAILBOX, 1, true }, { "DELETE", MAILBOX, 1, true }, { "RENAME", MAILBOX, 1, true },
    { "SUBSCRIBE", MAILBOX, 1, true }, { "UNSUBSCRIBE", MAILBOX, 1, true }, { "LIST", MAILBOX, 2, true },
    { "LSUB", MAILBOX, 2, true }, { "STATUS", MAILBOX, 1, true }, { "CHECK", MAILBOX, 0, false },
    { "EXPUNGE", MAILBOX, 0, false }, { "SEARCH", MAILBOX, 0, false }, { "ESEARCH", MAILBOX, 0, false },
    { "SORT", MAILBOX, 0, false }, { "THREAD", MAILBOX, 0, false }, { "STORE", MAILBOX, 0, false },
    { "COPY", MAILBOX, 2, true }, { "MOVE", MAILBOX, 2, true }, { "UID COPY", MAILBOX, 2, true },
    { "UID MOVE", MAILBOX, 2, true }, { "UID STORE", MAILBOX, 0, false }, { "UID SEARCH", MAILBOX, 0, false },
    { "UID SORT", MAILBOX, 0, false }, { "UID THREAD", MAILBOX, 0, false }, { "UID EXPUNGE", MAILBOX, 0, false },
    { "GETQUOTA", MAILBOX, 1, true }, { "GETQUOTAROOT", MAILBOX, 1, true }, { "SETQUOTA", MAILBOX, 1, true },
    { "GETACL", MAILBOX, 1, true }, { "SETACL", MAILBOX, 1, true }, { "DELETEACL", MAILBOX, 1, true },
    { "LISTRIGHTS", MAILBOX, 1, true }, { "MYRIGHTS", MAILBOX, 1, true }, { "GETMETADATA", MAILBOX, 1, true },
    { "SETMETADATA", MAILBOX, 1, true }, { "GENURLAUTH", MAILBOX, 0, false }, { "URLFETCH", MAILBOX, 0, false },
    { "RESETKEY", MAILBOX, 0, false }, { "XAPPLEPUSHSERVICE", SAME, 0, false },
};

const struct imap_verb *imap_verb(uint8_t no) { return &verbs[no < sizeof verbs / sizeof *verbs ? no : 0]; }

uint8_t imap_verb_find(struct ms_bytes upper) /* never empty */
{
    for (uint8_t i = 1; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i].name[0] == upper.p[0] && ms_equal(upper, ms_str(verbs[i].name)))
            return i;
    return IMAP_V_OTHER;
}

static bool letter_or_digit(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z'); }

static bool good_tag(struct ms_bytes tag)
{
    for (size_t i = 0; i < tag.n; i++)
        if (!letter_or_digit(tag.p[i]) && (tag.p[i] < '!' || tag.p[i] > '~' || strchr("(){%*\"\\+", tag.p[i])))
            return false;
    return tag.n && tag.n <= IMAP_TAG;
}

static bool add_word(struct ms_bytes word, struct imap_parts *out, size_t *n)
{
    if (word.n == 0 || *n + word.n > sizeof out->name)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        uint8_t c = ms_lower(word.p[i]);
        bool    letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || (!ms_is_digit(c) && !memchr("-_.", c, 3))))
            return false;
        out->name[(*n)++] = letter ? (uint8_t)(c - 'a' + 'A') : c;
    }
    return true;
}

/* tag SP verb [SP arguments]; "UID" takes the next word with it. A first word longer than `name` is no command. */
bool imap_split(struct ms_bytes line, struct imap_parts *out)
{
    struct ms_bytes rest = line;
    size_t          n = 0;
    out->tag = ms_head(rest, ms_find(rest, ' '));
    rest = ms_tail(rest, out->tag.n);
    if (!good_tag(out->tag) || !add_word(ms_take_word(&rest), out, &n))
        return false;
    if (n == 3 && memcmp(out->name, "UID", 3) == 0) {
        struct ms_bytes after = rest;
        out->name[n++] = ' ';
        if (add_word(ms_take_word(&after), out, &n))
            rest = after;
        else
            n = 3;
    }
    while (rest.n && ms_is_blank(rest.p[0]))
        rest = ms_tail(rest, 1);
    out->word = (struct ms_bytes){ out->name, n };
    out->argument = rest;
    out->verb = imap_verb_find(out->word);
    return true;
}
