#include "app/commands.h"
#include "app/options.h"

static const struct { char letter; const char *name, *argument, *only, *help; } options[] = {
#define X(letter, name, argument, NAME, only, help) { letter, name, argument, only, help },
#include "app/options.def"
#undef X
};

/* Those that this command takes; NULL: of all commands. */
static void print_options(FILE *out, const struct ms_command *c)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *only = options[i].only;
        char left[64];
        if (only && c && !ms_option_goes_with(only, c, NULL))
            continue;
        snprintf(left, sizeof left, "%s%c%s--%s%s%s", options[i].letter ? "-" : " ", options[i].letter ? options[i].letter : ' ',
                 options[i].letter ? ", " : "  ", options[i].name, options[i].argument ? " " : "",
                 options[i].argument ? options[i].argument : "");
        fprintf(out, "  %-27s %s%s%s\n", left, only ? only : "", only ? ": " : "", options[i].help);
    }
}

void ms_help_print(FILE *out)
{
    fputs("mailscope tells what happened to the mail in a packet capture: who talked to whom, what failed and why,\n"
          "who was slow, which messages went by.\n\n"
          "Usage: mailscope [COMMAND] [OPTIONS] CAPTURE...\n\n"
          "Commands (without one: diagnose)\n", out);
    for (const struct ms_command *c = ms_commands; c->name; c++)
        fprintf(out, "  %-27s %s\n", c->usage, c->summary);
    fputs("\nA CAPTURE is pcap or pcapng, plain or compressed with gzip, zstd or lz4; - is standard input. Several captures are\n"
          "one timeline.\n\nOptions\n", out);
    print_options(out, NULL);
    fputs("\nExit status: 0 done; 1 --fail-on was met; 2 usage error; 3 an input could not be read to its end (what could be\n"
          "read was analysed and printed).\n\n"
          "Example\n  mailscope trouble.pcapng\n  mailscope sessions --json trouble.pcapng | jq 'select(.outcome!=\"completed\")'\n\n"
          "The manual: man mailscope. Help for one command: mailscope COMMAND --help.\n", out);
}

void ms_help_command(FILE *out, const struct ms_command *c)
{
    fprintf(out, "mailscope %s: %s\n\nUsage: mailscope %s [OPTIONS]%s\n\nExample\n%s\n\nOptions\n", c->name, c->summary, c->usage,
            c->run == ms_command_check ? " FILE..." : c->needs_captures ? " CAPTURE..." : "", c->example);
    print_options(out, c);
}

void ms_help_limits(FILE *out, const struct ms_limits *l)
{
    (void)l;
    fprintf(out, "%-20s %10s %-9s %s\n", "LIMIT", "DEFAULT", "UNIT", "WHAT IT BOUNDS");
    for (int i = 0; i < MS_LIMIT_COUNT; i++)
        fprintf(out, "%-20s %10llu %-9s %s\n", ms_limit_rows[i].name, (unsigned long long)ms_limit_rows[i].value,
                ms_limit_rows[i].unit, ms_limit_rows[i].reason);
}
