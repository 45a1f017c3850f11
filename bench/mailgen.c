/* mailgen - deterministic generator of large mail-traffic pcap files.
 *
 * Writes a classic little-endian pcap (Ethernet) holding many interleaved TCP sessions
 * (SMTP, POP3, IMAP, implicit TLS, optional non-mail noise incl. UDP) and a ground-truth JSON.
 * Nothing touches a network. Same arguments + same seed => byte-identical output
 * (only integer maths and plain IEEE add/mul are used; build with -ffp-contract=off).
 *
 * See README.md beside this file.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
#include <unistd.h>
#include <fcntl.h>
#include <errno.h>
#include <malloc.h>
#include <getopt.h>
#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;

/* ------------------------------------------------------------------ rng */
typedef struct { u64 a, b; } Rng;
static u64 splitmix(u64 *x) {
  u64 z = (*x += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}
static void rseed(Rng *r, u64 s) { r->a = splitmix(&s); r->b = splitmix(&s); }
static inline u64 rnd(Rng *r) {
  u64 s0 = r->a, s1 = r->b, res = s0 + s1;
  s1 ^= s0;
  r->a = ((s0 << 24) | (s0 >> 40)) ^ s1 ^ (s1 << 16);
  r->b = (s1 << 37) | (s1 >> 27);
  return res;
}
static inline u32 rn(Rng *r, u32 n) { return n ? (u32)(((rnd(r) >> 32) * (u64)n) >> 32) : 0; }
static inline double ru(Rng *r) { return (double)(rnd(r) >> 11) * (1.0 / 9007199254740992.0); }
static inline int chance(Rng *r, double p) { return p > 0 && ru(r) < p; }
static u32 rrange(Rng *r, u32 lo, u32 hi) { return lo + rn(r, hi - lo + 1); }
/* deterministic exp() by range reduction + Taylor: + and * only */
static double dexp(double x) {
  double k = x * 1.4426950408889634; int n = (int)(k < 0 ? k - 0.5 : k + 0.5);
  double f = x - (double)n * 0.6931471805599453, t = 1, s = 1;
  for (int i = 1; i < 14; i++) { t = t * f / (double)i; s = s + t; }
  return ldexp(s, n);
}
static u64 lognorm(Rng *r, double median, double sigma, u64 lo, u64 hi) {
  double z = -6; for (int i = 0; i < 12; i++) z = z + ru(r);
  double v = median * dexp(sigma * z);
  if (v < (double)lo) return lo;
  if (v > (double)hi) return hi;
  return (u64)v;
}

/* ------------------------------------------------------------------ buffers */
typedef struct { u8 *p; size_t n, cap; } Buf;
static inline void need(Buf *b, size_t k) {
  if (b->n + k > b->cap) {
    size_t c = b->cap ? b->cap : 512;
    while (c < b->n + k) c *= 2;
    b->p = realloc(b->p, c); if (!b->p) { perror("realloc"); exit(1); }
    b->cap = c;
  }
}
static inline void put(Buf *b, const void *p, size_t n) { need(b, n); memcpy(b->p + b->n, p, n); b->n += n; }
static void puts_(Buf *b, const char *s) { put(b, s, strlen(s)); }
static void vput(Buf *b, const char *f, va_list ap) {
  char t[2048]; int n = vsnprintf(t, sizeof t, f, ap);
  if (n > (int)sizeof t - 1) n = sizeof t - 1;
  put(b, t, (size_t)n);
}
static void fput(Buf *b, const char *f, ...) { va_list a; va_start(a, f); vput(b, f, a); va_end(a); }

/* ------------------------------------------------------------------ sha256 */
static const u32 K256[64] = {
0x428a2f98,0x71374491,0xb5c0fbcf,0xe9b5dba5,0x3956c25b,0x59f111f1,0x923f82a4,0xab1c5ed5,0xd807aa98,0x12835b01,0x243185be,0x550c7dc3,0x72be5d74,0x80deb1fe,0x9bdc06a7,0xc19bf174,
0xe49b69c1,0xefbe4786,0x0fc19dc6,0x240ca1cc,0x2de92c6f,0x4a7484aa,0x5cb0a9dc,0x76f988da,0x983e5152,0xa831c66d,0xb00327c8,0xbf597fc7,0xc6e00bf3,0xd5a79147,0x06ca6351,0x14292967,
0x27b70a85,0x2e1b2138,0x4d2c6dfc,0x53380d13,0x650a7354,0x766a0abb,0x81c2c92e,0x92722c85,0xa2bfe8a1,0xa81a664b,0xc24b8b70,0xc76c51a3,0xd192e819,0xd6990624,0xf40e3585,0x106aa070,
0x19a4c116,0x1e376c08,0x2748774c,0x34b0bcb5,0x391c0cb3,0x4ed8aa4a,0x5b9cca4f,0x682e6ff3,0x748f82ee,0x78a5636f,0x84c87814,0x8cc70208,0x90befffa,0xa4506ceb,0xbef9a3f7,0xc67178f2};
static void sha_scalar(u32 *h, const u8 *p, size_t nb) {
  while (nb--) {
    u32 w[64], s[8]; memcpy(s, h, 32);
    for (int i = 0; i < 16; i++) { u32 v; memcpy(&v, p + 4 * i, 4); w[i] = __builtin_bswap32(v); }
#define ROR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
    for (int i = 16; i < 64; i++) {
      u32 a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + (ROR(a, 7) ^ ROR(a, 18) ^ (a >> 3)) + (ROR(b, 17) ^ ROR(b, 19) ^ (b >> 10));
    }
    for (int i = 0; i < 64; i++) {
      u32 e = s[4], a = s[0];
      u32 t1 = s[7] + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + K256[i] + w[i];
      u32 t2 = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
      s[7] = s[6]; s[6] = s[5]; s[5] = s[4]; s[4] = s[3] + t1; s[3] = s[2]; s[2] = s[1]; s[1] = s[0]; s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
    p += 64;
  }
}
#if defined(__x86_64__)
__attribute__((target("sha,sse4.1,ssse3")))
static void sha_ni(u32 *h, const u8 *p, size_t nb) {
  const __m128i sw = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i t = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)h), 0xB1);
  __m128i s1 = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(h + 4)), 0x1B);
  __m128i s0 = _mm_alignr_epi8(t, s1, 8);
  s1 = _mm_blend_epi16(s1, t, 0xF0);
  while (nb--) {
    __m128i a = s0, b = s1, m[4];
    for (int i = 0; i < 4; i++) m[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + 16 * i)), sw);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      __m128i k = _mm_add_epi32(m[i & 3], _mm_loadu_si128((const __m128i *)(K256 + 4 * i)));
      s1 = _mm_sha256rnds2_epu32(s1, s0, k);
      s0 = _mm_sha256rnds2_epu32(s0, s1, _mm_shuffle_epi32(k, 0x0E));
      if (i < 12) {
        __m128i x = _mm_sha256msg1_epu32(m[i & 3], m[(i + 1) & 3]);
        x = _mm_add_epi32(x, _mm_alignr_epi8(m[(i + 3) & 3], m[(i + 2) & 3], 4));
        m[i & 3] = _mm_sha256msg2_epu32(x, m[(i + 3) & 3]);
      }
    }
    s0 = _mm_add_epi32(s0, a); s1 = _mm_add_epi32(s1, b); p += 64;
  }
  t = _mm_shuffle_epi32(s0, 0x1B); s1 = _mm_shuffle_epi32(s1, 0xB1);
  s0 = _mm_blend_epi16(t, s1, 0xF0); s1 = _mm_alignr_epi8(s1, t, 8);
  _mm_storeu_si128((__m128i *)h, s0); _mm_storeu_si128((__m128i *)(h + 4), s1);
}
#include <cpuid.h>
static int has_sha_ni(void) { unsigned a, b, c, d; return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1); }
#endif
static void (*sha_blocks)(u32 *, const u8 *, size_t) = sha_scalar;
static void sha256(const u8 *p, size_t n, u8 out[32]) {
  u32 h[8] = {0x6a09e667,0xbb67ae85,0x3c6ef372,0xa54ff53a,0x510e527f,0x9b05688c,0x1f83d9ab,0x5be0cd19};
  size_t nb = n / 64; sha_blocks(h, p, nb);
  u8 t[128] = {0}; size_t rem = n - nb * 64; memcpy(t, p + nb * 64, rem); t[rem] = 0x80;
  size_t tb = rem < 56 ? 1 : 2; u64 bits = __builtin_bswap64((u64)n * 8); memcpy(t + tb * 64 - 8, &bits, 8);
  sha_blocks(h, t, tb);
  for (int i = 0; i < 8; i++) { u32 v = __builtin_bswap32(h[i]); memcpy(out + 4 * i, &v, 4); }
}

/* ------------------------------------------------------------------ truth */
enum { SMTP, POP3, IMAP, TLSP, NOISE, NPROTO };
static const char *pname[] = {"smtp", "pop3", "imap", "tls", "noise"};
typedef struct { u8 *d; size_t n, cap; } Digs; /* list of 32 byte digests */
static Digs d_att, d_msg;
static void dig_add(Digs *l, const u8 *x) {
  if (l->n == l->cap) { l->cap = l->cap ? l->cap * 2 : 4096; l->d = realloc(l->d, l->cap * 32); }
  memcpy(l->d + 32 * l->n++, x, 32);
}
static struct {
  u64 sess[NPROTO], msgs[NPROTO], atts[NPROTO], att_bytes, msg_bytes, inl, attached_msgs, b64_atts, qp_atts, bit7_atts;
  u64 authfail[NPROTO], authok[NPROTO], rcpt_ok, rcpt_rej, greylist, msg_rej, bdat_msgs, starttls, pipelined, appends, partial_msgs;
  u64 syn_refused, syn_noanswer, rst_mid, aborted_msgs, cut_nofin, reused;
  u64 rtx, rtx_partial, hole_fill, ooo, dupack, zerowin, capdrop, syn_rtx, keepalive;
  u64 pkts, bytes, payload, tcp_flows, udp_flows, v4, v6, vlan, qinq, mail_payload, idle;
} T;
static FILE *list;

/* ------------------------------------------------------------------ config */
static struct {
  u64 seed, size, sessions; int conc; double loss, ooo, capdrop, reuse, v6, vlan, zerowin, attp; u32 mss;
  double mix[4]; double attmed, attsig; u64 attmax, attmin; int profile; double mailshare; u64 t0; int maxatt; int maxmsg; double failp;
} G;
enum { P_MIX, P_SMALL, P_BULK, P_NOISE, P_IDLE };

/* ------------------------------------------------------------------ content */
static const char *W[] = {"the","and","for","please","meeting","project","invoice","report","attached","regards","team","schedule","budget","review",
"update","customer","order","delivery","quarter","number","agenda","minutes","contract","draft","version","release","server","network","monday","tuesday",
"thursday","friday","before","after","because","between","should","would","could","confirm","question","answer","details","information","available","account",
"payment","transfer","office","building","floor","room","phone","email","message","thanks","kind","best","dear","hello","all","we","you","they","are","is",
"was","have","has","will","can","need","send","sent","receive","received","find","found","below","above","next","last","week","month","year","today",
"tomorrow","yesterday","product","service","support","issue","problem","solution","change","request","approved","pending","final","total","amount","price",
"discount","supplier","department","manager","director","engineer","training","conference","travel","hotel","flight","ticket","reservation","date","time"};
#define NW (sizeof W / sizeof *W)
static u8 Wl[NW];
static const char *DOM[] = {"example.com","example.org","example.net","mail.example","corp.example","uni.example","shop.example","post.example","bank.example","gov.example"};
static const char *FN[] = {"anna","bernd","carla","david","elena","farid","greta","hugo","ines","jonas","katja","lars","maria","nils","olga","peter","rosa","stefan","tina","uwe","vera","wolf","yusuf","zoe"};
static const char *LN[] = {"mueller","schmidt","rossi","garcia","smith","jones","kowalski","novak","ivanov","tanaka","silva","dubois","larsen","virtanen","nagy","popescu","okafor","haddad","kumar","chen"};
#define PICK(r, A) A[rn(r, sizeof A / sizeof *A)]
static void addr(Rng *r, char *o, size_t n) { snprintf(o, n, "%s.%s%u@%s", PICK(r, FN), PICK(r, LN), rn(r, 90), PICK(r, DOM)); }
static void words(Rng *r, Buf *b, int n) {
  for (int i = 0; i < n; i++) { u32 k = rn(r, NW); if (i) put(b, " ", 1); put(b, W[k], Wl[k]); }
}
/* plain text body of about n bytes, lines <= ~74 chars, CRLF; a few lines begin with '.' or "From " */
static void text(Rng *r, Buf *b, size_t n) {
  size_t end = b->n + n;
  while (b->n < end) {
    need(b, 128); u8 *p = b->p + b->n, *q = p;
    u32 v = rn(r, 256);
    if (v == 0) *q++ = '.';
    else if (v == 1) { memcpy(q, "From ", 5); q += 5; }
    else if (v < 4) { memcpy(q, ">> ", 3); q += 3; }
    while (q - p < 62) { u64 x = rnd(r); for (int j = 0; j < 3 && q - p < 66; j++, x >>= 16) { u32 k = (u32)(x & 0xffff) % NW; memcpy(q, W[k], Wl[k]); q += Wl[k]; *q++ = ' '; } }
    q[-1] = (v & 7) == 5 ? '.' : 'x'; if (q[-1] == 'x') q--;
    *q++ = '\r'; *q++ = '\n';
    if ((v & 15) == 9) { *q++ = '\r'; *q++ = '\n'; }
    b->n += (size_t)(q - p);
  }
}
static void qp(Buf *o, const u8 *p, size_t n) { /* quoted-printable, input with CRLF line ends */
  static const char hx[] = "0123456789ABCDEF"; int col = 0;
  need(o, n * 3 + n / 20 + 16); u8 *q = o->p + o->n;
  for (size_t i = 0; i < n; i++) {
    u8 c = p[i];
    if (c == '\r' && i + 1 < n && p[i + 1] == '\n') { *q++ = '\r'; *q++ = '\n'; i++; col = 0; continue; }
    int enc = c == '=' || c < 32 || c > 126 || (c == ' ' && (i + 1 >= n || p[i + 1] == '\r'));
    int w = enc ? 3 : 1;
    if (col + w > 75) { *q++ = '='; *q++ = '\r'; *q++ = '\n'; col = 0; }
    if (enc) { *q++ = '='; *q++ = (u8)hx[c >> 4]; *q++ = (u8)hx[c & 15]; } else *q++ = c;
    col += w;
  }
  o->n = (size_t)(q - o->p);
}
static u16 B64[4096];
static const char b64c[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static void b64(Buf *o, const u8 *p, size_t n, int lines) {
  need(o, n / 3 * 4 + n / 20 + 80); u8 *q = o->p + o->n;
  int per = 19, c = 0;
  while (n >= 3) {
    u32 v = (u32)p[0] << 16 | (u32)p[1] << 8 | p[2];
    memcpy(q, &B64[v >> 12], 2); memcpy(q + 2, &B64[v & 4095], 2); q += 4; p += 3; n -= 3;
    if (lines && ++c == per) { *q++ = '\r'; *q++ = '\n'; c = 0; }
  }
  if (n) {
    u32 v = (u32)p[0] << 16 | (n > 1 ? (u32)p[1] << 8 : 0);
    *q++ = (u8)b64c[v >> 18]; *q++ = (u8)b64c[v >> 12 & 63]; *q++ = n > 1 ? (u8)b64c[v >> 6 & 63] : '='; *q++ = '='; c++;
  }
  if (lines && c) { *q++ = '\r'; *q++ = '\n'; }
  o->n = (size_t)(q - o->p);
}
static void fillrnd(Rng *r, u8 *p, size_t n) {
  Rng x = {rnd(r) | 1, rnd(r)}; size_t i = 0;
  for (; i + 8 <= n; i += 8) { u64 v = rnd(&x); memcpy(p + i, &v, 8); }
  u64 v = rnd(&x); if (i < n) memcpy(p + i, &v, n - i);
}
static const struct { const char *ext, *ct; u8 mg[8]; int ml; } FT[] = {
  {"pdf", "application/pdf", "%PDF-1.7", 8}, {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", {'P','K',3,4,20,0,6,0}, 8},
  {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {'P','K',3,4,20,0,6,0}, 8}, {"jpg", "image/jpeg", {0xff,0xd8,0xff,0xe0,0,16,'J','F'}, 8},
  {"png", "image/png", {0x89,'P','N','G',13,10,26,10}, 8}, {"zip", "application/zip", {'P','K',3,4,10,0,0,0}, 8}, {"bin", "application/octet-stream", {0,1,2,3,4,5,6,7}, 8}};
static u8 *logo[32]; static u32 logon[32]; static u8 logod[32][32];

/* message statistics, committed only when the transfer completes */
typedef struct { u8 dig[24][32]; u32 len[24]; char name[24][48]; int n; int inl, amsg, b64, qp, b7; } MS;
static Buf scratch;
static void ms_add(MS *m, const u8 *p, size_t n, const char *name) {
  if (m->n >= 24) { fprintf(stderr, "too many attachments\n"); exit(1); }
  sha256(p, n, m->dig[m->n]); m->len[m->n] = (u32)n; snprintf(m->name[m->n], 48, "%.47s", name); m->n++;
}
static void boundary(Rng *r, char *o, size_t n, int nest) { snprintf(o, n, "----=_Part_%d_%08x.%016llx", nest, (u32)rnd(r), (unsigned long long)rnd(r)); }
static void attachment(Rng *r, Buf *o, MS *m, u64 size) {
  char fn[64]; u32 v = rn(r, 100);
  if (v < 94) {
    u32 k = rn(r, 7); snprintf(fn, sizeof fn, "%s-%s-%06u.%s", PICK(r, W), PICK(r, W), rn(r, 1000000), FT[k].ext);
    fput(o, "Content-Type: %s;\r\n name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n", FT[k].ct, fn);
    if (v < 6) fput(o, "Content-Disposition: attachment;\r\n filename*0*=utf-8''%.10s;\r\n filename*1*=%s\r\n\r\n", fn, strlen(fn) > 10 ? fn + 10 : "");
    else fput(o, "Content-Disposition: attachment; filename=\"%s\"\r\n\r\n", fn);
    scratch.n = 0; need(&scratch, size + 8); fillrnd(r, scratch.p, size); memcpy(scratch.p, FT[k].mg, size < 8 ? size : 8);
    ms_add(m, scratch.p, size, fn); m->b64++; b64(o, scratch.p, size, 1);
  } else { /* text attachments: quoted-printable or 7bit */
    if (size > 200000) size = 200000;
    int q = v < 97; snprintf(fn, sizeof fn, "%s-%06u.%s", PICK(r, W), rn(r, 1000000), q ? "csv" : "txt");
    fput(o, "Content-Type: text/%s; charset=utf-8; name=\"%s\"\r\nContent-Transfer-Encoding: %s\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\n", q ? "csv" : "plain", fn, q ? "quoted-printable" : "7bit", fn);
    scratch.n = 0; text(r, &scratch, size);
    if (q) { for (size_t i = 40; i < scratch.n; i += 400) if (scratch.p[i] == ' ') scratch.p[i] = '='; }
    scratch.n -= 2; while (scratch.n >= 2 && scratch.p[scratch.n - 1] == '\n') scratch.n -= 2; /* last CRLF belongs to the boundary */
    if (q) { m->qp++; qp(o, scratch.p, scratch.n); } else { m->b7++; put(o, scratch.p, scratch.n); }
    ms_add(m, scratch.p, scratch.n, fn); puts_(o, "\r\n");
  }
}
static void html(Rng *r, Buf *b, size_t n) {
  size_t end = b->n + n;
  puts_(b, "<!DOCTYPE html>\r\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><style>p{margin:0;font-family:Calibri,sans-serif}</style></head>\r\n<body>\r\n");
  while (b->n < end) {
    fput(b, "<div class=\"c%u\" style=\"color:#%06x\"><p>", rn(r, 9), rn(r, 1 << 24)); words(r, b, 12);
    puts_(b, "</p>\r\n<a href=\"http://www.example.com/"); fput(b, "%x?id=%u\">", rn(r, 1 << 30), rn(r, 100000)); words(r, b, 4);
    puts_(b, chance(r, .2) ? " gr\xc3\xbc\xc3\x9f" "e</a></div>\r\n" : "</a></div>\r\n");
  }
  puts_(b, "</body></html>\r\n");
}
static const char *MON[] = {"Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"};
static const char *DAY[] = {"Mon","Tue","Wed","Thu","Fri","Sat","Sun"};
static void body_alt(Rng *r, Buf *o, int nest) {
  char bd[80]; boundary(r, bd, sizeof bd, nest);
  fput(o, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", bd);
  size_t tn = lognorm(r, 900, .9, 60, 40000);
  fput(o, "--%s\r\nContent-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: ", bd);
  if (chance(r, .4)) { puts_(o, "quoted-printable\r\n\r\n"); scratch.n = 0; text(r, &scratch, tn); qp(o, scratch.p, scratch.n); }
  else { puts_(o, "7bit\r\n\r\n"); text(r, o, tn); }
  fput(o, "\r\n--%s\r\nContent-Type: text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: ", bd);
  scratch.n = 0; html(r, &scratch, lognorm(r, 5000, .9, 300, 120000));
  if (chance(r, .2)) { puts_(o, "base64\r\n\r\n"); b64(o, scratch.p, scratch.n, 1); }
  else { puts_(o, "quoted-printable\r\n\r\n"); qp(o, scratch.p, scratch.n); }
  fput(o, "\r\n--%s--\r\n", bd);
}
static void message(Rng *r, Buf *o, MS *m, int nest, const char *from, const char *to) {
  char a[96], b[96]; if (!from) { addr(r, a, sizeof a); from = a; } if (!to) { addr(r, b, sizeof b); to = b; }
  int hops = nest ? 1 : (int)rrange(r, 1, 4);
  for (int i = 0; i < hops; i++)
    fput(o, "Received: from mx%u.%s (mx%u.%s [192.0.2.%u])\r\n\tby relay%u.%s (Postfix) with ESMTPS id %08X\r\n\tfor <%s>; %s, %02u %s 2026 %02u:%02u:%02u +0100 (CET)\r\n",
         rn(r, 9), PICK(r, DOM), rn(r, 9), PICK(r, DOM), rn(r, 255), rn(r, 9), PICK(r, DOM), (u32)rnd(r), to, PICK(r, DAY), rrange(r, 1, 28), PICK(r, MON), rn(r, 24), rn(r, 60), rn(r, 60));
  if (chance(r, .6)) {
    fput(o, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=sel%u;\r\n\th=from:to:subject:date; bh=", PICK(r, DOM), rn(r, 9));
    u8 k[32]; fillrnd(r, k, 32); b64(o, k, 32, 0); puts_(o, ";\r\n\tb="); u8 z[252]; fillrnd(r, z, 252);
    for (int i = 0; i < 252; i += 48) { b64(o, z + i, (size_t)(i + 48 > 252 ? 252 - i : 48), 0); if (i + 48 < 252) puts_(o, "\r\n\t "); } puts_(o, "\r\n");
  }
  fput(o, "Date: %s, %02u %s 2026 %02u:%02u:%02u +0100\r\nFrom: ", PICK(r, DAY), rrange(r, 1, 28), PICK(r, MON), rn(r, 24), rn(r, 60), rn(r, 60));
  if (chance(r, .3)) fput(o, "=?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <%s>\r\n", from); else fput(o, "\"%s %s\" <%s>\r\n", PICK(r, FN), PICK(r, LN), from);
  fput(o, "To: <%s>\r\nMessage-ID: <%08x.%016llx@%s>\r\nSubject: ", to, (u32)rnd(r), (unsigned long long)rnd(r), PICK(r, DOM));
  if (chance(r, .2)) { puts_(o, "=?UTF-8?B?"); Buf t = {0}; words(r, &t, 4); puts_(&t, " \xc3\xa4\xc3\xb6\xc3\xbc"); b64(o, t.p, t.n, 0); free(t.p); puts_(o, "?="); } else words(r, o, 6);
  puts_(o, "\r\nMIME-Version: 1.0\r\n");
  if (chance(r, .5)) fput(o, "X-Mailer: Mailer %u.%u\r\nReferences: <%x@%s>\r\n <%x@%s>\r\n", rn(r, 20), rn(r, 20), (u32)rnd(r), PICK(r, DOM), (u32)rnd(r), PICK(r, DOM));
  int natt = chance(r, G.attp) ? (int)(1 + rn(r, 2) + (chance(r, .2) ? rn(r, 3) : 0)) : 0;
  if (natt > G.maxatt) natt = G.maxatt;
  if (natt + m->n > 20) natt = 0;
  int inl = chance(r, .25) && m->n < 20, fwd = !nest && natt && chance(r, .05);
  if (!natt && !inl) {
    if (chance(r, .5)) body_alt(r, o, nest * 10);
    else { fput(o, "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", chance(r, .5) ? "us-ascii" : "utf-8"); text(r, o, lognorm(r, 1200, 1.0, 40, 60000)); }
    return;
  }
  char bd[80]; boundary(r, bd, sizeof bd, nest * 10 + 1);
  fput(o, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\nThis is a multi-part message in MIME format.\r\n--%s\r\n", bd, bd);
  body_alt(r, o, nest * 10 + 2);
  if (inl) {
    u32 k = rn(r, 32); char fn[48]; snprintf(fn, sizeof fn, "image%03u.png", k);
    fput(o, "--%s\r\nContent-Type: image/png; name=\"%s\"\r\nContent-ID: <%s@logo>\r\nContent-Disposition: inline; filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", bd, fn, fn, fn);
    b64(o, logo[k], logon[k], 1); memcpy(m->dig[m->n], logod[k], 32); m->len[m->n] = logon[k]; snprintf(m->name[m->n], 48, "%s", fn); m->n++; m->inl++; m->b64++;
  }
  for (int i = 0; i < natt; i++) { fput(o, "--%s\r\n", bd); attachment(r, o, m, lognorm(r, G.attmed, G.attsig, G.attmin, G.attmax)); }
  if (fwd) { fput(o, "--%s\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"forwarded.eml\"\r\n\r\n", bd); message(r, o, m, 1, NULL, NULL); puts_(o, "\r\n"); m->amsg++; }
  fput(o, "--%s--\r\n", bd);
}
static void stuff(Buf *o, const u8 *p, size_t n) { /* dot-stuffing */
  const u8 *e = p + n; need(o, n + n / 16 + 16);
  while (p < e) {
    const u8 *q = memchr(p, '\n', (size_t)(e - p)); q = q ? q + 1 : e;
    if (*p == '.') put(o, ".", 1);
    put(o, p, (size_t)(q - p)); p = q;
  }
}

/* ------------------------------------------------------------------ sessions / TCP */
typedef struct { u64 ts; u32 off, ack; u16 len, win; u8 dir, fl, kind, pad; } Pkt;
enum { K_DATA, K_SYN, K_KEEP, K_UDP };
#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16
typedef struct {
  Rng r; u64 id; int proto, udp; Buf st[2]; u32 mark[2]; Pkt *pk; u32 np, cap, cur;
  u64 t; u64 lat2[2]; u32 isn[2]; u32 cw[2], cwmax; u32 mss; u64 sp; int v6, nvlan, tsopt, dead; u16 vlan[2]; u16 port[2]; u8 ip[2][16]; u8 mac[2][6]; u16 ipid[2]; u8 ttl[2]; u32 tsv[2]; u32 tsofs[2];
  double loss;
} S;
static inline Pkt *pkt(S *s, u64 ts, int d, int fl, u32 off, u32 len, u32 ack) {
  if (s->np == s->cap) { s->cap = s->cap ? s->cap * 2 : 32; s->pk = realloc(s->pk, s->cap * sizeof(Pkt)); }
  Pkt *p = &s->pk[s->np++]; *p = (Pkt){ts, off, ack, (u16)len, 0, (u8)d, (u8)fl, K_DATA, 0};
  p->win = 64240 >> (s->id & 3); return p;
}
#define US 1000ull
#define MSEC 1000000ull
static void turn(S *s, int d, u64 think) {
  u32 off = s->mark[d], end = (u32)s->st[d].n;
  if (off == end || s->dead) return;
  Rng *r = &s->r; u32 mss = s->mss, pa = s->mark[!d]; int bulk = end - off > 4 * mss;
  s->mark[d] = end; s->t += think; u64 ad = s->lat2[!d], sd = s->lat2[d], tl = s->t;
  while (off < end) {
    u32 n = (end - off + mss - 1) / mss; if (n > s->cw[d]) n = s->cw[d];
    int L = -1, O = -1, mode = 0;
    if (s->loss > 0 || G.ooo > 0) for (u32 i = 0; i < n; i++) {
      if (chance(r, s->loss)) { L = (int)i; break; }
      if (O < 0 && i + 1 < n && chance(r, G.ooo)) O = (int)i;
    }
    if (L >= 0) { if (O >= L - 1) O = -1; u32 v = rn(r, 10); mode = v < 5 ? 1 : v < 9 ? 2 : 3; }
    u32 o = off, offL = 0, lenL = 0; int un = 0; u64 t0 = s->t;
    for (u32 i = 0; i < n; i++) {
      u32 len = end - o < mss ? end - o : mss; u64 ts = t0 + i * s->sp + (rnd(r) & 1023);
      if (O >= 0 && (int)i == O) ts += s->sp + 1200; else if (O >= 0 && (int)i == O + 1) ts -= s->sp;
      int fl = ACK | (o + len == end || i + 1 == n ? PSH : 0);
      if ((int)i == L) { offL = o; lenL = len; }
      if ((int)i == L && mode == 2) ; /* lost before the tap: hole until retransmission */
      else if (G.capdrop > 0 && chance(r, G.capdrop)) T.capdrop++;
      else pkt(s, ts, d, fl, o, len, pa);
      if (L >= 0 && mode != 3 && (int)i >= L) { if ((int)i > L) { pkt(s, ts + ad, !d, ACK, pa, 0, offL); T.dupack++; } }
      else if (O >= 0 && (int)i == O) ; /* acked together with its swapped neighbour */
      else if (O >= 0 && (int)i == O + 1) { pkt(s, ts + ad, !d, ACK, pa, 0, o - mss); T.dupack++; pkt(s, ts + ad + 2 * s->sp + 3000, !d, ACK, pa, 0, o + len); T.ooo++; un = 0; }
      else if (++un == 2 || (i + 1 == n && (bulk || chance(r, .35)))) { un = 0; pkt(s, ts + ad + 500, !d, ACK, pa, 0, o + len); }
      if (ts > tl) tl = ts;
      o += len;
    }
    if (L >= 0) {
      int after = (int)n - 1 - L; u64 rt = mode == 3 ? tl + ad + sd + 900 : after >= 3 ? tl + ad + sd + 2000 : tl + 200 * MSEC + ad;
      if (mode != 2 && lenL > 200 && chance(r, .2)) { /* retransmission with other segment borders */
        u32 h = lenL / 2 + 1; pkt(s, rt, d, ACK, offL, h, pa); pkt(s, rt + s->sp, d, ACK | PSH, offL + h, lenL - h, pa); T.rtx += 2; T.rtx_partial += 2;
      } else { pkt(s, rt, d, ACK | PSH, offL, lenL, pa); if (mode == 2) T.hole_fill++; else T.rtx++; }
      tl = rt + 2 * s->sp; pkt(s, tl + ad, !d, ACK, pa, 0, o); s->cw[d] = s->cw[d] / 2 < 2 ? 2 : s->cw[d] / 2;
    } else if (s->cw[d] < s->cwmax) s->cw[d] *= 2;
    off = o; s->t = tl + ad + sd + 1000;
    if (off < end && bulk && G.zerowin > 0 && chance(r, G.zerowin)) {
      u64 z = tl + ad + 4000; pkt(s, z, !d, ACK, pa, 0, o)->win = 0; z += rrange(r, 100, 900) * MSEC; pkt(s, z, !d, ACK, pa, 0, o); T.zerowin++; s->t = z + sd;
    }
  }
  s->t = tl + ad + 6000;
}
static void C_(S *s, const char *f, ...) { va_list a; va_start(a, f); vput(&s->st[0], f, a); va_end(a); }
static void V_(S *s, const char *f, ...) { va_list a; va_start(a, f); vput(&s->st[1], f, a); va_end(a); }
static void tc(S *s) { turn(s, 0, (20 + rn(&s->r, 1500)) * US); }
static void tv(S *s) { turn(s, 1, (60 + (chance(&s->r, .15) ? rn(&s->r, 80000) : rn(&s->r, 4000))) * US); }
static int handshake(S *s) { /* 0: established */
  Rng *r = &s->r; Pkt *p = pkt(s, s->t, 0, SYN, 0, 0, 0); p->kind = K_SYN;
  if (s->proto != NOISE && G.profile != P_IDLE && chance(r, .006)) { /* refused or no answer */
    if (chance(r, .5)) { p = pkt(s, s->t + s->lat2[1], 1, RST | ACK, 0, 0, 0); p->kind = K_SYN; T.syn_refused++; }
    else { for (int i = 0; i < 3; i++) { s->t += (1000ull << i) * MSEC; p = pkt(s, s->t, 0, SYN, 0, 0, 0); p->kind = K_SYN; T.syn_rtx++; } T.syn_noanswer++; }
    s->dead = 1; return 1;
  }
  s->t += s->lat2[1] + 30 * US; p = pkt(s, s->t, 1, SYN | ACK, 0, 0, 0); p->kind = K_SYN;
  s->t += s->lat2[0] + 20 * US; pkt(s, s->t, 0, ACK, 0, 0, 0); s->t += s->lat2[1] + 10 * US; return 0;
}
static void closing(S *s, int d) {
  if (s->dead) return;
  Rng *r = &s->r; u32 a = s->mark[d], b = s->mark[!d];
  if (chance(r, .004)) { T.cut_nofin++; return; }                      /* simply stops */
  if (chance(r, .03)) { pkt(s, s->t + 50 * US, d, RST | ACK, a, 0, b); return; }
  s->t += 50 * US; pkt(s, s->t, d, FIN | ACK, a, 0, b);
  s->t += s->lat2[!d] + 20 * US; if (chance(r, .4)) { pkt(s, s->t, !d, ACK, b, 0, a + 1); s->t += 30 * US; }
  pkt(s, s->t, !d, FIN | ACK, b, 0, a + 1); s->t += s->lat2[d] + 20 * US; pkt(s, s->t, d, ACK, a + 1, 0, b + 1);
}
static void rbytes(S *s, int d, size_t n) { need(&s->st[d], n); fillrnd(&s->r, s->st[d].p + s->st[d].n, n); s->st[d].n += n; }
static void tls_rec(S *s, int d, int type, size_t n) { u8 h[5] = {(u8)type, 3, 3, (u8)(n >> 8), (u8)n}; put(&s->st[d], h, 5); rbytes(s, d, n); }
static void tls(S *s, u64 down, u64 up) {
  char host[64]; snprintf(host, sizeof host, "%s.%s", PICK(&s->r, FN), PICK(&s->r, DOM)); size_t hl = strlen(host);
  Buf b = {0}; u8 z[64]; put(&b, "\x03\x03", 2); fillrnd(&s->r, z, 32); put(&b, z, 32); put(&b, "\x20", 1); fillrnd(&s->r, z, 32); put(&b, z, 32);
  put(&b, "\x00\x08\x13\x01\x13\x02\xc0\x2f\xc0\x30\x01\x00", 12);
  size_t el = 4 + 5 + hl + 4 + 3; u8 e[] = {(u8)(el >> 8), (u8)el, 0, 0, 0, (u8)(hl + 5), 0, (u8)(hl + 3), 0, 0, (u8)hl}; put(&b, e, 11); put(&b, host, hl);
  put(&b, "\x00\x2b\x00\x03\x02\x03\x04", 7);
  u8 h[] = {22, 3, 1, (u8)((b.n + 4) >> 8), (u8)(b.n + 4), 1, 0, (u8)(b.n >> 8), (u8)b.n}; put(&s->st[0], h, 9); put(&s->st[0], b.p, b.n); free(b.p); tc(s);
  u8 sh[] = {22, 3, 3, 0, 44, 2, 0, 0, 40, 3, 3}; put(&s->st[1], sh, 11); rbytes(s, 1, 32); put(&s->st[1], "\x00\x13\x01\x00\x00\x00", 6);
  tls_rec(s, 1, 23, 2600); tv(s); tls_rec(s, 0, 23, 74); tc(s);
  while (down || up) {
    if (up) { u64 n = up > 16000 ? 16000 : up; tls_rec(s, 0, 23, n + 17); up -= n; if (up && s->st[0].n - s->mark[0] < 400000) continue; tc(s); }
    if (down) { u64 n = down > 16000 ? 16000 : down; tls_rec(s, 1, 23, n + 17); down -= n; if (down && s->st[1].n - s->mark[1] < 400000) continue; tv(s); }
  }
}
static Buf msgbuf;
static void commit(S *s, MS *m, const u8 *p, size_t n) {
  u8 d[32]; sha256(p, n, d); dig_add(&d_msg, d); T.msgs[s->proto]++; T.msg_bytes += n; T.atts[s->proto] += (u64)m->n; T.inl += (u64)m->inl; T.attached_msgs += (u64)m->amsg;
  T.b64_atts += (u64)m->b64; T.qp_atts += (u64)m->qp; T.bit7_atts += (u64)m->b7;
  for (int i = 0; i < m->n; i++) {
    dig_add(&d_att, m->dig[i]); T.att_bytes += m->len[i];
    if (list) { for (int j = 0; j < 32; j++) fprintf(list, "%02x", m->dig[i][j]); fprintf(list, "\t%u\t%s\t%s\t%llu\n", m->len[i], m->name[i], pname[s->proto], (unsigned long long)s->id); }
  }
}
static void creds(Rng *r, char *u, size_t un, char *p, size_t pn) { addr(r, u, un); snprintf(p, pn, "%s%u!%s", PICK(r, W), rn(r, 10000), PICK(r, W)); }
static int rst_mid(S *s, int d, size_t start) { /* abort in the middle of a transfer */
  size_t half = start + (s->st[d].n - start) / 2; s->st[d].n = half; turn(s, d, 100 * US);
  pkt(s, s->t + 20 * US, d, RST | ACK, s->mark[d], 0, s->mark[!d]); T.rst_mid++; T.aborted_msgs++; s->dead = 1; return 1;
}
static void smtp(S *s, int fail) {
  Rng *r = &s->r; char h[64], u[96], pw[64], a[96], t[96]; snprintf(h, sizeof h, "mx%u.%s", rn(r, 9), PICK(r, DOM));
  V_(s, "220 %s ESMTP %s\r\n", h, chance(r, .5) ? "Postfix" : "Exim 4.96 ready"); tv(s);
  C_(s, "EHLO client%u.%s\r\n", rn(r, 9999), PICK(r, DOM)); tc(s);
  V_(s, "250-%s\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-ETRN\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250 CHUNKING\r\n", h); tv(s);
  if (!fail && chance(r, .04)) { C_(s, "STARTTLS\r\n"); tc(s); V_(s, "220 2.0.0 Ready to start TLS\r\n"); tv(s); T.starttls++; tls(s, 1200, lognorm(r, 20000, 1.5, 1000, 2000000)); closing(s, 0); return; }
  int sub = s->port[1] == 587, auth = fail == 1 || (!fail && (sub || chance(r, .15)));
  if (auth) {
    int bad = fail || chance(r, G.failp), tries = 1; creds(r, u, sizeof u, pw, sizeof pw);
    while (tries--) {
      if (chance(r, .6)) {
        Buf b = {0}; put(&b, "\0", 1); puts_(&b, u); put(&b, "\0", 1); puts_(&b, pw); puts_(&s->st[0], "AUTH PLAIN "); b64(&s->st[0], b.p, b.n, 0); free(b.p); puts_(&s->st[0], "\r\n"); tc(s);
      } else {
        C_(s, "AUTH LOGIN\r\n"); tc(s); V_(s, "334 VXNlcm5hbWU6\r\n"); tv(s); b64(&s->st[0], (u8 *)u, strlen(u), 0); puts_(&s->st[0], "\r\n"); tc(s);
        V_(s, "334 UGFzc3dvcmQ6\r\n"); tv(s); b64(&s->st[0], (u8 *)pw, strlen(pw), 0); puts_(&s->st[0], "\r\n"); tc(s);
      }
      if (bad) { V_(s, "535 5.7.8 Error: authentication failed: authentication failure\r\n"); T.authfail[SMTP]++; } else { V_(s, "235 2.7.0 Authentication successful\r\n"); T.authok[SMTP]++; }
      tv(s);
    }
    if (bad) { C_(s, "QUIT\r\n"); tc(s); V_(s, "221 2.0.0 Bye\r\n"); tv(s); closing(s, 1); return; }
  }
  if (fail >= 2) {
    addr(r, a, sizeof a); addr(r, t, sizeof t); C_(s, "MAIL FROM:<%s> SIZE=%u\r\n", a, rn(r, 90000)); tc(s); V_(s, "250 2.1.0 Ok\r\n"); tv(s); C_(s, "RCPT TO:<%s>\r\n", t); tc(s);
    if (fail == 2) { V_(s, "550 5.1.1 <%s>: Recipient address rejected: User unknown in local recipient table\r\n", t); T.rcpt_rej++; } else { V_(s, "451 4.7.1 <%s>: Recipient address rejected: Greylisted, try again later\r\n", t); T.greylist++; }
    tv(s); C_(s, "QUIT\r\n"); tc(s); V_(s, "221 2.0.0 Bye\r\n"); tv(s); closing(s, 1); return;
  }
  int nm = 1; while (nm < G.maxmsg && chance(r, .3)) nm++;
  int pipe = chance(r, .5), bdat = chance(r, .12); if (pipe) T.pipelined++;
  for (int i = 0; i < nm && !s->dead; i++) {
    addr(r, a, sizeof a); addr(r, t, sizeof t); MS m; m.n = m.inl = m.amsg = m.b64 = m.qp = m.b7 = 0; msgbuf.n = 0; message(r, &msgbuf, &m, 0, a, t);
    int nr = 1 + (int)(chance(r, .3) ? rn(r, 7) : 0), ok = 0;
    C_(s, "MAIL FROM:<%s> SIZE=%zu%s\r\n", a, msgbuf.n, bdat ? " BODY=8BITMIME" : ""); V_(s, "250 2.1.0 Ok\r\n"); if (!pipe) { s->st[1].n -= 14; tc(s); V_(s, "250 2.1.0 Ok\r\n"); tv(s); }
    for (int k = 0; k < nr; k++) {
      if (k) addr(r, t, sizeof t);
      int bad = k + 1 < nr && chance(r, .05); char rep[256];
      snprintf(rep, sizeof rep, bad ? "550 5.1.1 <%s>: Recipient address rejected: User unknown\r\n" : "250 2.1.5 Ok\r\n", t); if (bad) T.rcpt_rej++; else { T.rcpt_ok++; ok++; }
      C_(s, "RCPT TO:<%s>\r\n", t); if (!pipe) { tc(s); puts_(&s->st[1], rep); tv(s); } else puts_(&s->st[1], rep);
    }
    if (!bdat) {
      C_(s, "DATA\r\n"); tc(s);
      V_(s, "354 End data with <CR><LF>.<CR><LF>\r\n"); tv(s);
      size_t st0 = s->st[0].n; stuff(&s->st[0], msgbuf.p, msgbuf.n);
      if (chance(r, .003)) { rst_mid(s, 0, st0); return; }
      puts_(&s->st[0], ".\r\n"); tc(s);
    } else {
      size_t o = 0, ch = 16384u << rn(r, 5); T.bdat_msgs++;
      if (pipe) { tc(s); tv(s); }
      while (o < msgbuf.n) { size_t n = msgbuf.n - o < ch ? msgbuf.n - o : ch; int last = o + n == msgbuf.n; C_(s, "BDAT %zu%s\r\n", n, last ? " LAST" : ""); put(&s->st[0], msgbuf.p + o, n); tc(s); o += n; if (!last) { V_(s, "250 2.0.0 Ok: %zu bytes\r\n", n); tv(s); } }
    }
    commit(s, &m, msgbuf.p, msgbuf.n);
    if (chance(r, .01)) { V_(s, "554 5.7.1 Message rejected: spam content\r\n"); T.msg_rej++; } else V_(s, "250 2.0.0 Ok: queued as %08X%02X\r\n", (u32)rnd(r), rn(r, 256));
    tv(s);
  }
  C_(s, "QUIT\r\n"); tc(s); V_(s, "221 2.0.0 Bye\r\n"); tv(s); closing(s, 1);
}
static void pop3(S *s, int fail) {
  Rng *r = &s->r; char u[96], pw[64]; creds(r, u, sizeof u, pw, sizeof pw);
  V_(s, "+OK Dovecot ready. <%x.%u@%s>\r\n", (u32)rnd(r), rn(r, 100000), PICK(r, DOM)); tv(s);
  if (!fail && chance(r, .5)) { C_(s, "CAPA\r\n"); tc(s); V_(s, "+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nSTLS\r\nUSER\r\nSASL PLAIN LOGIN\r\n.\r\n"); tv(s); }
  C_(s, "USER %s\r\n", u); tc(s); V_(s, "+OK\r\n"); tv(s); C_(s, "PASS %s\r\n", pw); tc(s);
  if (fail || chance(r, G.failp)) { V_(s, "-ERR [AUTH] Authentication failed.\r\n"); tv(s); T.authfail[POP3]++; C_(s, "QUIT\r\n"); tc(s); V_(s, "+OK Logging out\r\n"); tv(s); closing(s, 1); return; }
  T.authok[POP3]++; V_(s, "+OK Logged in.\r\n"); tv(s); C_(s, "STAT\r\n"); tc(s);
  int n = (int)rn(r, 6); if (G.profile == P_BULK) n = 1; if (n > G.maxmsg) n = G.maxmsg; Buf mb[6]; MS *ms = calloc(6, sizeof(MS)); size_t tot = 0;
  for (int i = 0; i < n; i++) { mb[i] = (Buf){0}; message(r, &mb[i], &ms[i], 0, NULL, NULL); tot += mb[i].n; }
  V_(s, "+OK %d %zu\r\n", n, tot); tv(s); C_(s, "LIST\r\n"); tc(s); V_(s, "+OK %d messages:\r\n", n); for (int i = 0; i < n; i++) V_(s, "%d %zu\r\n", i + 1, mb[i].n); V_(s, ".\r\n"); tv(s);
  C_(s, "UIDL\r\n"); tc(s); V_(s, "+OK\r\n"); for (int i = 0; i < n; i++) V_(s, "%d %08x%08x\r\n", i + 1, (u32)rnd(r), (u32)rnd(r)); V_(s, ".\r\n"); tv(s);
  for (int i = 0; i < n; i++) if (!s->dead) {
    C_(s, "RETR %d\r\n", i + 1); tc(s); V_(s, "+OK %zu octets\r\n", mb[i].n); size_t st0 = s->st[1].n; stuff(&s->st[1], mb[i].p, mb[i].n);
    if (chance(r, .003)) { rst_mid(s, 1, st0); break; }
    puts_(&s->st[1], ".\r\n"); tv(s); commit(s, &ms[i], mb[i].p, mb[i].n);
    if (chance(r, .8)) { C_(s, "DELE %d\r\n", i + 1); tc(s); V_(s, "+OK Marked to be deleted.\r\n"); tv(s); }
  }
  for (int i = 0; i < n; i++) free(mb[i].p);
  free(ms);
  if (!s->dead) { C_(s, "QUIT\r\n"); tc(s); V_(s, "+OK Logging out, messages deleted.\r\n"); tv(s); closing(s, 1); }
}
static void imap(S *s, int fail) {
  Rng *r = &s->r; char u[96], pw[64]; creds(r, u, sizeof u, pw, sizeof pw); int tag = 1;
  V_(s, "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS AUTH=PLAIN] Dovecot ready.\r\n"); tv(s);
  if (!fail && chance(r, .5)) { C_(s, "A%03d CAPABILITY\r\n", tag); tc(s); V_(s, "* CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS AUTH=PLAIN\r\nA%03d OK Pre-login capabilities listed.\r\n", tag++); tv(s); }
  if (chance(r, .7)) C_(s, "A%03d LOGIN \"%s\" \"%s\"\r\n", tag, u, pw);
  else { Buf b = {0}; put(&b, "\0", 1); puts_(&b, u); put(&b, "\0", 1); puts_(&b, pw); C_(s, "A%03d AUTHENTICATE PLAIN ", tag); b64(&s->st[0], b.p, b.n, 0); free(b.p); puts_(&s->st[0], "\r\n"); }
  tc(s);
  if (fail || chance(r, G.failp)) { V_(s, "A%03d NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", tag++); tv(s); T.authfail[IMAP]++; C_(s, "A%03d LOGOUT\r\n", tag); tc(s); V_(s, "* BYE Logging out\r\nA%03d OK Logout completed.\r\n", tag); tv(s); closing(s, 1); return; }
  T.authok[IMAP]++; V_(s, "A%03d OK [CAPABILITY IMAP4rev1 SASL-IR SORT THREAD=REFERENCES MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS CONDSTORE QRESYNC IDLE LITERAL+ MOVE] Logged in\r\n", tag++); tv(s);
  int ex = (int)rrange(r, 3, 4000); C_(s, "A%03d SELECT \"INBOX\"\r\n", tag); tc(s);
  V_(s, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)\r\n* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags permitted.\r\n* %d EXISTS\r\n* %u RECENT\r\n* OK [UNSEEN %u] First unseen.\r\n* OK [UIDVALIDITY %u] UIDs valid\r\n* OK [UIDNEXT %u] Predicted next UID\r\nA%03d OK [READ-WRITE] Select completed.\r\n", ex, rn(r, 9), rrange(r, 1, 99), (u32)(rnd(r) >> 34), rrange(r, 5000, 99999), tag++); tv(s);
  if (G.profile == P_IDLE) { C_(s, "A%03d IDLE\r\n", tag); tc(s); V_(s, "+ idling\r\n"); tv(s); s->t += 1500000 * MSEC; V_(s, "* %d EXISTS\r\n", ex + 1); tv(s); C_(s, "DONE\r\n"); tc(s); V_(s, "A%03d OK Idle completed.\r\n", tag); tv(s); T.idle++; closing(s, 0); return; }
  if (chance(r, .6)) { /* flag/envelope listing */
    int k = (int)rrange(r, 1, 40); C_(s, "A%03d UID FETCH %d:* (FLAGS UID RFC822.SIZE ENVELOPE)\r\n", tag, ex); tc(s);
    for (int i = 0; i < k; i++) { char a[96]; addr(r, a, sizeof a); V_(s, "* %d FETCH (UID %u FLAGS (\\Seen) RFC822.SIZE %u ENVELOPE (\"Tue, 03 Feb 2026 10:00:00 +0100\" \"", ex + i, 5000 + i, rn(r, 90000)); words(r, &s->st[1], 5); V_(s, "\" ((\"A B\" NIL \"x\" \"%s\")) NIL NIL NIL NIL NIL NIL \"<%x@%s>\"))\r\n", PICK(r, DOM), (u32)rnd(r), PICK(r, DOM)); }
    V_(s, "A%03d OK Fetch completed.\r\n", tag++); tv(s);
  }
  int n = 1 + (int)rn(r, 4); if (G.profile == P_BULK) n = 1; if (n > G.maxmsg) n = G.maxmsg;
  for (int i = 0; i < n && !s->dead; i++) {
    MS m; m.n = m.inl = m.amsg = m.b64 = m.qp = m.b7 = 0; msgbuf.n = 0; message(r, &msgbuf, &m, 0, NULL, NULL); u32 uid = rrange(r, 1000, 90000);
    if (chance(r, .12) && msgbuf.n > 65536) { /* partial fetches, as some clients do */
      T.partial_msgs++;
      for (size_t o = 0; o < msgbuf.n; o += 65536) { size_t k = msgbuf.n - o < 65536 ? msgbuf.n - o : 65536; C_(s, "A%03d UID FETCH %u (UID BODY.PEEK[]<%zu.65536>)\r\n", tag, uid, o); tc(s); V_(s, "* %u FETCH (UID %u BODY[]<%zu> {%zu}\r\n", uid % 3000 + 1, uid, o, k); put(&s->st[1], msgbuf.p + o, k); V_(s, ")\r\nA%03d OK Fetch completed.\r\n", tag++); tv(s); }
    } else {
      int f = (int)rn(r, 3); C_(s, "A%03d UID FETCH %u (%s)\r\n", tag, uid, f == 0 ? "UID FLAGS BODY.PEEK[]" : f == 1 ? "RFC822" : "UID RFC822.SIZE BODY[]"); tc(s);
      V_(s, "* %u FETCH (UID %u %s {%zu}\r\n", uid % 3000 + 1, uid, f == 0 ? "FLAGS (\\Seen) BODY[]" : f == 1 ? "RFC822" : "RFC822.SIZE 4242 BODY[]", msgbuf.n); size_t st0 = s->st[1].n; put(&s->st[1], msgbuf.p, msgbuf.n);
      if (chance(r, .003)) { rst_mid(s, 1, st0); return; }
      V_(s, ")\r\nA%03d OK Fetch completed.\r\n", tag++); tv(s);
    }
    commit(s, &m, msgbuf.p, msgbuf.n);
    if (chance(r, .4)) { C_(s, "A%03d UID STORE %u +FLAGS (\\Seen)\r\n", tag, uid); tc(s); V_(s, "* %u FETCH (UID %u FLAGS (\\Seen))\r\nA%03d OK Store completed.\r\n", uid % 3000 + 1, uid, tag++); tv(s); }
  }
  if (chance(r, .15)) { /* APPEND to Sent */
    MS m; m.n = m.inl = m.amsg = m.b64 = m.qp = m.b7 = 0; msgbuf.n = 0; message(r, &msgbuf, &m, 0, NULL, NULL); int plus = chance(r, .5);
    C_(s, "A%03d APPEND \"Sent\" (\\Seen) {%zu%s}\r\n", tag, msgbuf.n, plus ? "+" : ""); if (!plus) { tc(s); V_(s, "+ OK\r\n"); tv(s); }
    put(&s->st[0], msgbuf.p, msgbuf.n); C_(s, "\r\n"); tc(s); V_(s, "A%03d OK [APPENDUID 1 %u] Append completed.\r\n", tag++, rn(r, 99999)); tv(s); commit(s, &m, msgbuf.p, msgbuf.n); T.appends++;
  }
  if (chance(r, .3)) { /* IDLE with keepalives */
    C_(s, "A%03d IDLE\r\n", tag); tc(s); V_(s, "+ idling\r\n"); tv(s); T.idle++;
    int k = (int)rn(r, 4); for (int i = 0; i < k; i++) { s->t += rrange(r, 5, 60) * 1000 * MSEC; if (chance(r, .4)) { Pkt *p = pkt(s, s->t, 1, ACK, s->mark[1] - 1, 0, s->mark[0]); p->kind = K_KEEP; T.keepalive++; s->t += s->lat2[0]; pkt(s, s->t, 0, ACK, s->mark[0], 0, s->mark[1]); s->t += MSEC; } V_(s, "* %d EXISTS\r\n", ++ex); tv(s); }
    C_(s, "DONE\r\n"); tc(s); V_(s, "A%03d OK Idle completed.\r\n", tag++); tv(s);
  }
  C_(s, "A%03d LOGOUT\r\n", tag); tc(s); V_(s, "* BYE Logging out\r\nA%03d OK Logout completed.\r\n", tag); tv(s); closing(s, 1);
}
static void udp1(S *s, int d, u32 len, u64 dt) { s->t += dt; Pkt *p = pkt(s, s->t, d, 0, s->mark[d], len, 0); p->kind = K_UDP; s->mark[d] = (u32)s->st[d].n; }
static void noise(S *s) {
  Rng *r = &s->r; u32 v = rn(r, 100);
  if (v < 30) { /* DNS */
    s->udp = 1; s->port[1] = 53; u8 q[64]; size_t n = 12; char *d1 = (char *)PICK(r, FN); fillrnd(r, q, 2); memcpy(q + 2, "\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10);
    q[n++] = (u8)strlen(d1); memcpy(q + n, d1, strlen(d1)); n += strlen(d1); memcpy(q + n, "\x07" "example\x03" "com\x00\x00\x01\x00\x01", 17); n += 17;
    put(&s->st[0], q, n); udp1(s, 0, (u32)n, 0); q[2] = 0x81; q[3] = 0x80; q[7] = 1; put(&s->st[1], q, n); put(&s->st[1], "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07", 16); udp1(s, 1, (u32)n + 16, s->lat2[1]); return;
  }
  if (v < 50) { /* QUIC-like or RTP-like */
    s->udp = 1; int rtp = v < 37; s->port[1] = rtp ? (u16)(16384 + 2 * rn(r, 8000)) : 443; u64 n = rtp ? rrange(r, 50, 2000) : lognorm(r, 60, 1.3, 4, 6000);
    for (u64 i = 0; i < n; i++) { int d = rtp ? (int)(i & 1) : i > 2 && rn(r, 5); u32 l = rtp ? 172 : d ? 1350 : i < 2 ? 1250 : 45; size_t o = s->st[d].n; rbytes(s, d, l); u8 *p = s->st[d].p + o; if (rtp) { p[0] = 0x80; p[1] = 0; p[2] = (u8)(i >> 9); p[3] = (u8)(i >> 1); memcpy(p + 4, &n, 4); memcpy(p + 8, &s->isn[d], 4); } else if (i < 4) { p[0] = 0xc3; memcpy(p + 1, "\0\0\0\1\x08", 5); } else p[0] = 0x40 | (p[0] & 0x3f); udp1(s, d, l, rtp ? 10 * MSEC : (20 + rn(r, 900)) * US); }
    return;
  }
  if (v < 66) { /* HTTP */
    s->port[1] = chance(r, .8) ? 80 : 8080; if (handshake(s)) return; int k = (int)rrange(r, 1, 6);
    for (int i = 0; i < k; i++) { C_(s, "GET /%s/%u HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: agent/1.0\r\nAccept: */*\r\nCookie: id=%016llx\r\n\r\n", PICK(r, W), rn(r, 99999), (unsigned long long)rnd(r)); tc(s); u64 n = lognorm(r, 20000, 1.6, 100, 3000000); V_(s, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %llu\r\n\r\n", chance(r, .5) ? "text/plain" : "image/jpeg", (unsigned long long)n); rbytes(s, 1, n); tv(s); }
    closing(s, 0); return;
  }
  if (v < 90) { s->port[1] = 443; if (handshake(s)) return; tls(s, lognorm(r, 40000, 1.7, 500, 5000000), lognorm(r, 1500, 1.2, 100, 500000)); closing(s, 0); return; }
  s->port[1] = v < 94 ? 22 : v < 97 ? 445 : 3306; if (handshake(s)) return;
  if (s->port[1] == 22) { V_(s, "SSH-2.0-OpenSSH_9.2\r\n"); tv(s); C_(s, "SSH-2.0-OpenSSH_9.2\r\n"); tc(s); }
  int k = (int)rrange(r, 5, 120); for (int i = 0; i < k; i++) { rbytes(s, 0, rrange(r, 36, 400)); tc(s); rbytes(s, 1, lognorm(r, 300, 1.8, 36, 400000)); tv(s); } closing(s, 0);
}

static u64 planned, planned_mail, nsess;
static inline u32 hdrlen(const S *s, const Pkt *p) {
  u32 l = 14 + 4 * (u32)s->nvlan + (s->v6 ? 40 : 20); if (s->udp) return l + 8;
  if (p->kind == K_SYN) { if (p->fl & RST) return l + 20; return l + (s->tsopt ? 40 : 32); }
  return l + (s->tsopt ? 32 : 20);
}
static void start(S *s, u64 t, const S *prev) {
  memset(s, 0, sizeof *s); u64 id = s->id = nsess++; rseed(&s->r, G.seed * 0x100000001b3ull + id); Rng *r = &s->r; s->t = t;
  int fail = 0, pr;
  if (G.profile == P_NOISE && (double)planned_mail >= G.mailshare * (double)planned) pr = NOISE;
  else if (G.profile == P_IDLE) pr = IMAP;
  else { double v = ru(r), a = 0; pr = TLSP; for (int i = 0; i < 4; i++) { a += G.mix[i]; if (v < a) { pr = i; break; } } }
  if (G.profile == P_SMALL) { if (pr == SMTP) { u32 v = rn(r, 100); fail = v < 55 ? 1 : v < 85 ? 2 : 3; } else { if (pr == TLSP) pr = POP3; fail = 1; } }
  s->proto = pr; s->mss = G.mss; s->tsopt = (int)(rnd(r) & 1); if (s->tsopt) s->mss -= 12;
  s->v6 = chance(r, G.v6); if (s->v6) s->mss -= 20; double vv = ru(r); s->nvlan = vv < G.vlan ? 1 : vv < G.vlan * 1.1 ? 2 : 0;
  s->vlan[0] = (u16)(100 + rn(r, 8)); s->vlan[1] = (u16)(200 + rn(r, 4));
  u32 ci = (u32)(id % 4096), port = 1025 + (u32)(((id / 4096) * 37 + ci * 11) % 64000); s->port[0] = (u16)port;
  static const u16 pp[4][4] = {{25, 25, 587, 587}, {110, 110, 110, 110}, {143, 143, 143, 143}, {465, 993, 993, 995}}; s->port[1] = pr == NOISE ? 80 : pp[pr][rnd(r) >> 62];
  u32 sv = rn(r, 16); 
  if (s->v6) { u8 a[16] = {0x20, 1, 0xd, 0xb8, 0, 0x20}, b[16] = {0x20, 1, 0xd, 0xb8, 0, 0x40}; a[14] = (u8)(ci >> 8); a[15] = (u8)ci; b[13] = (u8)pr; b[15] = (u8)(sv + 1); memcpy(s->ip[0], a, 16); memcpy(s->ip[1], b, 16); }
  else { u8 a[4] = {10, 20, (u8)(ci >> 8), (u8)ci}, b[4] = {172, 16, (u8)pr, (u8)(sv + 1)}; memcpy(s->ip[0], a, 4); memcpy(s->ip[1], b, 4); }
  if (prev && prev->proto == pr && !prev->udp && chance(r, G.reuse)) { s->v6 = prev->v6; memcpy(s->ip, prev->ip, sizeof s->ip); s->port[0] = prev->port[0]; s->port[1] = prev->port[1]; s->nvlan = prev->nvlan; memcpy(s->vlan, prev->vlan, 4); T.reused++; s->t += 2000 * MSEC; s->mss = G.mss - (s->tsopt ? 12 : 0) - (s->v6 ? 20 : 0); }
  for (int d = 0; d < 2; d++) { s->mac[d][0] = 2; s->mac[d][1] = (u8)d; s->mac[d][4] = d ? (u8)pr : (u8)(ci >> 8); s->mac[d][5] = d ? (u8)sv : (u8)ci; s->isn[d] = (u32)rnd(r); s->ipid[d] = (u16)rnd(r); s->ttl[d] = d ? 57 : 63; s->tsofs[d] = (u32)rnd(r); s->cw[d] = 10; }
  s->cwmax = 16u << rn(r, 3); s->lat2[0] = rrange(r, 100, 2000) * US; s->lat2[1] = (chance(r, .5) ? rrange(r, 200, 4000) : rrange(r, 5000, 120000)) * US; s->sp = (12ull << rn(r, 4)) * US;
  s->loss = chance(r, .3) ? G.loss * 3.333 : 0; /* losses hit some connections hard, most not at all */
  if (pr == NOISE) { noise(s); if (s->udp) T.udp_flows++; else T.tcp_flows++; }
  else {
    T.tcp_flows++;
    if (!handshake(s)) { if (pr == SMTP) smtp(s, fail); else if (pr == POP3) pop3(s, fail); else if (pr == IMAP) imap(s, fail); else { tls(s, lognorm(r, 30000, 1.5, 300, 2000000), lognorm(r, 3000, 1, 100, 200000)); closing(s, 0); } }
  }
  T.sess[pr]++; if (s->v6) T.v6++; else T.v4++; if (s->nvlan) T.vlan++; if (s->nvlan == 2) T.qinq++;
  for (u32 i = 1; i < s->np; i++) { Pkt p = s->pk[i]; u32 j = i; while (j && s->pk[j - 1].ts > p.ts) { s->pk[j] = s->pk[j - 1]; j--; } s->pk[j] = p; }
  u64 b = 0; for (u32 i = 0; i < s->np; i++) b += 16 + hdrlen(s, &s->pk[i]) + s->pk[i].len;
  planned += b; if (pr != NOISE) { planned_mail += b; for (int d = 0; d < 2; d++) T.mail_payload += s->st[d].n; }
}

/* ------------------------------------------------------------------ output */
static u8 *ob; static size_t on; static int ofd; static u64 total;
#define OB (8u << 20)
static void oflush(void) { size_t o = 0; while (o < on) { ssize_t k = write(ofd, ob + o, on - o); if (k < 0) { if (errno == EINTR) continue; perror("write"); exit(1); } o += (size_t)k; } total += on; on = 0; }
static inline void be16(u8 *p, u32 v) { p[0] = (u8)(v >> 8); p[1] = (u8)v; }
static inline void be32(u8 *p, u32 v) { v = __builtin_bswap32(v); memcpy(p, &v, 4); }
static inline u64 csum(const u8 *p, size_t n) { /* native-endian one's complement partial sum */
  u64 s = 0; size_t i = 0; for (; i + 4 <= n; i += 4) { u32 v; memcpy(&v, p + i, 4); s += v; }
  if (i < n) { u32 v = 0; memcpy(&v, p + i, n - i); s += v; }
  return s;
}
static inline u16 fold(u64 s) { s = (s & 0xffffffff) + (s >> 32); s = (s & 0xffffffff) + (s >> 32); s = (s & 0xffff) + (s >> 16); s = (s & 0xffff) + (s >> 16); return (u16)~s; }
static void emit(S *s, const Pkt *p) {
  if (on + 70000 > OB) oflush();
  int d = p->dir; u8 *rec = ob + on, *b = rec + 16, *q = b;
  memcpy(q, s->mac[!d], 6); memcpy(q + 6, s->mac[d], 6); q += 12;
  for (int i = s->nvlan - 1; i >= 0; i--) { be16(q, i ? 0x88a8 : 0x8100); be16(q + 2, s->vlan[i]); q += 4; }
  be16(q, s->v6 ? 0x86dd : 0x0800); q += 2; u8 *ip = q; u32 il = s->v6 ? 40 : 20, hl = hdrlen(s, p), tl = hl - (u32)(ip - b) - il; u8 *t = ip + il;
  u64 ps = 0; u32 l4 = tl + p->len; int proto = s->udp ? 17 : 6;
  if (s->v6) { be32(ip, 0x60000000); be16(ip + 4, l4); ip[6] = (u8)proto; ip[7] = s->ttl[d]; memcpy(ip + 8, s->ip[d], 16); memcpy(ip + 24, s->ip[!d], 16); ps = csum(ip + 8, 32); }
  else { ip[0] = 0x45; ip[1] = 0; be16(ip + 2, 20 + l4); be16(ip + 4, s->ipid[d]++); be16(ip + 6, 0x4000); ip[8] = s->ttl[d]; ip[9] = (u8)proto; ip[10] = ip[11] = 0; memcpy(ip + 12, s->ip[d], 4); memcpy(ip + 16, s->ip[!d], 4); u16 c = fold(csum(ip, 20)); memcpy(ip + 10, &c, 2); ps = csum(ip + 12, 8); }
  be16(t, s->port[d]); be16(t + 2, s->port[!d]); u32 coff;
  if (s->udp) { be16(t + 4, l4); t[6] = t[7] = 0; coff = 6; }
  else {
    u32 seq = s->isn[d] + 1 + p->off, ack = s->isn[!d] + 1 + p->ack; if (p->kind == K_SYN) { seq = s->isn[d]; if (p->fl & RST) seq = 0; }
    be32(t + 4, seq); be32(t + 8, p->fl & ACK ? ack : 0); t[12] = (u8)(tl / 4 << 4); t[13] = p->fl; be16(t + 14, p->win); t[16] = t[17] = t[18] = t[19] = 0; coff = 16; u8 *o = t + 20;
    int syn = p->kind == K_SYN && !(p->fl & RST), ts = s->tsopt && !(p->kind == K_SYN && (p->fl & RST));
    if (syn) { u32 m = s->v6 ? G.mss - 20 : G.mss; o[0] = 2; o[1] = 4; be16(o + 2, m); o[4] = 4; o[5] = 2; if (ts) o += 6; else { o[6] = o[7] = 1; o += 8; } }
    else if (ts) { o[0] = o[1] = 1; o += 2; }
    if (ts) { s->tsv[d] = (u32)(p->ts / MSEC) + s->tsofs[d]; o[0] = 8; o[1] = 10; be32(o + 2, s->tsv[d]); be32(o + 6, s->tsv[!d]); o += 10; }
    if (syn) { o[0] = 1; o[1] = 3; o[2] = 3; o[3] = 7; }
  }
  u8 *pl = t + tl; if (p->len) memcpy(pl, s->st[d].p + p->off, p->len);
  u8 x[4] = {0, (u8)proto, (u8)(l4 >> 8), (u8)l4}; ps += csum(x, 4) + csum(t, l4); u16 c = fold(ps); if (s->udp && !c) c = 0xffff; memcpy(t + coff, &c, 2);
  u64 ts = p->ts + G.t0; u32 fl = hl + p->len, cl = fl < 60 ? 60 : fl; if (cl > fl) memset(b + fl, 0, cl - fl);
  u32 h[4] = {(u32)(ts / 1000000000ull), (u32)(ts % 1000000000ull / 1000), cl, cl}; memcpy(rec, h, 16); on += 16 + cl; T.pkts++; T.bytes += cl; T.payload += p->len;
}

/* ------------------------------------------------------------------ heap + main */
typedef struct { u64 ts; u32 slot; } H;
static H *hp; static u32 hn;
static inline int lt(H a, H b) { return a.ts < b.ts || (a.ts == b.ts && a.slot < b.slot); }
static void down(u32 i) { H x = hp[i]; for (;;) { u32 c = 2 * i + 1; if (c >= hn) break; if (c + 1 < hn && lt(hp[c + 1], hp[c])) c++; if (!lt(hp[c], x)) break; hp[i] = hp[c]; i = c; } hp[i] = x; }
static void push(H x) { u32 i = hn++; while (i) { u32 q = (i - 1) / 2; if (!lt(x, hp[q])) break; hp[i] = hp[q]; i = q; } hp[i] = x; }
static int dcmp(const void *a, const void *b) { return memcmp(a, b, 32); }
static void hexd(FILE *f, const u8 *d) { for (int i = 0; i < 32; i++) fprintf(f, "%02x", d[i]); }
static void digest_json(FILE *f, const char *nm, Digs *l) { /* hash of the sorted raw 32-byte digests */
  qsort(l->d, l->n, 32, dcmp); u8 o[32]; u8 e = 0; sha256(l->n ? l->d : &e, l->n * 32, o); u64 sum = 0;
  for (size_t i = 0; i < l->n; i++) { u64 v; memcpy(&v, l->d + 32 * i, 8); sum += __builtin_bswap64(v); }
  size_t uq = 0; for (size_t i = 0; i < l->n; i++) if (!i || memcmp(l->d + 32 * i, l->d + 32 * i - 32, 32)) uq++;
  fprintf(f, "  \"%s_sha256_of_sorted_sha256\": \"", nm); hexd(f, o); fprintf(f, "\",\n  \"%s_sum64\": \"%016llx\",\n  \"%s_distinct\": %zu,\n", nm, (unsigned long long)sum, nm, uq);
}
static int more(void) { return (G.sessions == 0 || nsess < G.sessions) && (G.size == 0 || planned < G.size); }
static void usage(void) {
  fputs("usage: mailgen -o OUT.pcap [--truth T.json] [--list ATT.tsv] [--profile mix|small|bulk|noise|idle]\n"
        "  [--seed N] [--size BYTES[k|m|g]] [--sessions N] [--concurrent N] [--loss P] [--ooo P] [--capdrop P] [--zerowin P]\n"
        "  [--mix S,P,I,T] [--att-median B] [--att-sigma X] [--att-min B] [--att-max B] [--att-prob P] [--auth-fail P]\n"
        "  [--reuse P] [--ipv6 P] [--vlan P] [--mss N] [--mail-share P]\n", stderr); exit(2);
}
static u64 sz(const char *s) { char *e; double v = strtod(s, &e); if (*e == 'k') v *= 1e3; else if (*e == 'm') v *= 1e6; else if (*e == 'g') v *= 1e9; return (u64)v; }
int main(int ac, char **av) {
  G.seed = 1; G.conc = 500; G.loss = .003; G.ooo = .002; G.reuse = .0005; G.v6 = .2; G.vlan = .15; G.zerowin = .001; G.attp = .45; G.mss = 1460; G.attmed = 30000; G.attsig = 1.6; G.attmin = 200; G.attmax = 10000000; G.mailshare = .02; G.t0 = 1770000000ull * 1000000000ull; G.maxatt = 6; G.maxmsg = 6; G.failp = .03;
  G.mix[0] = .55; G.mix[1] = .17; G.mix[2] = .25; G.mix[3] = .03;
  const char *out = NULL, *truth = NULL; 
  static const struct option lo[] = {{"truth", 1, 0, 1}, {"list", 1, 0, 2}, {"profile", 1, 0, 3}, {"seed", 1, 0, 4}, {"size", 1, 0, 5}, {"sessions", 1, 0, 6}, {"concurrent", 1, 0, 7}, {"loss", 1, 0, 8}, {"ooo", 1, 0, 9}, {"capdrop", 1, 0, 10}, {"zerowin", 1, 0, 11}, {"mix", 1, 0, 12}, {"att-median", 1, 0, 13}, {"att-sigma", 1, 0, 14}, {"att-min", 1, 0, 15}, {"att-max", 1, 0, 16}, {"att-prob", 1, 0, 17}, {"auth-fail", 1, 0, 18}, {"reuse", 1, 0, 19}, {"ipv6", 1, 0, 20}, {"vlan", 1, 0, 21}, {"mss", 1, 0, 22}, {"mail-share", 1, 0, 23}, {0, 0, 0, 0}};
  /* the profile sets defaults, so look for it first */
  for (int i = 1; i + 1 < ac; i++) if (!strcmp(av[i], "--profile")) {
    const char *p = av[i + 1];
    if (!strcmp(p, "small")) { G.profile = P_SMALL; G.loss = .001; G.ooo = 0; }
    else if (!strcmp(p, "bulk")) { G.profile = P_BULK; G.attmed = 6e6; G.attsig = .5; G.attmin = 1000000; G.attmax = 20000000; G.attp = 1; G.conc = 40; G.maxatt = 2; G.maxmsg = 1; G.failp = 0; }
    else if (!strcmp(p, "noise")) G.profile = P_NOISE;
    else if (!strcmp(p, "idle")) { G.profile = P_IDLE; G.conc = 200000; G.loss = 0; G.ooo = 0; G.failp = 0; }
    else if (strcmp(p, "mix")) usage();
  }
  for (int c; (c = getopt_long(ac, av, "o:", lo, NULL)) != -1;) switch (c) {
    case 'o': out = optarg; break; case 1: truth = optarg; break; case 2: list = fopen(optarg, "w"); if (!list) { perror(optarg); return 1; } break; case 3: break;
    case 4: G.seed = strtoull(optarg, 0, 0); break; case 5: G.size = sz(optarg); break; case 6: G.sessions = sz(optarg); break; case 7: G.conc = atoi(optarg); break;
    case 8: G.loss = atof(optarg); break; case 9: G.ooo = atof(optarg); break; case 10: G.capdrop = atof(optarg); break; case 11: G.zerowin = atof(optarg); break;
    case 12: if (sscanf(optarg, "%lf,%lf,%lf,%lf", &G.mix[0], &G.mix[1], &G.mix[2], &G.mix[3]) != 4) usage(); break;
    case 13: G.attmed = (double)sz(optarg); break; case 14: G.attsig = atof(optarg); break; case 15: G.attmin = sz(optarg); break; case 16: G.attmax = sz(optarg); break; case 17: G.attp = atof(optarg); break; case 18: G.failp = atof(optarg); break;
    case 19: G.reuse = atof(optarg); break; case 20: G.v6 = atof(optarg); break; case 21: G.vlan = atof(optarg); break; case 22: G.mss = (u32)atoi(optarg); break; case 23: G.mailshare = atof(optarg); break;
    default: usage(); }
  
  if (!out || (!G.size && !G.sessions)) usage();
  mallopt(M_MMAP_THRESHOLD, 1 << 30); mallopt(M_TRIM_THRESHOLD, 1 << 30);
#if defined(__x86_64__)
  if (has_sha_ni()) sha_blocks = sha_ni;
#endif
  for (u32 i = 0; i < NW; i++) Wl[i] = (u8)strlen(W[i]);
  for (u32 i = 0; i < 4096; i++) { u8 x[2] = {(u8)b64c[i >> 6], (u8)b64c[i & 63]}; memcpy(&B64[i], x, 2); }
  Rng lr; rseed(&lr, 777); for (int i = 0; i < 32; i++) { logon[i] = rrange(&lr, 1500, 18000); logo[i] = malloc(logon[i]); fillrnd(&lr, logo[i], logon[i]); memcpy(logo[i], FT[4].mg, 8); sha256(logo[i], logon[i], logod[i]); }
  ofd = !strcmp(out, "-") ? 1 : open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644); if (ofd < 0) { perror(out); return 1; }
  ob = malloc(OB); u32 gh[6] = {0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144, 1}; gh[1] = 2 | 4 << 16; memcpy(ob, gh, 24); on = 24;
  S *slots = calloc((size_t)G.conc, sizeof(S)); hp = malloc(sizeof(H) * (size_t)G.conc); Rng g; rseed(&g, G.seed ^ 0xabcdef);
  u64 ramp = G.profile == P_SMALL ? 2000 : G.profile == P_IDLE ? 1200000 : 20000;
  for (int i = 0; i < G.conc && more(); i++) { u64 t = (rnd(&g) % (ramp * 1000)) * US; start(&slots[i], t, NULL); push((H){slots[i].pk[0].ts, (u32)i}); }
  while (hn) {
    S *s = &slots[hp[0].slot]; emit(s, &s->pk[s->cur++]);
    if (s->cur < s->np) { hp[0].ts = s->pk[s->cur].ts; down(0); continue; }
    u64 t = s->pk[s->np - 1].ts; free(s->st[0].p); free(s->st[1].p); free(s->pk);
    if (more()) { S old = *s; u64 gap = (1 + rnd(&g) % 400000) * US; start(s, t + gap, &old); hp[0].ts = s->pk[0].ts; down(0); }
    else { hp[0] = hp[--hn]; if (hn) down(0); }
  }
  oflush(); if (ofd != 1) close(ofd); if (list) fclose(list);
  FILE *f = truth ? fopen(truth, "w") : stderr; if (!f) { perror(truth); return 1; }
#define LL(x) (unsigned long long)(x)
  fprintf(f, "{\n  \"seed\": %llu,\n  \"file_bytes\": %llu,\n  \"packets\": %llu,\n  \"captured_bytes\": %llu,\n  \"l4_payload_bytes_incl_retransmissions\": %llu,\n  \"mail_stream_bytes\": %llu,\n", LL(G.seed), LL(total), LL(T.pkts), LL(T.bytes), LL(T.payload), LL(T.mail_payload));
  fprintf(f, "  \"flows\": {\"tcp\": %llu, \"udp\": %llu, \"ipv4\": %llu, \"ipv6\": %llu, \"vlan\": %llu, \"qinq\": %llu, \"tuple_reused\": %llu},\n", LL(T.tcp_flows), LL(T.udp_flows), LL(T.v4), LL(T.v6), LL(T.vlan), LL(T.qinq), LL(T.reused));
#define TAB(nm, A) do { fprintf(f, "  \"%s\": {", nm); for (int i = 0; i < NPROTO; i++) fprintf(f, "%s\"%s\": %llu", i ? ", " : "", pname[i], LL(T.A[i])); fprintf(f, "},\n"); } while (0)
  TAB("sessions", sess); TAB("messages", msgs); TAB("attachments", atts); TAB("auth_failures", authfail); TAB("auth_ok", authok);
  fprintf(f, "  \"message_bytes\": %llu,\n  \"attachment_decoded_bytes\": %llu,\n  \"attachments_inline\": %llu,\n  \"attached_rfc822\": %llu,\n  \"attachments_by_encoding\": {\"base64\": %llu, \"quoted-printable\": %llu, \"7bit\": %llu},\n", LL(T.msg_bytes), LL(T.att_bytes), LL(T.inl), LL(T.attached_msgs), LL(T.b64_atts), LL(T.qp_atts), LL(T.bit7_atts));
  digest_json(f, "attachments", &d_att); digest_json(f, "messages", &d_msg);
  fprintf(f, "  \"smtp\": {\"rcpt_accepted\": %llu, \"rcpt_rejected_550\": %llu, \"rcpt_greylisted_451\": %llu, \"message_rejected_554\": %llu, \"bdat_messages\": %llu, \"starttls_sessions\": %llu, \"pipelining_sessions\": %llu},\n", LL(T.rcpt_ok), LL(T.rcpt_rej), LL(T.greylist), LL(T.msg_rej), LL(T.bdat_msgs), LL(T.starttls), LL(T.pipelined));
  fprintf(f, "  \"imap\": {\"appends\": %llu, \"partial_fetch_messages\": %llu, \"idle\": %llu},\n", LL(T.appends), LL(T.partial_msgs), LL(T.idle));
  fprintf(f, "  \"tcp\": {\"retransmitted_segments_already_seen\": %llu, \"of_these_with_other_borders\": %llu, \"hole_filling_retransmissions\": %llu, \"out_of_order_swaps\": %llu, \"duplicate_acks\": %llu, \"zero_window_events\": %llu, \"keepalives\": %llu, \"syn_retransmissions\": %llu, \"syn_refused\": %llu, \"syn_unanswered\": %llu, \"reset_mid_transfer\": %llu, \"aborted_messages\": %llu, \"ends_without_fin\": %llu, \"segments_missing_from_capture\": %llu}\n}\n",
    LL(T.rtx), LL(T.rtx_partial), LL(T.hole_fill), LL(T.ooo), LL(T.dupack), LL(T.zerowin), LL(T.keepalive), LL(T.syn_rtx), LL(T.syn_refused), LL(T.syn_noanswer), LL(T.rst_mid), LL(T.aborted_msgs), LL(T.cut_nofin), LL(T.capdrop));
  if (truth) fclose(f);
  return 0;
}
