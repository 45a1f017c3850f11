/* tls/private_key.h - RSA private keys for connections with RSA key exchange (RFC 5246 7.4.7.1), read with OpenSSL.
 *
 * Formats  PEM: PKCS#1, PKCS#8, encrypted (PKCS#8 or traditional) with a passphrase asked for; DER as well. Several keys in one file.
 * Secrets  key material stays in OpenSSL's memory, which frees cleansed; passphrases are wiped.                    */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>

struct ms_private_keys;
struct ms_private_keys *ms_private_keys_create(void);
void ms_private_keys_destroy(struct ms_private_keys *k);
/* `ask` is called when a passphrase is needed: writes it into buf (size n), returns its length or -1; may be NULL. False: `why`
 * (static text) says what is wrong: "no private key in it", "wrong passphrase", "not an RSA key (only RSA key exchange can be
 * decrypted with one)", "cannot be opened". */
bool ms_private_keys_add_file(struct ms_private_keys *k, const char *path, int (*ask)(const char *path, char *buf, int n), const char **why);
size_t ms_private_keys_count(const struct ms_private_keys *k);
bool ms_private_keys_fit(const struct ms_private_keys *k, struct ms_bytes certificate); /* one of them belongs to it (DER) */
/* Decrypts the pre-master secret with the key of `certificate` (DER; empty: every key is tried). False: no key fits, or what came
 * out is none. `version`: what the client hello said (RFC 5246 7.4.7.1), checked but not insisted on. */
bool ms_private_keys_premaster(struct ms_private_keys *k, struct ms_bytes certificate, struct ms_bytes encrypted, uint16_t version,
                               uint8_t premaster[48]);
