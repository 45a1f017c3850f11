/* app/commands.h - one function a command; each returns the exit status. */
#pragma once
#include "app/run.h"

int ms_command_diagnose(struct ms_args *a);
int ms_command_sessions(struct ms_args *a);
int ms_command_exchanges(struct ms_args *a);
int ms_command_messages(struct ms_args *a);
int ms_command_findings(struct ms_args *a);
int ms_command_catalogue(struct ms_args *a); /* findings --list */
int ms_command_check(struct ms_args *a);
int ms_command_follow(struct ms_args *a);
int ms_command_ladder(struct ms_args *a);
int ms_command_export(struct ms_args *a);
int ms_command_packets(struct ms_args *a);
int ms_command_stats(struct ms_args *a);
int ms_command_stats_io(struct ms_args *a);
int ms_command_fields(struct ms_args *a);

/* -1 when every -e names a field of this kind; else the exit status, said on standard error. */
int ms_check_fields(const struct ms_args *a, enum ms_kind kind);
enum ms_format ms_format_for(const struct ms_args *a, FILE *out);

/* one_session.c: a command about the session whose number is the first word. `frame` is the one that opens it. */
typedef int ms_print_session(struct ms_args *a, uint64_t frame, FILE *out);
int ms_one_session(struct ms_args *a, ms_print_session *print);

/* For commands that read twice: "-" among the captures (behind so many words) becomes the path of a temporary file, which is returned,
 * to be closed at the end; each pass opens it anew. NULL: there was none, or no file could be made (said; the word stays). */
FILE *ms_replace_stdin(struct ms_args *a, size_t skip_words, char path[64]);

/* command_export_packets.c */
int ms_export_packets(struct ms_args *a);

/* terminal.c: COLUMNS, or what the terminal says, or 80; does the locale take UTF-8? */
size_t ms_terminal_columns(FILE *out);
bool   ms_terminal_utf8(void);
