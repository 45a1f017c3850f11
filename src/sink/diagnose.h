/* sink/diagnose.h - the one-screen answer. */
#pragma once
#include "engine/engine.h"

#include <stdio.h>

struct ms_screen; /* sums over the records of a run */
struct ms_screen *ms_screen_create(void);
void ms_screen_session(void *screen, const struct ms_session *s);
void ms_screen_message(void *screen, const struct ms_message *m);
bool ms_screen_print(struct ms_screen *s, struct ms_engine *e, FILE *out, bool color); /* false: write error */
bool ms_screen_print_json(struct ms_screen *s, struct ms_engine *e, FILE *out);        /* one object */
void ms_screen_forget(struct ms_screen *s); /* all that it was told */
void ms_screen_destroy(struct ms_screen *s);
