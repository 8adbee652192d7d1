/* The load generator for what no well-kept tool loads: TCP echo, UDP echo and tunnels.
 *
 *   wire ping   HOST PORT CONNECTIONS SIZE SECONDS     TCP echo, one message in flight a connection
 *   wire bulk   HOST PORT CONNECTIONS SECONDS          TCP echo, 64 KiB writes as fast as they are taken
 *   wire dgram  HOST PORT SOCKETS WINDOW SIZE SECONDS [RATE]   UDP echo, WINDOW in flight a socket, or RATE/s in all
 *   wire open   HOST PORT CONNECTIONS SECONDS TARGET   CONNECT TARGET, one byte echoed through it, close, again
 *   wire down   HOST PORT CONNECTIONS SECONDS [TARGET] reads what `wire source` sends, through a tunnel if TARGET
 *   wire up     HOST PORT CONNECTIONS SECONDS [TARGET] writes what `wire sink` reads, through a tunnel if TARGET
 *   wire source HOST PORT                              sends without end to whoever connects
 *   wire sink   HOST PORT                              reads to the end what whoever connects sends
 *
 * Prints one JSON object: operations, bytes, errors, lost, seconds. One thread, one epoll. IPv4 only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum mode { PING, BULK, DGRAM, OPEN, DOWN, UP, SOURCE, SINK };
enum phase { CONNECTING, ASKED, MOVING };

struct peer {
    int fd;
    enum phase phase;
    size_t got, sent, in_flight;
    char head[1024];
};

static struct {
    enum mode mode;
    struct sockaddr_in to;
    int epoll, count;
    size_t size, window;
    double rate;
    const char *target;
    uint64_t operations, bytes, errors, sent, received;
} run;

enum { PIECE = 1 << 16, ROOM = 1 << 18 };

static char block[ROOM];
static int stock; /* what bulk is sent from: PIECE bytes of memory as a file */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct peer *p, uint32_t events, int op) {
    struct epoll_event e = {.events = events, .data.ptr = p};
    if (epoll_ctl(run.epoll, op, p->fd, &e) < 0) die("epoll_ctl");
}

static void start(struct peer *p) {
    int one = 1, kind = run.mode == DGRAM ? SOCK_DGRAM : SOCK_STREAM;
    memset(p, 0, sizeof *p);
    p->fd = socket(AF_INET, kind | SOCK_NONBLOCK, 0);
    if (p->fd < 0) die("socket");
    if (kind == SOCK_STREAM) setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    else {
        int room = 4 << 20;
        setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    }
    if (connect(p->fd, (struct sockaddr *)&run.to, sizeof run.to) < 0 && errno != EINPROGRESS) run.errors++;
    watch(p, kind == SOCK_DGRAM ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    if (kind == SOCK_DGRAM) p->phase = MOVING;
}

static void restart(struct peer *p, int failed) {
    struct linger hard = {1, 0}; /* no TIME_WAIT: thousands of tunnels a second would use up the ports */
    run.errors += failed;
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(p->fd);
    start(p);
}

static int sent(struct peer *p, ssize_t done) {
    if (done < 0) return errno == EAGAIN ? 0 : -1;
    p->sent += done;
    return (int)done;
}

static int put(struct peer *p, const char *data, size_t n) {
    return sent(p, send(p->fd, data, n, MSG_NOSIGNAL));
}

/* Bulk is lent to the kernel, and taken back unseen (tcp(7), MSG_TRUNC): a load that copied what the server copies
 * would be as slow as the server, and show one figure for all that are faster. */
static ssize_t lend(int fd) {
    off_t at = 0;
    return sendfile(fd, stock, &at, PIECE);
}

static ssize_t drop(int fd) {
    return recv(fd, NULL, ROOM, MSG_TRUNC);
}

static void begin(struct peer *p) {
    p->phase = MOVING;
    p->got = p->sent = 0;
    watch(p, run.mode == BULK || run.mode == UP ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    if (run.mode == PING && put(p, block, run.size) < 0) restart(p, 1);
    if (run.mode == OPEN && put(p, "x", 1) < 0) restart(p, 1);
}

static void ask(struct peer *p) {
    char text[512];
    if (!run.target) {
        begin(p);
        return;
    }
    int n = snprintf(text, sizeof text, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", run.target, run.target);
    p->phase = ASKED;
    watch(p, EPOLLIN, EPOLL_CTL_MOD);
    if (put(p, text, n) != n) restart(p, 1);
}

static void answered(struct peer *p) {
    ssize_t n = recv(p->fd, p->head + p->got, sizeof p->head - 1 - p->got, 0);
    if (n <= 0) {
        if (!(n < 0 && errno == EAGAIN)) restart(p, 1);
        return;
    }
    p->got += n;
    p->head[p->got] = 0;
    char *end = strstr(p->head, "\r\n\r\n");
    if (!end) return;
    if (memcmp(p->head + 8, " 200", 4) != 0) {
        restart(p, 1);
        return;
    }
    run.bytes += p->head + p->got - (end + 4);
    begin(p);
}

static void moved(struct peer *p) {
    ssize_t n = run.mode == BULK || run.mode == DOWN ? drop(p->fd) : recv(p->fd, block, run.size, 0);
    if (n <= 0) {
        if (!(n < 0 && errno == EAGAIN)) restart(p, 1);
        return;
    }
    run.bytes += n;
    p->got += n;
    if (run.mode == OPEN) {
        run.operations++;
        restart(p, 0);
    } else if (run.mode == PING && p->got >= run.size) {
        run.operations++;
        p->got = 0;
        if (put(p, block, run.size) != (int)run.size) restart(p, 1);
    }
}

/* An echo may be a megabyte behind; of what nothing comes back, the kernel's own buffers are the bound. */
static void pour(struct peer *p) {
    if (run.mode == UP) {
        for (int n; (n = sent(p, lend(p->fd))) > 0;) run.bytes += n;
        return;
    }
    while (p->sent - p->got < (1u << 20) && sent(p, lend(p->fd)) > 0) continue;
}

static void throw_datagrams(struct peer *p, size_t most) {
    while (p->in_flight < run.window && most-- > 0) {
        if (send(p->fd, block, run.size, 0) != (ssize_t)run.size) break;
        p->in_flight++;
        run.sent++;
    }
}

static void catch_datagrams(struct peer *p) {
    for (ssize_t n; (n = recv(p->fd, block, sizeof block, 0)) >= 0;) {
        if ((size_t)n != run.size) run.errors++;
        run.received++;
        run.operations++;
        run.bytes += n;
        if (p->in_flight) p->in_flight--;
    }
    if (run.rate == 0) throw_datagrams(p, run.window);
}

static void handle(struct peer *p, uint32_t events) {
    if (run.mode == DGRAM) catch_datagrams(p);
    else if (events & (EPOLLERR | EPOLLHUP) && p->phase == CONNECTING) restart(p, 1);
    else if (p->phase == CONNECTING) ask(p);
    else if (p->phase == ASKED) answered(p);
    else {
        if (events & EPOLLIN) moved(p);
        if (events & EPOLLOUT && p->phase == MOVING) pour(p);
    }
}

/* Datagrams lost on the way would stall a window for ever: once nothing moves, they are written off. */
static void write_off(struct peer *peers) {
    for (int i = 0; i < run.count; i++) {
        peers[i].in_flight = 0;
        throw_datagrams(&peers[i], run.window);
    }
}

static void pace(struct peer *peers, double elapsed) {
    static int next;
    while (run.sent < run.rate * elapsed) {
        struct peer *p = &peers[next++ % run.count];
        p->in_flight = 0;
        uint64_t before = run.sent;
        throw_datagrams(p, 1);
        if (run.sent == before) break;
    }
}

static void loop(struct peer *peers, double seconds) {
    struct epoll_event events[512];
    double began = now(), end = began + seconds;
    for (int i = 0; i < run.count; i++) start(&peers[i]);
    if (run.mode == DGRAM && run.rate == 0) write_off(peers);
    for (double t; (t = now()) < end;) {
        if (run.rate > 0) pace(peers, t - began);
        int n = epoll_wait(run.epoll, events, 512, run.rate > 0 ? 0 : 100);
        for (int i = 0; i < n; i++) handle(events[i].data.ptr, events[i].events);
        if (n == 0 && run.mode == DGRAM && run.rate == 0) write_off(peers);
    }
    if (run.mode != DGRAM) return;
    run.window = 0;
    for (int n; (n = epoll_wait(run.epoll, events, 512, 200)) > 0;)
        for (int i = 0; i < n; i++) handle(events[i].data.ptr, events[i].events);
}

static int serve(int fd) {
    ssize_t n = run.mode == SINK ? drop(fd) : lend(fd);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static void far_end(void) {
    int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = server}, events[64];
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&run.to, sizeof run.to) < 0 || listen(server, 4096) < 0) die("listen");
    epoll_ctl(run.epoll, EPOLL_CTL_ADD, server, &e);
    for (;;) {
        int n = epoll_wait(run.epoll, events, 64, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == server) {
                e.events = run.mode == SINK ? EPOLLIN : EPOLLOUT;
                e.data.fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
                if (e.data.fd >= 0) epoll_ctl(run.epoll, EPOLL_CTL_ADD, e.data.fd, &e);
            } else if (!serve(fd)) close(fd);
        }
    }
}

int main(int argc, char **argv) {
    static const char *names[] = {"ping", "bulk", "dgram", "open", "down", "up", "source", "sink"};
    static const int least[] = {7, 6, 8, 7, 6, 6, 4, 4}, modes = 8;
    int mode = 0;
    while (argc > 3 && mode < modes && strcmp(argv[1], names[mode])) mode++;
    if (argc < 4 || mode == modes || argc < least[mode]) {
        fprintf(stderr, "usage: wire ping|bulk|dgram|open|down|up|source|sink HOST PORT …\n");
        return 2;
    }
    run.mode = mode;
    run.to.sin_family = AF_INET;
    run.to.sin_port = htons(atoi(argv[3]));
    if (inet_pton(AF_INET, argv[2], &run.to.sin_addr) != 1) die("address");
    run.epoll = epoll_create1(0);
    memset(block, 'w', sizeof block);
    signal(SIGPIPE, SIG_IGN); /* sendfile knows no MSG_NOSIGNAL */
    if ((stock = memfd_create("bulk", MFD_CLOEXEC)) < 0 || write(stock, block, PIECE) != PIECE) die("memfd");
    if (mode >= SOURCE) far_end();
    run.count = atoi(argv[4]);
    double seconds = atof(argv[mode == PING ? 6 : mode == DGRAM ? 7 : 5]);
    run.size = mode == PING ? atoi(argv[5]) : mode == DGRAM ? atoi(argv[6]) : 1;
    run.window = mode == DGRAM ? atoi(argv[5]) : 0;
    run.rate = mode == DGRAM && argc > 8 ? atof(argv[8]) : 0;
    run.target = mode >= OPEN && argc > 6 ? argv[6] : NULL;
    struct peer *peers = calloc(run.count, sizeof *peers);
    double began = now();
    loop(peers, seconds);
    printf("{\"operations\": %lu, \"bytes\": %lu, \"errors\": %lu, \"lost\": %lu, \"seconds\": %.6f}\n",
           run.operations, run.bytes, run.errors, run.mode == DGRAM ? run.sent - run.received : 0,
           run.mode == DGRAM ? seconds : now() - began);
    return 0;
}
