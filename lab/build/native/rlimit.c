// Lab only, preloaded into CRIU. Without CAP_SYS_RESOURCE the kernel refuses prlimit() on a process
// of another user, even for reading, so CRIU could dump nothing that does not run as root. The same
// limits are readable in /proc/PID/limits: answer from there. Ordinary nodes have the capability.
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Row names of /proc/PID/limits, in the order of the RLIMIT_ numbers.
static const char *rows[] = {
    "Max cpu time",      "Max file size",     "Max data size",       "Max stack size",
    "Max core file size", "Max resident set",  "Max processes",       "Max open files",
    "Max locked memory", "Max address space", "Max file locks",      "Max pending signals",
    "Max msgqueue size", "Max nice priority", "Max realtime priority", "Max realtime timeout"};

static rlim_t value(const char *text) {
  return strncmp(text, "unlimited", 9) ? strtoull(text, 0, 10) : RLIM_INFINITY;
}

static int read_limit(pid_t pid, int resource, struct rlimit *out) {
  char path[64], line[256], soft[32], hard[32];
  const size_t width = strlen(rows[resource]);
  int found = -1;
  snprintf(path, sizeof path, "/proc/%d/limits", pid);
  FILE *file = fopen(path, "r");
  if (!file)
    return -1;
  while (found && fgets(line, sizeof line, file))
    if (!strncmp(line, rows[resource], width) && line[width] == ' ' &&
        sscanf(line + 26, "%31s %31s", soft, hard) == 2) {
      out->rlim_cur = value(soft);
      out->rlim_max = value(hard);
      found = 0;
    }
  fclose(file);
  return found;
}

static long raw(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

// CRIU calls prlimit64 through libc's syscall(), which is therefore the one to stand in for.
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  long result = raw(number, a, b, c, d, e, f);
  if (number == SYS_prlimit64 && result == -EPERM && !c && d && b >= 0 && b < 16 &&
      !read_limit((pid_t)a, (int)b, (struct rlimit *)d))
    result = 0;
  if (result < 0 && result > -4096) {
    errno = (int)-result;
    return -1;
  }
  return result;
}
