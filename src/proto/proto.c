#include "proto/proto.h"
#include "proto/sasl.h"

const struct ms_parser *ms_parser_for(enum ms_protocol p)
{
    switch (p) {
    case MS_PROTO_SMTP:
    case MS_PROTO_LMTP: return &ms_smtp_parser;
    case MS_PROTO_POP3: return &ms_pop3_parser;
    case MS_PROTO_IMAP: return &ms_imap_parser;
    default: return NULL;
    }
}

bool ms_keyword_overwritten(struct ms_bytes word)
{
    if (word.n < 4)
        return false;
    for (size_t i = 0; i + 1 < word.n; i++)
        if (word.p[i] != 'X' && word.p[i] != '*')
            return false;
    uint8_t last = word.p[word.n - 1];
    return (last >= 'A' && last <= 'Z') || last == '*';
}

void ms_element_frames_add(const struct ms_host *h, struct ms_buffer *frames, uint64_t frame)
{
    uint64_t last = 0;
    size_t   n = frames->n / sizeof last;
    if (!h->fragments)
        return;
    if (n)
        memcpy(&last, frames->p + frames->n - sizeof last, sizeof last);
    if (last != frame && n < MS_ELEMENT_FRAMES)
        ms_buffer_append(frames, (struct ms_bytes){ (const uint8_t *)&frame, sizeof frame });
}

bool ms_note_stray(struct ms_host *h, struct ms_bytes line)
{
    struct ms_bytes word = ms_trim(line);
    if (word.n == 0 || !ms_sasl_is_base64(word))
        return false;
    h->ops->stray(h, word);
    return true;
}

/* The list starts with room for 2 and doubles, inside the arena: at most limits->reply_codes kinds. */
void ms_session_count_code(struct ms_session *s, struct ms_host *h, unsigned code)
{
    for (unsigned i = 0; i < s->code_count; i++) {
        if (s->codes[i].code == code) {
            s->codes[i].count++;
            return;
        }
    }
    if (s->code_count >= h->limits->reply_codes || s->code_count == UINT8_MAX) {
        h->ops->limit(h, MS_LIMIT_reply_codes);
        return;
    }
    if (s->code_count == s->code_room) {
        unsigned room = s->code_room ? s->code_room * 2u : 2u;
        struct ms_code_count *more = ms_arena_alloc(h->arena, room * sizeof *more);
        if (s->code_count)
            memcpy(more, s->codes, s->code_count * sizeof *more);
        s->codes = more;
        s->code_room = (uint8_t)(room > UINT8_MAX ? UINT8_MAX : room);
    }
    s->codes[s->code_count++] = (struct ms_code_count){ (uint16_t)code, 1 };
}
