/* tests/support/dfilter_try.c - compiles the filters on standard input, one a line: prints "accept", or "reject" with the column and
 * the sentence.                                                                                                       */
#include "dfilter_fields.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char   *line = NULL;
    size_t  size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, stdin)) > 0) {
        struct ms_dfilter_error error;
        struct ms_bytes         text = { (uint8_t *)line, (size_t)n - (line[n - 1] == '\n') };
        struct ms_dfilter      *f = ms_dfilter_compile(&test_table, text, &error);
        if (f)
            puts("accept");
        else
            printf("reject %zu %s\n", error.column, error.sentence);
        ms_dfilter_destroy(f);
    }
    free(line);
    return 0;
}
