/* app/resolve.h - the system's resolver (resolv.conf), for --resolve: what the captures do not show is asked.
 *
 * Bounds   each question once, 1000 of them in all; each waits 2 seconds, twice; after 3 in a row that nobody answered
 *          no more are asked. Only names of printable ASCII go out.                                                      */
#pragma once
#include "auth/dns.h"
#include "base/limits.h"

struct ms_asking;
struct ms_asking *ms_asking_open(const struct ms_limits *limits); /* NULL: there is no resolver */
void ms_asking_close(struct ms_asking *a);
struct ms_resolver ms_asking_resolver(struct ms_asking *a);
void ms_asking_say(const struct ms_asking *a); /* on standard error: questions beyond 1000, if there were any */
