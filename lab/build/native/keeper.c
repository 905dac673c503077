// A program that knows what it has written, for tests of volumes and locks.
//
//   keeper LINES BOARD [-p FILE]... [-f FILE]...   writes for ever; takes a lock of fcntl (-p) or flock (-f) on each FILE
//   keeper held FILE                               prints who else holds locks on FILE: "posix", "flock", both or neither
//
// Each round it looks whether the files still say what it wrote last, and ends with a message when one does not:
//
//   LINES/lines   one numbered line appended each round, brought to the disk every tenth
//   LINES/last    the number, overwritten
//   BOARD/board   the number, at the beginning of each of two pages that are mapped and never synchronised
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { page = 4096, line_length = 200, round_ms = 5 };

static void end(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

static int open_in(const char *folder, const char *name, int flags) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int file = open(path, O_RDWR | O_CREAT | flags, 0644);
  if (file < 0)
    end("cannot open %s: %s", path, strerror(errno));
  return file;
}

static struct flock whole(void) {
  return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int held(const char *path) {
  int file = open(path, O_RDWR);
  struct flock lock = whole();
  if (file < 0 || fcntl(file, F_GETLK, &lock) < 0)
    end("cannot ask for locks on %s: %s", path, strerror(errno));
  if (lock.l_type != F_UNLCK)
    puts("posix");
  if (flock(file, LOCK_EX | LOCK_NB) < 0)
    puts("flock");
  return 0;
}

static void take(const char *kind, const char *path) {
  int file = open(path, O_RDWR | O_CREAT, 0644);
  struct flock lock = whole();
  int failed = file < 0 || (strcmp(kind, "-p") == 0 ? fcntl(file, F_SETLK, &lock) : flock(file, LOCK_EX | LOCK_NB));
  if (failed)
    end("cannot lock %s: %s", path, strerror(errno));
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "held") == 0)
    return held(arguments[2]);
  if (count < 3 || count % 2 == 0)
    end("usage: keeper LINES BOARD [-p FILE]... [-f FILE]... | keeper held FILE");
  for (int i = 3; i < count; i += 2)
    take(arguments[i], arguments[i + 1]);

  int lines = open_in(arguments[1], "lines", O_APPEND | O_TRUNC);
  int last = open_in(arguments[1], "last", O_TRUNC);
  int board_file = open_in(arguments[2], "board", O_TRUNC);
  if (ftruncate(board_file, 2 * page) < 0)
    end("cannot make room on the board: %s", strerror(errno));
  uint64_t *board = mmap(0, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, board_file, 0);
  if (board == MAP_FAILED)
    end("cannot map the board: %s", strerror(errno));
  uint64_t *second = board + page / sizeof *board;

  uint64_t number = 0, seen = 0;
  if (pwrite(last, &number, sizeof number, 0) != sizeof number)
    end("cannot write: %s", strerror(errno));
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct stat state;
    if (fstat(lines, &state) < 0 || pread(last, &seen, sizeof seen, 0) != sizeof seen)
      end("cannot read after round %ju: %s", (uintmax_t)number, strerror(errno));
    if (seen != number)
      end("after round %ju the last number is %ju", (uintmax_t)number, (uintmax_t)seen);
    if (*board != number || *second != number)
      end("after round %ju the board says %ju and %ju", (uintmax_t)number, (uintmax_t)*board, (uintmax_t)*second);
    if ((uint64_t)state.st_size != number * line_length)
      end("after round %ju there are %ju bytes of lines", (uintmax_t)number, (uintmax_t)state.st_size);

    number += 1;
    char line[line_length + 1];
    int length = snprintf(line, sizeof line, "%010ju ", (uintmax_t)number);
    memset(line + length, 'a' + number % 26, line_length - length - 1);
    line[line_length - 1] = '\n';
    if (write(lines, line, line_length) != line_length || pwrite(last, &number, sizeof number, 0) != sizeof number)
      end("cannot write round %ju: %s", (uintmax_t)number, strerror(errno));
    *board = *second = number;
    if (number % 10 == 0 && fsync(lines) < 0)
      end("cannot bring round %ju to the disk: %s", (uintmax_t)number, strerror(errno));
    nanosleep(&(struct timespec){.tv_nsec = round_ms * 1000000}, 0);
  }
}
