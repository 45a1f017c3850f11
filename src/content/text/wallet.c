/* content/text/wallet.c - addresses that money of the kind of Bitcoin is sent to, told from other strings by their checksums.
 *
 * Reads    Base58Check of version 0 and 5 (Bitcoin), Bech32 and Bech32m of "bc1" (BIP 173, BIP 350).                  */
#include "content/text/reading.h"

#include <openssl/sha.h>

enum { PAYLOAD = 25, SUM = 4, SHORTEST = 26, LONGEST = 35 };

static int base58_digit(uint8_t c)
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const char       *hit = c ? strchr(digits, c) : NULL;
    return hit ? (int)(hit - digits) : -1;
}

static bool read_base58(struct ms_bytes word, uint8_t out[PAYLOAD])
{
    memset(out, 0, PAYLOAD);
    for (size_t i = 0; i < word.n; i++) {
        int carry = base58_digit(word.p[i]);
        if (carry < 0)
            return false;
        for (size_t k = PAYLOAD; k-- > 0; carry >>= 8) {
            carry += 58 * out[k];
            out[k] = (uint8_t)carry;
        }
        if (carry)
            return false;
    }
    return true;
}

static bool is_base58check(struct ms_bytes word)
{
    uint8_t bytes[PAYLOAD], once[SHA256_DIGEST_LENGTH], twice[SHA256_DIGEST_LENGTH];
    if (word.n < SHORTEST || word.n > LONGEST || !read_base58(word, bytes) || (bytes[0] != 0 && bytes[0] != 5))
        return false;
    SHA256(bytes, PAYLOAD - SUM, once);
    SHA256(once, sizeof once, twice);
    return memcmp(twice, bytes + PAYLOAD - SUM, SUM) == 0;
}

static uint32_t polymod(uint32_t sum, unsigned value)
{
    static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        sum ^= top >> i & 1 ? generator[i] : 0;
    return sum;
}

/* "bc1" and 11 to 71 digits, in one case. */
static bool is_bech32(struct ms_bytes word)
{
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static const unsigned prefix[] = { 'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31 };
    uint32_t sum = 1;
    bool     upper = ms_at(word, 0) == 'B';
    if (word.n < 14 || word.n > 74 || !ms_starts_nocase(word, MS_LIT("bc1")))
        return false;
    for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++)
        sum = polymod(sum, prefix[i]);
    for (size_t i = 3; i < word.n; i++) {
        uint8_t     low = ms_lower(word.p[i]);
        const char *hit = low ? strchr(digits, low) : NULL;
        if (!hit || (upper ? low == word.p[i] && !ms_is_digit(low) : low != word.p[i]))
            return false;
        sum = polymod(sum, (unsigned)(hit - digits));
    }
    return sum == 1 || sum == 0x2bc830a3;
}

bool ms_wallet_is_valid(struct ms_bytes word)
{
    uint8_t first = ms_at(word, 0);
    return first == '1' || first == '3' ? is_base58check(word) : is_bech32(word);
}
