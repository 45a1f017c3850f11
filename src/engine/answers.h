/* engine/answers.h - the DNS answers of the capture, for who judges senders: those that went by, and those that will.
 *
 * A server often asks for the key of a message after the message was in. Two ways lead to such answers: whoever owns the captures may have
 * them looked through ahead, when the first answer is missing (`look_ahead`); or it is told in the end that answers came too late, and
 * reads again with the answers of the first time.                                                                */
#pragma once
#include "auth/dns.h"

struct ms_answers;
struct ms_answers *ms_answers_create(const struct ms_limits *limits);
void ms_answers_destroy(struct ms_answers *a);
/* Called once, when an answer is missing for the first time; it learns what it finds. */
void ms_answers_on_missing(struct ms_answers *a, void (*look_ahead)(void *ctx), void *ctx);
/* Whom to ask what the captures do not show; lives as long as this. */
void ms_answers_ask_also(struct ms_answers *a, struct ms_resolver also);
void ms_answers_learn(struct ms_answers *a, const struct ms_lookup *l);
struct ms_resolver ms_answers_resolver(struct ms_answers *a);
bool ms_answers_came_late(const struct ms_answers *a); /* somebody missed one that was learnt afterwards */
uint64_t ms_answers_dropped(const struct ms_answers *a); /* for the limit dns_answers */
