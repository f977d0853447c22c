/* The processes of this host, for tests that count or kill those of the product. */
#ifndef YW_TESTS_PROCESSES_H
#define YW_TESTS_PROCESSES_H

/* How many have command lines that hold both texts, their words parted by spaces; this process
 * itself is none of them. They get `signum`, unless it is 0. */
int processes(const char *text, const char *text2, int signum);

#endif
