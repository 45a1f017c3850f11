#include "app/commands.h"

#include "sink/stats_io.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_LONG = 256 }; /* of the first row; there are no more than 64 */
enum option_no {
    OPTION_BEFORE = FIRST_LONG - 1,
#define X(letter, name, argument, NAME, only, help) OPTION_##NAME,
#include "app/options.def"
#undef X
};

static const struct option long_options[] = {
#define X(letter, name, argument, NAME, only, help) { name, (argument) != NULL ? required_argument : no_argument, NULL, OPTION_##NAME },
#include "app/options.def"
#undef X
    { 0 },
};

static const struct { int letter, option; const char *only; } rows[] = {
#define X(letter, name, argument, NAME, only, help) { letter, OPTION_##NAME, only },
#include "app/options.def"
#undef X
};

int ms_usage_error(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("mailscope: ", stderr);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("\nTry 'mailscope --help'.\n", stderr);
    return MS_EXIT_USAGE;
}

bool ms_parse_count(const char *word, uint64_t *out) { return ms_parse_u64(ms_str(word), out); }

bool ms_use_color(const struct ms_args *a, FILE *out)
{
    if (a->color != MS_WHEN_AUTO)
        return a->color == MS_WHEN_ALWAYS;
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(out)) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

/* ---- values ------------------------------------------------------------------------------------------------- */

static int pick(const char *option, const char *value, const char *const *words, int *out)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(value, words[i]) == 0) {
            *out = i;
            return -1;
        }
    }
    char list[200] = "";
    for (int i = 0; words[i]; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return ms_usage_error("--%s takes %s, not '%s'", option, list, value);
}

static int read_when(const char *option, const char *value, enum ms_when *out)
{
    static const char *const words[] = { "auto", "always", "never", NULL };
    int                      i = 0, status = pick(option, value, words, &i);
    *out = (enum ms_when)i;
    return status;
}

static int read_decode_as(struct ms_args *a, const char *value)
{
    static const struct { const char *name; enum ms_protocol p; bool tls; } words[] = {
        { "smtp", MS_PROTO_SMTP, false }, { "lmtp", MS_PROTO_LMTP, false },  { "pop3", MS_PROTO_POP3, false },
        { "imap", MS_PROTO_IMAP, false }, { "smtps", MS_PROTO_SMTP, true },  { "pop3s", MS_PROTO_POP3, true },
        { "imaps", MS_PROTO_IMAP, true },
    };
    const char *equals = strchr(value, '=');
    uint64_t    port;
    struct ms_bytes digits = { (const uint8_t *)value, equals ? (size_t)(equals - value) : 0 };
    if (!equals || !ms_parse_u64(digits, &port) || port == 0 || port > UINT16_MAX)
        return ms_usage_error("--decode-as takes PORT=PROTO, for example 2525=smtp, not '%s'", value);
    if (a->decode_as_count == sizeof a->decode_as / sizeof *a->decode_as)
        return ms_usage_error("too many --decode-as");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(equals + 1, words[i].name) != 0)
            continue;
        a->decode_as[a->decode_as_count++] = (struct ms_decode_as){ (uint16_t)port, words[i].p, words[i].tls };
        return -1;
    }
    return ms_usage_error("--decode-as: '%s' is not smtp, pop3, imap, lmtp, smtps, pop3s or imaps", equals + 1);
}

static int read_limit(struct ms_args *a, const char *value)
{
    char        name[64];
    const char *equals = strchr(value, '=');
    uint64_t    number;
    if (strcmp(value, "list") == 0) {
        ms_help_limits(stdout, &a->limits);
        return MS_EXIT_OK;
    }
    size_t n = equals ? (size_t)(equals - value) : sizeof name;
    if (n >= sizeof name || !ms_parse_count(equals + 1, &number) || number == 0 || number > UINT32_MAX)
        return ms_usage_error("--limit takes NAME=VALUE with a value from 1 to 4294967295, not '%s' (--limit list shows the names)", value);
    memcpy(name, value, n);
    name[n] = 0;
    if (!ms_limits_set(&a->limits, name, number))
        return ms_usage_error("no limit is called '%s' (--limit list shows the names)", name);
    return -1;
}

static int read_weight(struct ms_args *a, const char *value)
{
    char        name[64];
    const char *equals = strchr(value, '=');
    size_t      n = equals ? (size_t)(equals - value) : sizeof name;
    bool        less = equals && equals[1] == '-', off = equals && strcmp(equals + 1, "off") == 0;
    uint64_t    points = 0;
    if (n >= sizeof name || (!off && (!ms_parse_count(equals + 1 + less, &points) || points > 100)))
        return ms_usage_error("--weigh takes ID=POINTS with points from -100 to 100, or ID=off, not '%s'", value);
    memcpy(name, value, n);
    name[n] = 0;
    if (ms_weights_set(&a->weights, name, off ? MS_POINTS_OFF : (int16_t)(less ? -(int)points : (int)points)))
        return -1;
    if (ms_rule_find(name, &(enum ms_rule){ 0 }))
        return ms_usage_error("%s is a finding: it has no points, but --weigh %s=off turns it off", name, name);
    return ms_usage_error("no sign and no finding is called '%s' (docs/verdicts.md lists signs, mailscope findings --list findings)", name);
}

static int read_rules(struct ms_args *a, const char *path)
{
    FILE            *in = fopen(path, "rb");
    struct ms_buffer text = { 0 }, error = { 0 };
    uint8_t          some[4096];
    for (size_t n; in && text.n <= MS_RULES_BYTES && (n = fread(some, 1, sizeof some, in)) > 0;)
        ms_buffer_append(&text, (struct ms_bytes){ some, n });
    int  fault = !in || ferror(in) ? errno : text.n > MS_RULES_BYTES ? EFBIG : 0;
    bool read = false;
    a->rules = a->rules ? a->rules : ms_rules_create();
    if (in)
        fclose(in);
    if (fault)
        ms_text_format(&error, "cannot read %s: %s\n", path, strerror(fault));
    else
        read = ms_rules_read(a->rules, path, ms_buffer_bytes(&text), &error);
    if (!read)
        fprintf(stderr, "mailscope: %.*s", (int)error.n, (const char *)error.p);
    ms_buffer_finish(&text);
    ms_buffer_finish(&error);
    return read ? -1 : fault ? MS_EXIT_INPUT : MS_EXIT_USAGE;
}

static int read_fail_on(struct ms_args *a, const char *value)
{
    static const char *const words[] = { "note", "warning", "error", "critical", NULL };
    int                      i = 0, status = pick("fail-on", value, words, &i);
    a->fail_on = (enum ms_severity)i;
    a->fail_on_given = true;
    return status;
}

static int read_format(struct ms_args *a, const char *value)
{
    static const char *const words[] = { "table", "ndjson", "json", "csv", "tsv", "raw", "ascii", "hex", "c-array", NULL };
    int                      i = 0, status = pick("format", value, words, &i);
    a->format = i > MS_FORMAT_TSV ? MS_FORMAT_TABLE : (enum ms_format)i;
    a->dump = i > MS_FORMAT_TSV ? (enum ms_dump_kind)(i - MS_FORMAT_TSV) : MS_DUMP_NONE;
    a->format_given = true;
    return status;
}

static int read_only(struct ms_args *a, const char *value)
{
    static const char *const words[] = { "client", "server", NULL };
    int                      i = 0, status = pick("only", value, words, &i);
    a->only = i == 0 ? MS_ONLY_CLIENT : MS_ONLY_SERVER;
    return status;
}

static int read_field_option(struct ms_args *a, const char *option, const char *word)
{
    if (ms_separated_set(&a->separated, word))
        return -1;
    const char *equals = strchr(word, '=');
    if (strcmp(option, "-E") != 0)
        return ms_usage_error("%s takes %s, not '%s'", option, strcmp(option, "--occurrence") == 0 ? "f, l or a" : "one character", equals + 1);
    return ms_usage_error("-E takes header=y|n, separator=CHAR, aggregator=CHAR, occurrence=f|l|a, quote=d|s|n or bom=y|n, not '%s'", word);
}

/* --occurrence f is -E occurrence=f. */
static int read_field_word(struct ms_args *a, const char *option, const char *key, const char *value)
{
    char word[32];
    snprintf(word, sizeof word, "%s=%s", key, value);
    return read_field_option(a, option, word);
}

static int read_time_format(struct ms_args *a, const char *value)
{
    a->time_format_given = true;
    if (ms_time_format_find(value, &a->time_format))
        return -1;
    return ms_usage_error("--time-format takes relative, absolute, date, epoch, delta or delta-displayed, not '%s'", value);
}

/* Seconds with up to nine digits behind the point, up to ten years or so. */
static bool parse_seconds(struct ms_bytes text, int64_t *ns)
{
    struct ms_bytes whole = ms_head(text, ms_find(text, '.')), fraction = ms_tail(text, whole.n + 1);
    uint64_t        seconds = 0, parts = 0, unit = 1000000000;
    if ((whole.n && !ms_parse_u64(whole, &seconds)) || (fraction.n && !ms_parse_u64(fraction, &parts)) || whole.n + fraction.n == 0)
        return false;
    if (seconds > 400000000 || fraction.n > 9)
        return false;
    for (size_t i = 0; i < fraction.n; i++)
        unit /= 10;
    *ns = (int64_t)(seconds * 1000000000 + parts * unit);
    return true;
}

static int read_interval(struct ms_args *a, const char *value)
{
    if (strcmp(value, "auto") == 0)
        a->interval = MS_IO_AUTO;
    else if (!parse_seconds(ms_str(value), &a->interval))
        return ms_usage_error("--interval takes seconds (0.5), auto, or 0, not '%s'", value);
    return -1;
}

static int read_series(struct ms_args *a, const char *value)
{
    if (a->series_count == MS_IO_SERIES)
        return ms_usage_error("more than %d --series", MS_IO_SERIES);
    a->series[a->series_count++] = value;
    return -1;
}

/* Letters that tshark has and Mailscope has not: how it is said here. */
static const struct { char letter; const char *here; } of_tshark[] = {
    { 'i', "tcpdump -i INTERFACE -s 0 -w - | mailscope COMMAND -" }, { 'r', "the capture is named without an option" }, { 'T', "-f says the format, and -e alone prints fields" },
    { 'w', "mailscope export packets -Y EXPR -o FILE CAPTURE writes a capture" }, { 'z', "the statistics are mailscope stats, follow and ladder" },
    { 'R', "-Y is the filter" }, { '2', "one pass is enough" }, { 'n', "addresses are never turned into names" },
    { 'd', "--decode-as PORT=PROTO" }, { 'x', "mailscope follow N --format hex" }, { 'O', "-e prints the fields of a frame" },
    { 'c', "-Y 'frame.number <= N' keeps the first N" },
};

static int refuse(int letter)
{
    for (size_t i = 0; i < sizeof of_tshark / sizeof *of_tshark; i++)
        if (of_tshark[i].letter == letter)
            fprintf(stderr, "In place of tshark's -%c: %s.\n", letter, of_tshark[i].here);
    fputs("Try 'mailscope --help'.\n", stderr);
    return MS_EXIT_USAGE;
}

static int take_option(struct ms_args *a, int option, const char *value, bool *help)
{
    switch (option) {
    case OPTION_FILTER: a->filter = value; return -1;
    case OPTION_FORMAT: return read_format(a, value);
    case OPTION_JSON: return read_format(a, "ndjson");
    case OPTION_FIELD: a->fields[a->field_count++] = value; return -1;
    case OPTION_FIELD_OPTION: return read_field_option(a, "-E", value);
    case OPTION_OCCURRENCE: return read_field_word(a, "--occurrence", "occurrence", value);
    case OPTION_AGGREGATOR: return read_field_word(a, "--aggregator", "aggregator", value);
    case OPTION_TIME_FORMAT: return read_time_format(a, value);
    case OPTION_INTERVAL: return read_interval(a, value);
    case OPTION_SERIES: return read_series(a, value);
    case OPTION_OUTPUT: a->output = value; return -1;
    case OPTION_DECODE_AS: return read_decode_as(a, value);
    case OPTION_KEYLOG: a->keylog_paths[a->keylog_count++] = value; return -1;
    case OPTION_PRIVATE_KEY: a->private_key_paths[a->private_key_count++] = value; return -1;
    case OPTION_SHOW_SECRETS: a->show_secrets = true; return -1;
    case OPTION_ONLY: return read_only(a, value);
    case OPTION_WHOLE_SESSIONS: a->whole_sessions = true; return -1;
    case OPTION_WITH_KEYS: a->with_keys = true; return -1;
    case OPTION_MASK: a->mask = true; return -1;
    case OPTION_MASK_KEY: a->mask_key = value; return -1;
    case OPTION_FAIL_ON: return read_fail_on(a, value);
    case OPTION_RESOLVE: a->resolve = true; return -1;
    case OPTION_YARA: a->yara = value; return -1;
    case OPTION_CLAMD: a->clamd = value; return -1;
    case OPTION_RULES: return read_rules(a, value);
    case OPTION_WEIGH: return read_weight(a, value);
    case OPTION_LIMIT: return read_limit(a, value);
    case OPTION_COLOR: return read_when("color", value, &a->color);
    case OPTION_PROGRESS: return read_when("progress", value, &a->progress);
    case OPTION_QUIET: a->quiet = true; return -1;
    case OPTION_VERBOSE: a->verbose++; return -1;
    case OPTION_LIST: a->list = true; return -1;
    case OPTION_HELP: *help = true; return -1;
    case OPTION_VERSION: puts("mailscope " MS_VERSION); return MS_EXIT_OK;
    default: return refuse(optopt); /* getopt said what is wrong */
    }
}

static int by_letter(int letter)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].letter && rows[i].letter == letter)
            return rows[i].option;
    return letter;
}

static void short_options(char out[64])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && n + 2 < 64; i++) {
        if (!rows[i].letter)
            continue;
        out[n++] = (char)rows[i].letter;
        if (long_options[i].has_arg)
            out[n++] = ':';
    }
    out[n] = 0;
}

/* ---- the whole line ------------------------------------------------------------------------------------------ */

static void take_words(struct ms_args *a, int argc, char **argv)
{
    a->words = ms_alloc((size_t)argc * sizeof *a->words);
    for (int i = optind; i < argc; i++)
        a->words[a->word_count++] = argv[i];
    a->command = a->word_count ? ms_command_find(a->words[0]) : NULL;
    if (a->command) { /* the command's name is no capture; a capture called like a command is given as ./name */
        a->word_count--;
        memmove(a->words, a->words + 1, a->word_count * sizeof *a->words);
    } else {
        a->command = &ms_commands[0];
    }
}

/* A word that is no file and nearly a command was meant as one. */
static int check_command(const struct ms_args *a, bool named)
{
    if (named || a->word_count == 0 || access(a->words[0], F_OK) == 0)
        return -1;
    for (const struct ms_command *c = ms_commands; c->name; c++)
        if (ms_edit_distance(ms_str(a->words[0]), ms_str(c->name)) <= 2)
            return ms_usage_error("there is no command and no file '%s'; did you mean '%s'?", a->words[0], c->name);
    return -1;
}

bool ms_option_goes_with(const char *only, const struct ms_command *c, const char *word)
{
    size_t n = strlen(c->name);
    if (strncmp(only, c->name, n) != 0 || (only[n] && only[n] != ' '))
        return false;
    return !only[n] || !word || strcmp(only + n + 1, word) == 0;
}

static int check_options(const struct ms_args *a, uint64_t given)
{
    const char *word = a->word_count ? a->words[0] : NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (given >> i & 1 && rows[i].only && !ms_option_goes_with(rows[i].only, a->command, word))
            return ms_usage_error("--%s is for %s", long_options[i].name, rows[i].only);
    return -1;
}

static int check_words(struct ms_args *a)
{
    if (a->word_count == 0 && a->command->needs_captures && isatty(STDIN_FILENO) && a->command == &ms_commands[0]) {
        ms_help_print(stderr);
        return MS_EXIT_USAGE;
    }
    if ((a->dump || a->only) && a->command->run != ms_command_follow)
        return ms_usage_error("%s is for follow", a->only ? "--only" : "--format raw, ascii, hex or c-array");
    if (a->filter && a->command->no_filter)
        return ms_usage_error("%s", a->command->no_filter);
    bool needs_none = a->list && a->command->run == ms_command_findings; /* the catalogue */
    if (a->word_count == 0 && a->command->needs_captures && !needs_none)
        return ms_usage_error("%s needs a capture file (- is standard input)", a->command->name);
    return -1;
}

int ms_args_parse(struct ms_args *a, int argc, char **argv)
{
    char letters_text[64];
    bool help = false;
    uint64_t given = 0; /* bit i: rows[i] */
    *a = (struct ms_args){ .limits = ms_limits_default(), .interval = MS_IO_AUTO };
    ms_weights_init(&a->weights);
    a->series = ms_alloc(MS_IO_SERIES * sizeof *a->series);
    a->fields = ms_alloc((size_t)argc * sizeof *a->fields);
    a->keylog_paths = ms_alloc((size_t)argc * sizeof *a->keylog_paths);
    a->private_key_paths = ms_alloc((size_t)argc * sizeof *a->private_key_paths);
    short_options(letters_text);
    static char name[] = "mailscope";
    if (argc > 0)
        argv[0] = name; /* getopt begins its sentences with it */
    for (int option; (option = getopt_long(argc, argv, letters_text, long_options, NULL)) != -1;) {
        int which = by_letter(option), status = take_option(a, which, optarg, &help);
        if (status >= 0)
            return status;
        given |= 1ull << (which - FIRST_LONG);
    }
    bool named = optind < argc && ms_command_find(argv[optind]);
    take_words(a, argc, argv);
    if (help) {
        if (named)
            ms_help_command(stdout, a->command);
        else
            ms_help_print(stdout);
        return MS_EXIT_OK;
    }
    int status = check_command(a, named);
    if (status < 0)
        status = check_options(a, given);
    return status >= 0 ? status : check_words(a);
}

void ms_args_finish(struct ms_args *a)
{
    ms_keys_finish(a);
    ms_rules_destroy(a->rules);
    ms_free(a->keylog_paths);
    ms_free(a->private_key_paths);
    ms_free(a->fields);
    ms_free(a->series);
    ms_free(a->words);
}
