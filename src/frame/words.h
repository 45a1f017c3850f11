/* frame/words.h - names of numbers on the wire, as filters compare and columns show them. */
#pragma once
#include "dfilter/field.h"

extern const struct ms_field_word ms_words_set[], ms_words_yes[], ms_words_eligible[], ms_words_ether_type[], ms_words_arp_opcode[], ms_words_ip_protocol[],
    ms_words_dscp[], ms_words_ecn[], ms_words_checksum[], ms_words_icmpv6_type[], ms_words_tcp_option[], ms_words_dns_opcode[], ms_words_dns_rcode[],
    ms_words_dns_class[], ms_words_dns_do[];
extern const struct ms_field_word ms_words_tls_suite[], ms_words_tls_group[], ms_words_tls_signature[], ms_words_tls_extension[], ms_words_tls_point[],
    ms_words_tls_compression[], ms_words_tls_hash[], ms_words_tls_sign[], ms_words_tls_curve[];
extern const struct ms_field_word ms_words_tls_content[], ms_words_tls_version[], ms_words_tls_level[], ms_words_tls_alert[], ms_words_tls_handshake[];

const char *ms_word_of(const struct ms_field_word *words, uint64_t value); /* NULL: it has none */
