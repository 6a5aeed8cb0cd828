/*
 * Runs a command and prints what it took, itself and all its children, as one line of JSON:
 * wall and cpu in seconds, peak (largest resident set of any one process) in KiB. The command's
 * standard output is thrown away, its standard error is ours, its exit code becomes ours.
 *
 * Written in C because a child begins with its parent's peak: under Python every peer would seem
 * to need Python's memory.
 *
 * Usage: measure COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) {
  return time.tv_sec + time.tv_usec / 1e6;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  double start = now();
  pid_t child = fork();
  if (child < 0) return 126;
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execvp(arguments[1], arguments + 1);
    perror(arguments[1]);
    _exit(127);
  }
  int status;
  if (waitpid(child, &status, 0) != child) return 126;
  double wall = now() - start;
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  printf("{\"wall\": %.6f, \"cpu\": %.6f, \"peak\": %ld}\n", wall,
         seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
