/* content/picture/reed_solomon.h - Reed-Solomon codes over GF(256) as QR codes have them: polynomial x^8+x^4+x^3+x^2+1, roots from 2^0 on.
 *
 * Threads  the tables are made once, by whoever comes first. */
#pragma once
#include "base/bytes.h"

enum { MS_RS_BLOCK = 255, MS_RS_CHECKS = 30 };
/* Corrects up to checks / 2 bytes of the n bytes of a block, of which the last `checks` are check bytes. False: more of them are wrong. */
bool ms_reed_solomon(uint8_t *block, size_t n, size_t checks);
