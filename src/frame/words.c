/* Names of numbers in TLS (IANA, RFC 8446), written as Wireshark writes them. */
#include "frame/words.h"

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
