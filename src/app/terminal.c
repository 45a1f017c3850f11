/* app/terminal.c - what the output can show. */
#include "app/commands.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>

enum { COLUMNS_USUAL = 80, COLUMNS_MOST = 1000 };

size_t ms_terminal_columns(FILE *out)
{
    struct winsize size;
    uint64_t       columns = 0;
    const char    *given = getenv("COLUMNS");
    if (!given || !ms_parse_count(given, &columns) || columns == 0)
        columns = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    return columns == 0 ? COLUMNS_USUAL : columns > COLUMNS_MOST ? COLUMNS_MOST : (size_t)columns;
}

bool ms_terminal_utf8(void)
{
    locale_t    user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    const char *charset = user ? nl_langinfo_l(CODESET, user) : "";
    bool        utf8 = strcmp(charset, "UTF-8") == 0;
    if (user)
        freelocale(user);
    return utf8;
}
