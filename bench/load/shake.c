/* The load generator for TLS handshakes: a connection for each request, from SYN to FIN, verified.
 *
 *   shake HOST PORT NAME PATH CA CONNECTIONS SECONDS
 *
 * wrk will not do: its SSL_clear keeps the session, so that what looks like new handshakes is resumed ones, and
 * with a server without TLS 1.3 quietly TLS 1.2. Here every handshake is a whole one, or an error.
 *
 * Prints one JSON object: operations, bytes, errors, lost, seconds. One thread, one epoll. IPv4 and TLS 1.3 only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum phase { CONNECTING, SHAKING, ANSWERED };

struct peer {
    int fd;
    enum phase phase;
    SSL *tls;
    size_t got;
    char head[16];
};

static struct {
    struct sockaddr_in to;
    int epoll;
    const char *name;
    char request[512];
    SSL_CTX *context;
    uint64_t operations, bytes, errors;
} run;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void start(struct peer *p) {
    int one = 1;
    p->phase = CONNECTING;
    p->got = 0;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (p->fd < 0) die("socket");
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(p->fd, (struct sockaddr *)&run.to, sizeof run.to) < 0 && errno != EINPROGRESS) run.errors++;
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = p};
    if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, p->fd, &e) < 0) die("epoll_ctl");
    if (!(p->tls = SSL_new(run.context))) die("SSL_new");
    SSL_set_fd(p->tls, p->fd);
    SSL_set_tlsext_host_name(p->tls, run.name);
    SSL_set1_host(p->tls, run.name);
}

static void restart(struct peer *p, int failed) {
    run.errors += failed;
    ERR_clear_error();
    SSL_free(p->tls);
    close(p->fd);
    start(p);
}

static int waits(struct peer *p, int done) {
    int why = SSL_get_error(p->tls, done);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static void shake(struct peer *p) {
    int done = SSL_connect(p->tls), size = strlen(run.request);
    if (done != 1) {
        if (!waits(p, done)) restart(p, 1);
    } else if (SSL_session_reused(p->tls) || SSL_write(p->tls, run.request, size) != size) {
        restart(p, 1);
    } else {
        p->phase = ANSWERED;
    }
}

/* All of the answer, to the close_notify that ends it or to FIN. */
static void hear(struct peer *p) {
    static char block[1 << 16];
    int n;
    while ((n = SSL_read(p->tls, block, sizeof block)) > 0) {
        for (int i = 0; i < n && p->got + i < sizeof p->head; i++) p->head[p->got + i] = block[i];
        p->got += n;
        run.bytes += n;
    }
    if (waits(p, n)) return;
    int fine = p->got > sizeof p->head && memcmp(p->head + 8, " 200", 4) == 0;
    run.operations += fine;
    if (SSL_get_error(p->tls, n) == SSL_ERROR_ZERO_RETURN) SSL_shutdown(p->tls);
    restart(p, !fine);
}

static void handle(struct peer *p, uint32_t events) {
    if (p->phase == CONNECTING) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
        epoll_ctl(run.epoll, EPOLL_CTL_MOD, p->fd, &e);
        p->phase = SHAKING;
        if (events & (EPOLLERR | EPOLLHUP)) restart(p, 1);
        else shake(p);
        return;
    }
    if (p->phase == SHAKING) shake(p);
    else hear(p);
}

static SSL_CTX *context(const char *ca) {
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    static const unsigned char http1[] = "\x08http/1.1";
    if (!made || SSL_CTX_load_verify_file(made, ca) != 1) die(ca);
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION);
    SSL_CTX_set_alpn_protos(made, http1, sizeof http1 - 1);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    return made;
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "usage: shake HOST PORT NAME PATH CA CONNECTIONS SECONDS\n");
        return 2;
    }
    run.to.sin_family = AF_INET;
    run.to.sin_port = htons(atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &run.to.sin_addr) != 1) die("address");
    run.name = argv[3];
    snprintf(run.request, sizeof run.request, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[4],
             run.name);
    run.context = context(argv[5]);
    run.epoll = epoll_create1(0);
    int count = atoi(argv[6]);
    struct peer *peers = calloc(count, sizeof *peers);
    struct epoll_event events[512];
    double began = now(), end = began + atof(argv[7]);
    for (int i = 0; i < count; i++) start(&peers[i]);
    while (now() < end) {
        int n = epoll_wait(run.epoll, events, 512, 100);
        for (int i = 0; i < n; i++) handle(events[i].data.ptr, events[i].events);
    }
    printf("{\"operations\": %lu, \"bytes\": %lu, \"errors\": %lu, \"lost\": 0, \"seconds\": %.6f}\n", run.operations,
           run.bytes, run.errors, now() - began);
    return 0;
}
