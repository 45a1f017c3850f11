/* engine/mailbox.h - messages that come in files: one message (.eml), or a mailbox of many (mbox, RFC 4155).
 *
 * Reads    a file is a mailbox when it begins with a line "From sender date". There, such a line behind a blank one begins a message, and of
 *          ">From " the ">" is taken off. Line ends become CRLF, as a receiver stores the message.
 * Feed     pieces of any size; the result does not depend on where they were cut.                                            */
#pragma once
#include "engine/examine.h"

struct ms_mailbox_options {
    const struct ms_limits *limits;
    const struct ms_weights *weights; /* borrowed */
    struct ms_resolver resolver;      /* who is asked about senders; its ask NULL: nobody */
    const struct ms_scanners *scanners; /* NULL: none */
    bool hash_parts, hash_message;
    void (*message)(void *ctx, const struct ms_message *m); /* borrowed during the call; ids count over all files */
    void *ctx;
};
struct ms_mailbox_file;
struct ms_mailbox_file *ms_mailbox_create(const struct ms_mailbox_options *options);
void ms_mailbox_begin(struct ms_mailbox_file *f, struct ms_bytes name); /* a new file; the name is borrowed until its end */
void ms_mailbox_push(struct ms_mailbox_file *f, struct ms_bytes bytes);
void ms_mailbox_end(struct ms_mailbox_file *f);
const struct ms_content_pool *ms_mailbox_limits(const struct ms_mailbox_file *f);
void ms_mailbox_destroy(struct ms_mailbox_file *f);
