/* app/options.h - the command line, read into one struct. */
#pragma once
#include "engine/engine.h"
#include "sink/dump.h"
#include "sink/rules.h"
#include "sink/sink.h"
#include "sink/time_format.h"

struct ms_args;
struct ms_command {
    const char *name, *usage, *summary, *example;
    int       (*run)(struct ms_args *a);  /* exit status */
    bool        needs_captures;
    const char *no_filter;                /* why -Y does not go with it, for those who give it; NULL: it does */
};

enum ms_when { MS_WHEN_AUTO, MS_WHEN_ALWAYS, MS_WHEN_NEVER };

struct ms_args {
    const struct ms_command *command;
    enum ms_format      format;
    enum ms_dump_kind   dump;              /* follow: bytes instead of lines */
    enum ms_only        only;
    bool                format_given, show_secrets, quiet, list, fail_on_given, whole_sessions, with_keys, mask, resolve;
    int                 verbose;
    int64_t             interval;          /* ns, or enum of sink/stats_io.h */
    const char        **series; size_t series_count;
    struct ms_separated separated;
    enum ms_time_format time_format;
    bool                time_format_given;
    const char        **fields; size_t field_count;
    const char         *output, *filter, *mask_key, *yara, *clamd;
    struct ms_decode_as decode_as[64]; size_t decode_as_count;
    const char        **keylog_paths; size_t keylog_count;
    const char        **private_key_paths; size_t private_key_count;
    struct ms_keylog   *keylog;            /* these two: ms_keys_load() */
    struct ms_private_keys *private_keys;
    struct ms_limits    limits;
    struct ms_weights   weights;
    struct ms_rules_file *rules;           /* NULL: none */
    struct ms_scanners *scanners;          /* likewise */
    enum ms_severity    fail_on;
    enum ms_when        color, progress;
    const char        **words; size_t word_count; /* what stands after the command: captures, and what commands take before them */
};

enum { MS_EXIT_OK = 0, MS_EXIT_FAIL_ON = 1, MS_EXIT_USAGE = 2, MS_EXIT_INPUT = 3 };

/* Fills *a. Returns -1 to go on, or the exit status: usage errors (a sentence on standard error), --help, --version. */
int  ms_args_parse(struct ms_args *a, int argc, char **argv);
void ms_args_finish(struct ms_args *a);
/* A usage error of a command: prints "mailscope: ..." and where help is; returns MS_EXIT_USAGE. */
int  ms_usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool ms_use_color(const struct ms_args *a, FILE *out);
/* Whether an option that is only for this ("packets", "stats io") goes with a command and the first word after it; NULL: any word. */
bool ms_option_goes_with(const char *only, const struct ms_command *c, const char *word);
/* The first word of the command as a number or one of a list. */
bool ms_parse_count(const char *word, uint64_t *out);

extern const struct ms_command ms_commands[]; /* ends with name NULL (commands.c) */
const struct ms_command *ms_command_find(const char *name);

/* keys.c: reads the keys that the command line names; from here on the process leaves no core. Returns -1 to go on, or the exit
 * status, said on standard error. */
int  ms_keys_load(struct ms_args *a);
void ms_keys_finish(struct ms_args *a);

/* help.c */
void ms_help_print(FILE *out);
void ms_help_command(FILE *out, const struct ms_command *c);
void ms_help_limits(FILE *out, const struct ms_limits *l);
