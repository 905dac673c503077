// The pod's first process: keeps its namespaces alive and reaps what is orphaned into it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int signal) {
  (void)signal;
  while (waitpid(-1, 0, WNOHANG) > 0) {
  }
}

static void leave(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  struct sigaction on_child = {.sa_handler = reap};
  sigaction(SIGCHLD, &on_child, 0);
  signal(SIGINT, leave);
  signal(SIGTERM, leave);
  for (;;)
    pause();
}
