/* Runs a command pinned to one CPU, what it prints thrown away, and prints "user system wall peak_kib status": seconds, KiB, exit
 * status. A program of its own because the peak memory that the kernel reports for a child includes that of the process it was
 * forked from: this one is small.
 *
 *     measure CPU COMMAND [ARGUMENT...]        CPU -1: any
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void run(int cpu, char **command)
{
    int null = open("/dev/null", O_RDWR);
    if (cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0)
            _exit(126);
    }
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execvp(command[0], command);
    _exit(127);
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct timespec from, to;
    struct rusage   used;
    int             status;
    clock_gettime(CLOCK_MONOTONIC, &from);
    pid_t child = fork();
    if (child < 0)
        return 1;
    if (child == 0)
        run(atoi(argv[1]), argv + 2);
    if (wait4(child, &status, 0, &used) != child)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &to);
    double wall = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("%.6f %.6f %.6f %ld %d\n", seconds(used.ru_utime), seconds(used.ru_stime), wall, used.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
