/* Names of numbers on the wire (IANA), written as Wireshark writes them. */
#include "frame/words.h"

/* ---- flags, IP, DNS --------------------------------------------------------------------------------------------------------- */

const struct ms_field_word ms_words_set[] = {
    { 1, "Set" }, { 0, "Not set" },
    { 0, NULL },
};

const struct ms_field_word ms_words_yes[] = {
    { 1, "Yes" }, { 0, "No" },
    { 0, NULL },
};

const struct ms_field_word ms_words_eligible[] = {
    { 1, "Eligible" }, { 0, "Ineligible" },
    { 0, NULL },
};

const struct ms_field_word ms_words_ether_type[] = {
    { 0x0800, "IPv4" }, { 0x0806, "ARP" }, { 0x6558, "Transparent Ethernet bridging" }, { 0x8035, "RARP" }, { 0x8100, "802.1Q Virtual LAN" },
    { 0x86dd, "IPv6" }, { 0x8847, "MPLS label switched packet" }, { 0x8863, "PPPoE Discovery" }, { 0x8864, "PPPoE Session" },
    { 0x888e, "802.1X Authentication" }, { 0x88a8, "802.1ad Provider Bridge (Q-in-Q)" },
    { 0x88cc, "802.1 Link Layer Discovery Protocol (LLDP)" },
    { 0, NULL },
};

const struct ms_field_word ms_words_arp_opcode[] = {
    { 1, "request" }, { 2, "reply" }, { 3, "reverse request" }, { 4, "reverse reply" },
    { 0, NULL },
};

const struct ms_field_word ms_words_ip_protocol[] = {
    { 0, "IPv6 Hop-by-Hop Option" }, { 1, "ICMP" }, { 2, "IGMP" }, { 4, "IPIP" }, { 6, "TCP" }, { 17, "UDP" }, { 41, "IPv6" },
    { 43, "Routing Header for IPv6" }, { 44, "Fragment Header for IPv6" }, { 47, "Generic Routing Encapsulation" },
    { 50, "Encap Security Payload" }, { 51, "Authentication Header" }, { 58, "ICMPv6" }, { 59, "No Next Header for IPv6" },
    { 60, "Destination Options for IPv6" }, { 89, "OSPF IGP" }, { 103, "PIM" }, { 108, "IPComp" }, { 112, "VRRP" }, { 132, "SCTP" },
    { 136, "UDPLite" },
    { 0, NULL },
};

const struct ms_field_word ms_words_dscp[] = {
    { 0, "Default" }, { 1, "Lower Effort" }, { 8, "Class Selector 1" }, { 10, "Assured Forwarding 11" }, { 12, "Assured Forwarding 12" },
    { 14, "Assured Forwarding 13" }, { 16, "Class Selector 2" }, { 18, "Assured Forwarding 21" }, { 20, "Assured Forwarding 22" },
    { 22, "Assured Forwarding 23" }, { 24, "Class Selector 3" }, { 26, "Assured Forwarding 31" }, { 28, "Assured Forwarding 32" },
    { 30, "Assured Forwarding 33" }, { 32, "Class Selector 4" }, { 34, "Assured Forwarding 41" }, { 36, "Assured Forwarding 42" },
    { 38, "Assured Forwarding 43" }, { 40, "Class Selector 5" }, { 44, "Voice Admit" }, { 46, "Expedited Forwarding" },
    { 48, "Class Selector 6" }, { 56, "Class Selector 7" },
    { 0, NULL },
};

const struct ms_field_word ms_words_ecn[] = {
    { 0, "Not ECN-Capable Transport" }, { 1, "ECN-Capable Transport codepoint '01'" }, { 2, "ECN-Capable Transport codepoint '10'" },
    { 3, "Congestion Experienced" },
    { 0, NULL },
};

const struct ms_field_word ms_words_checksum[] = {
    { 0, "Bad" }, { 1, "Good" }, { 2, "Unverified" }, { 3, "Not present" }, { 4, "Illegal" },
    { 0, NULL },
};

const struct ms_field_word ms_words_icmpv6_type[] = {
    { 1, "Destination Unreachable" }, { 2, "Packet Too Big" }, { 3, "Time Exceeded" }, { 4, "Parameter Problem" },
    { 128, "Echo (ping) request" }, { 129, "Echo (ping) reply" }, { 130, "Multicast Listener Query" }, { 131, "Multicast Listener Report" },
    { 132, "Multicast Listener Done" }, { 133, "Router Solicitation" }, { 134, "Router Advertisement" }, { 135, "Neighbor Solicitation" },
    { 136, "Neighbor Advertisement" }, { 137, "Redirect" }, { 143, "Multicast Listener Report Message v2" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tcp_option[] = {
    { 0, "End of Option List" }, { 1, "No-Operation" }, { 2, "Maximum Segment Size" }, { 3, "Window Scale" }, { 4, "SACK Permitted" },
    { 5, "SACK" }, { 8, "Time Stamp Option" }, { 19, "MD5 Signature Option" }, { 28, "User Timeout Option" },
    { 29, "The TCP Authentication Option" }, { 30, "Multipath TCP" }, { 34, "TCP Fast Open Cookie" },
    { 0, NULL },
};

const struct ms_field_word ms_words_dns_opcode[] = {
    { 0, "Standard query" }, { 1, "Inverse query" }, { 2, "Server status request" }, { 4, "Zone change notification" }, { 5, "Dynamic update" },
    { 0, NULL },
};

const struct ms_field_word ms_words_dns_rcode[] = {
    { 0, "No error" }, { 1, "Format error" }, { 2, "Server failure" }, { 3, "No such name" }, { 4, "Not implemented" }, { 5, "Refused" },
    { 6, "Name exists" }, { 7, "RRset exists" }, { 8, "RRset does not exist" }, { 9, "Not authoritative" }, { 10, "Name out of zone" },
    { 0, NULL },
};

const struct ms_field_word ms_words_dns_class[] = {
    { 1, "IN" }, { 2, "CS" }, { 3, "CH" }, { 4, "HS" }, { 254, "NONE" }, { 255, "ANY" },
    { 0, NULL },
};

const struct ms_field_word ms_words_dns_do[] = {
    { 1, "Accepts DNSSEC security RRs" }, { 0, "Cannot handle DNSSEC security RRs" },
    { 0, NULL },
};

/* ---- TLS -------------------------------------------------------------------------------------------------------------------- */

const struct ms_field_word ms_words_tls_suite[] = {
#define X(number, name, exchange, cipher, mac, hash, weak) { number, name },
#include "tls/suites.def"
#undef X
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_group[] = {
#define X(number, name) { number, name },
#include "tls/groups.def"
#undef X
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_signature[] = {
    { 0x0201, "rsa_pkcs1_sha1" }, { 0x0203, "ecdsa_sha1" }, { 0x0401, "rsa_pkcs1_sha256" }, { 0x0403, "ecdsa_secp256r1_sha256" },
    { 0x0501, "rsa_pkcs1_sha384" }, { 0x0503, "ecdsa_secp384r1_sha384" }, { 0x0601, "rsa_pkcs1_sha512" },
    { 0x0603, "ecdsa_secp521r1_sha512" }, { 0x0708, "sm2sig_sm3" }, { 0x0804, "rsa_pss_rsae_sha256" }, { 0x0805, "rsa_pss_rsae_sha384" },
    { 0x0806, "rsa_pss_rsae_sha512" }, { 0x0807, "ed25519" }, { 0x0808, "ed448" }, { 0x0809, "rsa_pss_pss_sha256" },
    { 0x080a, "rsa_pss_pss_sha384" }, { 0x080b, "rsa_pss_pss_sha512" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_extension[] = {
    { 0, "server_name" }, { 1, "max_fragment_length" }, { 2, "client_certificate_url" }, { 3, "trusted_ca_keys" }, { 4, "truncated_hmac" },
    { 5, "status_request" }, { 9, "cert_type" }, { 10, "supported_groups" }, { 11, "ec_point_formats" }, { 12, "srp" },
    { 13, "signature_algorithms" }, { 14, "use_srtp" }, { 15, "heartbeat" }, { 16, "application_layer_protocol_negotiation" },
    { 17, "status_request_v2" }, { 18, "signed_certificate_timestamp" }, { 19, "client_certificate_type" }, { 20, "server_certificate_type" },
    { 21, "padding" }, { 22, "encrypt_then_mac" }, { 23, "extended_master_secret" }, { 24, "token_binding" }, { 27, "compress_certificate" },
    { 28, "record_size_limit" }, { 34, "delegated_credentials" }, { 35, "session_ticket" }, { 41, "pre_shared_key" }, { 42, "early_data" },
    { 43, "supported_versions" }, { 44, "cookie" }, { 45, "psk_key_exchange_modes" }, { 47, "certificate_authorities" }, { 48, "oid_filters" },
    { 49, "post_handshake_auth" }, { 50, "signature_algorithms_cert" }, { 51, "key_share" }, { 0x3374, "next_protocol_negotiation" },
    { 0x4469, "application_settings" }, { 0xff01, "renegotiation_info" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_point[] = {
    { 0, "uncompressed" }, { 1, "ansiX962_compressed_prime" }, { 2, "ansiX962_compressed_char2" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_compression[] = {
    { 0, "null" }, { 1, "DEFLATE" }, { 64, "LZS" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_hash[] = {
    { 0, "None" }, { 1, "MD5" }, { 2, "SHA1" }, { 3, "SHA224" }, { 4, "SHA256" }, { 5, "SHA384" }, { 6, "SHA512" }, { 7, "SM3" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_sign[] = {
    { 0, "Anonymous" }, { 1, "RSA" }, { 2, "DSA" }, { 3, "ECDSA" }, { 4, "SM2" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_curve[] = {
    { 1, "explicit_prime" }, { 2, "explicit_char2" }, { 3, "named_curve" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_content[] = {
    { 20, "Change Cipher Spec" }, { 21, "Alert" }, { 22, "Handshake" }, { 23, "Application Data" }, { 24, "Heartbeat" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_version[] = {
    { 2, "SSL 2.0" }, { 768, "SSL 3.0" }, { 769, "TLS 1.0" }, { 770, "TLS 1.1" }, { 771, "TLS 1.2" }, { 772, "TLS 1.3" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_level[] = {
    { 1, "Warning" }, { 2, "Fatal" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_alert[] = {
    { 0, "Close Notify" }, { 1, "End of Early Data" }, { 10, "Unexpected Message" }, { 20, "Bad Record MAC" }, { 21, "Decryption Failed" },
    { 22, "Record Overflow" }, { 30, "Decompression Failure" }, { 40, "Handshake Failure" }, { 41, "No Certificate" },
    { 42, "Bad Certificate" }, { 43, "Unsupported Certificate" }, { 44, "Certificate Revoked" }, { 45, "Certificate Expired" },
    { 46, "Certificate Unknown" }, { 47, "Illegal Parameter" }, { 48, "Unknown CA" }, { 49, "Access Denied" }, { 50, "Decode Error" },
    { 51, "Decrypt Error" }, { 60, "Export Restriction" }, { 70, "Protocol Version" }, { 71, "Insufficient Security" },
    { 80, "Internal Error" }, { 86, "Inappropriate Fallback" }, { 90, "User Canceled" }, { 100, "No Renegotiation" },
    { 109, "Missing Extension" }, { 110, "Unsupported Extension" }, { 111, "Certificate Unobtainable" }, { 112, "Unrecognized Name" },
    { 113, "Bad Certificate Status Response" }, { 114, "Bad Certificate Hash Value" }, { 115, "Unknown PSK Identity" },
    { 116, "Certificate Required" }, { 120, "No application Protocol" }, { 121, "ECH Required" },
    { 0, NULL },
};

const struct ms_field_word ms_words_tls_handshake[] = {
    { 0, "Hello Request" }, { 1, "Client Hello" }, { 2, "Server Hello" }, { 3, "Hello Verify Request" }, { 4, "New Session Ticket" },
    { 5, "End of Early Data" }, { 6, "Hello Retry Request" }, { 8, "Encrypted Extensions" }, { 11, "Certificate" },
    { 12, "Server Key Exchange" }, { 13, "Certificate Request" }, { 14, "Server Hello Done" }, { 15, "Certificate Verify" },
    { 16, "Client Key Exchange" }, { 20, "Finished" }, { 21, "Client Certificate URL" }, { 22, "Certificate Status" },
    { 23, "Supplemental Data" }, { 24, "Key Update" }, { 25, "Compressed Certificate" },
    { 0, NULL },
};

const char *ms_word_of(const struct ms_field_word *words, uint64_t value)
{
    while (words->word && words->value != value)
        words++;
    return words->word;
}
