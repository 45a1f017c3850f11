/* content/text/html_look.c - HTML as a part of a message, or as a file. */
#include "content/text/page.h"
#include "content/text/words.h"

static void say(const struct ms_page *page, enum ms_sign_kind kind, struct ms_bytes evidence)
{
    ms_sign_add(page->in->signs, kind, page->in->part, evidence);
}

static void judge_hidden(const struct ms_page *page, const struct ms_reading *seen)
{
    enum { FEW = 5, MANY = 50, VERY_MANY = 1000, SPLITS = 3 };
    struct ms_bytes hidden = ms_trim(ms_buffer_bytes(&page->hidden));
    if (page->hidden_splits >= SPLITS)
        say(page, MS_SIGN_HIDDEN_TEXT_SPLITS, page->split);
    if (page->hidden_words > VERY_MANY || (page->hidden_words > MANY && page->hidden_words > seen->words))
        say(page, MS_SIGN_HIDDEN_TEXT_MUCH, hidden);
    else if (page->hidden_words >= FEW)
        say(page, MS_SIGN_HIDDEN_TEXT, hidden);
}

/* Orders to programs that read mail for people stand where only those see them. */
static void look_for_orders(const struct ms_page *page)
{
    struct ms_bytes    hidden = ms_buffer_bytes(&page->hidden);
    struct ms_word_hit hit;
    bool               begins = true; /* a word */
    for (size_t i = 0; i < hidden.n; i++) {
        bool letter = ms_is_letter(hidden.p[i]);
        if (begins && letter && ms_words_at(ms_tail(hidden, i), &hit) && hit.class_ == MS_WORDS_ASSISTANT) {
            say(page, MS_SIGN_WORDS_ASSISTANT, ms_slice(hidden, i, hit.length));
            return;
        }
        begins = !letter;
    }
}

static void judge(const struct ms_page *page, const struct ms_reading *seen)
{
    enum { FEW_WORDS = 30, TURNS = 3 };
    judge_hidden(page, seen);
    look_for_orders(page);
    if (page->linked_pictures && seen->words < FEW_WORDS)
        say(page, MS_SIGN_IMAGE_ONLY, page->href);
    if (page->turned >= TURNS)
        say(page, MS_SIGN_TEXT_TURNED, MS_LIT("<bdo dir=rtl>"));
}

void ms_html_look(struct ms_inside *in, const struct ms_piece *piece)
{
    struct ms_page   *page = ms_alloc(sizeof *page);
    struct ms_reading seen = { 0 };
    ms_page_init(page, in, ms_text_readable(in, piece));
    while (ms_page_step(page))
        ;
    ms_reading_take(in, ms_buffer_bytes(&page->seen), (struct ms_spans){ page->anchors, page->anchor_count }, &seen);
    ms_reading_digest(in, &seen);
    ms_reading_judge(in, &seen, page->web_links > 0);
    judge(page, &seen);
    if (seen.blocks > MS_READING_DRAWN)
        ms_drawing_look(in, ms_buffer_bytes(&page->seen));
    ms_page_finish(page);
    ms_free(page);
}
