/* app/main.c - mailscope: reads the command line and runs the command. */
#include "app/run.h"
#include "app/scanners.h"
#include "base/hash.h"

#include <signal.h>

int main(int argc, char **argv)
{
    struct ms_args a;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, told or not by ms_out_close() */
    ms_hash_init();
    int status = ms_args_parse(&a, argc, argv);
    if (status < 0 && a.word_count && a.command->needs_captures)
        status = ms_keys_load(&a);
    if (status < 0 && a.word_count && a.command->needs_captures)
        status = ms_scanners_open(&a, &a.scanners);
    if (status < 0)
        status = a.command->run(&a);
    if (status == MS_EXIT_OK && !ms_out_close(&(struct ms_args){ 0 }, stdout)) /* --help, --version */
        status = MS_EXIT_INPUT;
    ms_scanners_close(a.scanners);
    ms_args_finish(&a);
    return status;
}
