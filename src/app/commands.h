/* app/commands.h - one function a command; each returns the exit status. */
#pragma once
#include "app/run.h"

int ms_command_diagnose(struct ms_args *a);
int ms_command_sessions(struct ms_args *a);
int ms_command_exchanges(struct ms_args *a);
int ms_command_messages(struct ms_args *a);
int ms_command_findings(struct ms_args *a);
int ms_command_catalogue(struct ms_args *a); /* findings --list */
int ms_command_follow(struct ms_args *a);
int ms_command_export(struct ms_args *a);
int ms_command_packets(struct ms_args *a);
int ms_command_stats(struct ms_args *a);
int ms_command_fields(struct ms_args *a);

/* -1 when every -e names a field of this kind; else the exit status, said on standard error. */
int ms_check_fields(const struct ms_args *a, enum ms_kind kind);
enum ms_format ms_format_for(const struct ms_args *a, FILE *out);
