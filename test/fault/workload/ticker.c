/*
 * The instance detector: every millisecond it takes the next number, tells it, with a secret that only this very
 * process knows, over UDP and over one TCP connection to somebody outside of its pod, and appends it to a file.
 *
 *   ticker HOST PORT LANE FILE
 *
 * One record is { mark, lane, secret, tick, sequence }, each number in the byte order of the machine; the sequence
 * counts the records of one TCP connection, and is 0 over UDP and in the file. The file is moved to FILE.old when it
 * holds 8192 records.
 *
 * A second TCP connection says one record, with another mark, and is silent from then on: what comes late from another
 * instance is old news on a busy connection, but ends a silent one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { MARK = 0x4b434954, MARK_OF_SILENT = 0x54454951, RECORDS_A_FILE = 8192, TICKS_UNTIL_NEXT_CONNECTION = 100 };

struct record {
  uint32_t mark;
  uint32_t lane;
  uint64_t secret;
  uint64_t tick;
  uint64_t sequence;
};

static struct sockaddr_in collector;

static int silent = -1;

/* A record that was written in part: the rest goes before the next. */
static struct {
  int socket;
  uint64_t sequence;
  struct record pending;
  size_t left;
  uint64_t not_before;
} stream = {.socket = -1};

static void leave(int signal) {
  (void)signal;
  _exit(0);
}

static int begin_connection(void) {
  int one = 1;
  int begun = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(begun, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  connect(begun, (struct sockaddr *)&collector, sizeof collector);
  return begun;
}

static void connect_stream(void) {
  stream.socket = begin_connection();
  stream.sequence = 0;
  stream.left = 0;
}

static void lose_stream(uint64_t tick) {
  close(stream.socket);
  stream.socket = -1;
  stream.not_before = tick + TICKS_UNTIL_NEXT_CONNECTION;
}

/* Nothing is to come from there but the end. */
static int has_ended(int socket) {
  char byte;
  ssize_t got = recv(socket, &byte, 1, MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN);
}

static void tell_stream(const struct record *record) {
  if (stream.socket < 0) {
    if (record->tick < stream.not_before)
      return;
    connect_stream();
  }
  if (has_ended(stream.socket)) {
    lose_stream(record->tick);
    return;
  }
  if (stream.left == 0) {
    stream.pending = *record;
    stream.pending.sequence = stream.sequence;
    stream.left = sizeof stream.pending;
  }
  const char *rest = (const char *)&stream.pending + sizeof stream.pending - stream.left;
  ssize_t sent = send(stream.socket, rest, stream.left, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR && errno != ENOTCONN && errno != EINPROGRESS)
      lose_stream(record->tick);
    return;
  }
  stream.left -= (size_t)sent;
  if (stream.left == 0)
    stream.sequence++;
}

/* A connection that is not there yet takes nothing: it is said then with a later tick. */
static void keep_silent(const struct record *record) {
  static int said;
  if (silent >= 0 && said && has_ended(silent)) {
    close(silent);
    silent = -1;
  }
  if (silent < 0) {
    silent = begin_connection();
    said = 0;
  }
  if (said)
    return;
  struct record once = *record;
  once.mark = MARK_OF_SILENT;
  said = send(silent, &once, sizeof once, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof once;
}

static int open_file(const char *path) { return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644); }

int main(int count, char **arguments) {
  if (count != 5) {
    fputs("usage: ticker HOST PORT LANE FILE\n", stderr);
    return 2;
  }
  signal(SIGTERM, leave);
  collector = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
  if (inet_pton(AF_INET, arguments[1], &collector.sin_addr) != 1)
    return 2;
  const char *path = arguments[4];
  char old[4096];
  snprintf(old, sizeof old, "%s.old", path);

  struct record record = {.mark = MARK, .lane = (uint32_t)atoi(arguments[3])};
  if (getrandom(&record.secret, sizeof record.secret, 0) != sizeof record.secret)
    return 1;
  int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int file = open_file(path);
  if (datagrams < 0 || file < 0) {
    perror(path);
    return 1;
  }
  const struct timespec pause = {.tv_nsec = 1000000};
  for (uint64_t in_file = 0;; in_file++) {
    record.tick++;
    if (in_file == RECORDS_A_FILE) {
      close(file);
      rename(path, old);
      file = open_file(path);
      in_file = 0;
    }
    if (write(file, &record, sizeof record) != sizeof record)
      return 1;
    sendto(datagrams, &record, sizeof record, MSG_DONTWAIT, (struct sockaddr *)&collector, sizeof collector);
    tell_stream(&record);
    keep_silent(&record);
    nanosleep(&pause, 0);
  }
}
