/* mail/site.h - whose a host name is: the name that somebody registered, below a public suffix (publicsuffix.org). */
#pragma once
#include "base/bytes.h"

/* Threads: each keeps the answers to its last questions. */
/* "mail.shop.example.co.uk" -> "example.co.uk". The host itself when it is a public suffix, an address, or no name. */
struct ms_bytes ms_site(struct ms_bytes host);
bool ms_same_site(struct ms_bytes a, struct ms_bytes b); /* without regard to case; never when one is empty */
/* "co.uk", as it is listed; empty: the list has none for this host. */
struct ms_bytes ms_public_suffix(struct ms_bytes host);
/* What stands behind the last '@'; p is NULL when there is none. */
struct ms_bytes ms_address_domain(struct ms_bytes address);
