/* Echo in one thread of C on epoll: what the kernel alone costs.
 *
 *   epoll_echo tcp|udp ADDRESS PORT
 *
 * TCP: level-triggered; what the client does not take waits in the connection, which is then not read.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    int fd;
    size_t from, to; /* what waits in `held` */
    char *held;
};

enum { ROOM = 256 * 1024, EVENTS = 256 };

static char block[ROOM];
static int queue;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(struct client *c, int op, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(queue, op, c->fd, &event) < 0) die("epoll_ctl");
}

static void leave(struct client *c) {
    close(c->fd);
    free(c->held);
    free(c);
}

static void take(int listener) {
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct client *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->fd = fd;
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

/* Keeps what was not taken, and waits for room instead of data. */
static void hold(struct client *c, const char *rest, size_t size) {
    if (!c->held && !(c->held = malloc(ROOM))) die("malloc");
    memcpy(c->held, rest, size);
    c->from = 0;
    c->to = size;
    watch(c, EPOLL_CTL_MOD, EPOLLOUT);
}

static void readable(struct client *c) {
    ssize_t got = recv(c->fd, block, sizeof block, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return leave(c);
    ssize_t sent = send(c->fd, block, got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return leave(c);
    if (sent < 0) sent = 0;
    if (sent < got) hold(c, block + sent, got - sent);
}

static void writable(struct client *c) {
    ssize_t sent = send(c->fd, c->held + c->from, c->to - c->from, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return leave(c);
    c->from += sent;
    if (c->from == c->to) watch(c, EPOLL_CTL_MOD, EPOLLIN);
}

static void tcp(int listener) {
    struct client self = {.fd = listener};
    struct epoll_event ready[EVENTS];
    if (listen(listener, 4096) < 0) die("listen");
    if ((queue = epoll_create1(0)) < 0) die("epoll_create1");
    watch(&self, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        int count = epoll_wait(queue, ready, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct client *c = ready[i].data.ptr;
            if (c == &self) take(listener);
            else if (ready[i].events & EPOLLOUT) writable(c);
            else readable(c);
        }
    }
}

static void udp(int fd) {
    int room = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    for (;;) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t got = recvfrom(fd, block, sizeof block, 0, (struct sockaddr *)&from, &length);
        if (got >= 0) sendto(fd, block, got, 0, (struct sockaddr *)&from, length);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "epoll_echo tcp|udp ADDRESS PORT\n"), 2;
    int one = 1, datagrams = !strcmp(argv[1], "udp");
    int fd = socket(AF_INET, datagrams ? SOCK_DGRAM : SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[3]))};
    inet_pton(AF_INET, argv[2], &at.sin_addr);
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0) die("bind");
    if (datagrams) udp(fd);
    tcp(fd);
}
