#include "app/commands.h"

const struct ms_command ms_commands[] = {
    { "diagnose", "diagnose", "the one-screen answer: totals, problems with cause and remedy, slow parties",
      "  mailscope diagnose trouble.pcapng          # the same as: mailscope trouble.pcapng", ms_command_diagnose, true,
      "diagnose judges the whole capture: -Y goes with findings, sessions, exchanges, messages and packets" },
    { "sessions", "sessions", "every mail connection, established or not",
      "  mailscope sessions trouble.pcapng\n  mailscope sessions -e id -e client.ip -e outcome -f csv trouble.pcapng", ms_command_sessions, true, NULL },
    { "exchanges", "exchanges", "every command with its replies and times",
      "  mailscope exchanges trouble.pcapng\n  mailscope exchanges --json trouble.pcapng | jq 'select(.duration > 2)'", ms_command_exchanges, true, NULL },
    { "messages", "messages", "every message seen, whole or partial",
      "  mailscope messages -e id -e envelope.from -e headers.subject -e parts.filename trouble.pcapng", ms_command_messages, true, NULL },
    { "findings", "findings", "every problem found; findings --list prints the catalogue of ids",
      "  mailscope findings trouble.pcapng\n  mailscope findings --list", ms_command_findings, true, NULL },
    { "packets", "packets", "frames, as a packet list; -e prints any field of a frame, or whether a filter matches",
      "  mailscope packets -Y 'smtp.response.code >= 500' trouble.pcapng\n  mailscope packets -e frame.number -e tcp.stream -f tsv trouble.pcapng", ms_command_packets, true, NULL },
    { "follow", "follow N", "the dialogue of session N, client and server apart",
      "  mailscope follow 3 trouble.pcapng", ms_command_follow, true,
      "follow takes the number of a session: mailscope sessions -Y lists those that match" },
    { "ladder", "ladder N", "session N as a sequence diagram: commands, replies, messages, and the times between them",
      "  mailscope ladder 3 trouble.pcapng\n  mailscope ladder 3 --color always trouble.pcapng | less -R", ms_command_ladder, true,
      "ladder takes the number of a session: mailscope sessions -Y lists those that match" },
    { "stats", "stats KIND", "tables: codes, commands, conversations, endpoints, io, times or tls",
      "  mailscope stats codes trouble.pcapng\n  mailscope stats commands -f csv trouble.pcapng\n  mailscope stats tls trouble.pcapng\n  mailscope stats io --interval 1 --series 'smtp.response.code >= 400' trouble.pcapng", ms_command_stats, true, NULL },
    { "export", "export WHAT", "messages as .eml files, or decoded attachments, with an index; or packets: a smaller capture",
      "  mailscope export messages -o mails trouble.pcapng\n  mailscope export attachments -o files -Y 'message.verdict.class == \"malicious\"' trouble.pcapng\n"
      "  mailscope export packets -o mail.pcapng trouble.pcapng\n"
      "  mailscope export packets -o some.pcapng -Y 'smtp.response.code >= 500' --whole-sessions trouble.pcapng\n"
      "  mailscope export packets --mask -o for-the-vendor.pcapng trouble.pcapng", ms_command_export, true, NULL },
    { "check", "check", "messages in .eml and mbox files: what is dangerous in them and why",
      "  mailscope check invoice.eml\n  mailscope check --json -e file -e verdict.class -e verdict.score spam.mbox\n"
      "  mailscope check -Y 'attachment.filename matches \"[.]exe$\"' *.eml", ms_command_check, true, NULL },
    { "fields", "fields", "the names of all fields, for -e and -Y; words after it pick those whose name begins so",
      "  mailscope fields\n  mailscope fields smtp message.attachment", ms_command_fields, false, "-Y does not go with fields" },
    { NULL, NULL, NULL, NULL, NULL, false, NULL },
};

const struct ms_command *ms_command_find(const char *name)
{
    for (const struct ms_command *c = ms_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}
