/* content/picture/look.c - pictures of a message, or in a document of it: codes for cameras, and where they lead.
 *
 * Filters read text and links; people hold their telephone, which nobody at work watches, before a picture and follow the code in it. */
#include "content/files.h"
#include "content/link/link.h"
#include "content/picture/picture.h"
#include "content/text/reading.h"

struct look { struct ms_code_sink sink; const struct ms_file *file; };

static bool has_web_link(struct ms_bytes text)
{
    return ms_search_nocase(text, MS_LIT("http://")) < text.n || ms_search_nocase(text, MS_LIT("https://")) < text.n;
}

/* "example.com/x" and nothing else: telephones open it. */
static bool is_bare_link(struct ms_bytes text, struct ms_arena *arena)
{
    struct ms_url_view view;
    struct ms_bytes    rest = text, word = ms_take_word(&rest);
    return rest.n == 0 && ms_find(word, '@') == word.n && ms_url_read(word, arena, &view) && view.odd & MS_URL_NO_SCHEME && !(view.odd & MS_URL_BAD_HOST)
        && ms_host_has_suffix(view.host);
}

/* What people read by camera is a text like others: there may be links in it (cards with addresses have several), and wallets. */
static void on_code(struct ms_code_sink *sink, struct ms_bytes text)
{
    const struct ms_file *f = ((struct look *)(void *)sink)->file;
    struct ms_inside      in = *f->in;
    struct ms_reading     seen = { 0 };
    in.qr = true;
    text = ms_trim(text);
    ms_reading_take(&in, text, (struct ms_spans){ NULL, 0 }, &seen);
    bool bare = is_bare_link(text, in.arena);
    if (bare)
        ms_link_found(&in, text, (struct ms_bytes){ NULL, 0 });
    if (seen.wallet.n)
        ms_sign_add(in.signs, MS_SIGN_TEXT_WALLET, in.part, seen.wallet);
    ms_file_sign(f, bare || has_web_link(text) ? MS_SIGN_URL_QR_PICTURE : MS_SIGN_PICTURE_QR, text);
}

bool ms_picture_may_look(const struct ms_file *f, size_t width, size_t height)
{
    enum { LEAST_PRICE = 4096 }; /* pixels: to open a picture costs as much, however small it is */
    struct ms_pixels *pixels = f->in->pixels;
    uint64_t          area = (uint64_t)width * height, price = area < LEAST_PRICE ? LEAST_PRICE : area;
    bool              large = area > f->in->limits->picture_pixels, small = width < MS_PICTURE_LEAST || height < MS_PICTURE_LEAST;
    bool              too_much = !large && (price > pixels->left || pixels->tried > f->in->limits->message_pixels);
    if (small)
        return false;
    pixels->reached_picture += large;
    pixels->reached_message += too_much;
    pixels->left -= large || too_much ? 0 : price;
    return !large && !too_much;
}

void ms_picture_look_at(const struct ms_file *f, const struct ms_picture *p)
{
    struct look look = { { on_code }, f };
    f->in->pixels->tried += ms_codes_find(p, &look.sink);
}

void ms_picture_look(const struct ms_file *f)
{
    struct ms_picture p;
    size_t            width, height;
    if (f->piece->cut || !ms_picture_measure(f->piece->bytes, &width, &height) || !ms_picture_may_look(f, width, height))
        return;
    if (!ms_picture_read(f->piece->bytes, &p))
        return;
    ms_picture_look_at(f, &p);
    ms_picture_finish(&p);
}
