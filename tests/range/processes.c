#include "range/processes.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <unistd.h>

/* Does the command line of the process hold both texts? */
static int says(int pid, const char *text, const char *text2)
{
    char path[64], line[4096] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(line, 1, sizeof(line) - 1, file) : 0;

    if (file)
        (void)fclose(file);
    for (size_t i = 0; i < size; i++)
        line[i] = line[i] ? line[i] : ' ';
    return strstr(line, text) && strstr(line, text2);
}

int processes(const char *text, const char *text2, int signum)
{
    DIR *dir = opendir("/proc");
    int count = 0;

    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        int pid = atoi(entry->d_name);

        if (pid <= 0 || pid == getpid() || !says(pid, text, text2))
            continue;
        count++;
        if (signum)
            (void)kill(pid, signum);
    }
    (void)closedir(dir);
    return count;
}
