/* content/text/css.h - as much of style sheets as hides text: inline styles, and rules for one class, id or element.
 *
 * Bounds   MS_CSS_RULES rules that hide something; selectors with combinators, and rules inside @media, are passed over.
 * Threads  pure.                                                                                                 */
#pragma once
#include "base/bytes.h"

enum { MS_CSS_RULES = 64 };

enum ms_css_bit {
    MS_CSS_HIDES      = 1u << 0, /* it and all in it: display, opacity, no size, off the screen, clipped */
    MS_CSS_INVISIBLE  = 1u << 1, /* visibility; what is in it may be visible again */
    MS_CSS_VISIBLE    = 1u << 2,
    MS_CSS_TINY       = 1u << 3, /* letters below 2 px */
    MS_CSS_READABLE   = 1u << 4, /* letters of another size */
    MS_CSS_COLOR      = 1u << 5,
    MS_CSS_BACKGROUND = 1u << 6,
    MS_CSS_PICTURE    = 1u << 7, /* a background that is no plain colour */
    MS_CSS_CLEAR      = 1u << 8, /* transparent letters */
    MS_CSS_OVERFLOW   = 1u << 9, /* hidden */
    MS_CSS_FLAT       = 1u << 10,/* no height or no width */
};
struct ms_css { uint32_t bits, color, background; }; /* colours 0xRRGGBB */

/* Declarations of a style attribute, on top of what *css says already. */
void ms_css_read(struct ms_bytes declarations, struct ms_css *css);
bool ms_css_color(struct ms_bytes value, uint32_t *rgb); /* "#fff", "#ffffff", "ffffff", rgb(), common names */

struct ms_css_rule { struct ms_bytes name; char kind; struct ms_css css; }; /* kind '.', '#' or 0: element */
struct ms_css_rules { struct ms_css_rule at[MS_CSS_RULES]; size_t n; };
/* Content of a style element. Slices of the rules point into it. */
void ms_css_sheet(struct ms_bytes sheet, struct ms_css_rules *rules);
/* What the rules say of an element: its name, the words of class, its id. */
void ms_css_apply(const struct ms_css_rules *rules, char kind, struct ms_bytes names, struct ms_css *css);
