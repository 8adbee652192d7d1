/* The load generator for TLS handshakes: a connection for each request, from SYN to FIN, verified.
 *
 *   shake HOST PORT NAME PATH CA CONNECTIONS SECONDS
 *
 * wrk will not do: its SSL_clear keeps the session, so that what looks like new handshakes is resumed ones, and
 * with a server without TLS 1.3 quietly TLS 1.2. Here every handshake is a whole one, or an error.
 *
 * The first is OpenSSL's, and verifies everything: chain, name, dates. All others (tls13.h) are held to the same
 * certificates, octet for octet, and to a signature by their key; so the load costs less than what it measures.
 *
 * Prints one JSON object: operations, bytes, errors, lost, seconds. One thread, one epoll. IPv4 and TLS 1.3 only.
 */
#define _GNU_SOURCE
#include "tls13.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct peer {
    int fd;
    struct tls_end tls;
    uint8_t in[HEADER + LARGEST];
    size_t held, got;
    char head[16];
};

static struct {
    struct sockaddr_in to;
    int epoll;
    const char *name;
    char request[512];
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

static void start(struct peer *p);

static void restart(struct peer *p, int failed) {
    run.errors += failed;
    close(p->fd);
    start(p);
}

static void greet(struct peer *p) {
    uint8_t hello[sizeof tls.hello];
    size_t size = tls_begin(&p->tls, hello);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(run.epoll, EPOLL_CTL_MOD, p->fd, &e);
    if (write(p->fd, hello, size) != (ssize_t)size) run.errors++;
}

static void start(struct peer *p) {
    int one = 1;
    p->got = p->held = 0;
    p->tls.expected = -1; /* not connected yet */
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (p->fd < 0) die("socket");
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(p->fd, (struct sockaddr *)&run.to, sizeof run.to) < 0 && errno != EINPROGRESS) run.errors++;
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = p};
    if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, p->fd, &e) < 0) die("epoll_ctl");
}

static void ask(struct peer *p) {
    uint8_t answer[1024];
    size_t size = tls_answer(&p->tls, run.request, strlen(run.request), answer);
    if (write(p->fd, answer, size) != (ssize_t)size) run.errors++;
}

static void keep(struct peer *p, const uint8_t *content, size_t size) {
    for (size_t i = 0; i < size && p->got + i < sizeof p->head; i++) p->head[p->got + i] = content[i];
    p->got += size;
    run.bytes += size;
}

/* The end: all of an answer came before it, or it is an error. */
static void leave(struct peer *p, int notified) {
    uint8_t record[64];
    int fine = p->got > sizeof p->head && memcmp(p->head + 8, " 200", 4) == 0;
    run.operations += fine;
    if (notified) {
        size_t size = tls_seal(&p->tls.out, ALERT, "\x01", 2, record);
        if (write(p->fd, record, size) < 0 && errno != EPIPE && errno != ECONNRESET) die("write");
    }
    restart(p, !fine);
}

/* Takes every whole record; 0 when the connection is over. */
static int take(struct peer *p) {
    size_t at = 0;
    while (p->held - at >= HEADER) {
        uint8_t *record = p->in + at;
        size_t size = HEADER + (record[3] << 8 | record[4]), whole = size;
        if (size > sizeof p->in) return restart(p, 1), 0;
        if (p->held - at < size) break;
        switch (tls_record(&p->tls, record, &size)) {
        case TLS_WRONG: return restart(p, 1), 0;
        case TLS_CLOSED: return leave(p, 1), 0;
        case TLS_SHAKEN: ask(p); break;
        case TLS_CONTENT: keep(p, record + HEADER, size); break;
        case TLS_NOTHING: break;
        }
        at += whole;
    }
    p->held -= at;
    memmove(p->in, p->in + at, p->held);
    return 1;
}

static void handle(struct peer *p, uint32_t events) {
    if (p->tls.expected < 0) {
        if (events & (EPOLLERR | EPOLLHUP)) restart(p, 1);
        else greet(p);
        return;
    }
    ssize_t n;
    do {
        n = read(p->fd, p->in + p->held, sizeof p->in - p->held);
        if (n > 0) p->held += n;
    } while (n > 0 && take(p) && p->held + n == sizeof p->in);
    if (n == 0 || (n < 0 && errno != EAGAIN)) leave(p, 0);
}

/* Notes the server's Certificate as it came. */
static void note(int sent, int version, int type, const void *data, size_t size, SSL *ssl, void *unused) {
    (void)version, (void)ssl, (void)unused;
    if (sent || type != SSL3_RT_HANDSHAKE || *(const uint8_t *)data != CERTIFICATE) return;
    if (size > sizeof tls.certificate) die("certificates too long");
    memcpy(tls.certificate, data, tls.certificate_size = size);
}

static SSL_CTX *context(const char *ca) {
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    static const unsigned char http1[] = "\x08http/1.1";
    if (!made || SSL_CTX_load_verify_file(made, ca) != 1) die(ca);
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION);
    SSL_CTX_set_alpn_protos(made, http1, sizeof http1 - 1);
    SSL_CTX_set_msg_callback(made, note);
    return made;
}

/* One whole handshake, verified by OpenSSL; 0 when the server is not to be trusted. */
static int trust(const char *ca) {
    SSL_CTX *with = context(ca);
    SSL *ssl = SSL_new(with);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!ssl || connect(fd, (struct sockaddr *)&run.to, sizeof run.to) < 0) die("connect");
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, run.name);
    SSL_set1_host(ssl, run.name);
    int trusted = SSL_connect(ssl) == 1 && SSL_get_verify_result(ssl) == X509_V_OK;
    if (trusted && !tls_prepare(run.name, X509_get0_pubkey(SSL_get0_peer_certificate(ssl)))) die("no key on P-256");
    SSL_shutdown(ssl), SSL_free(ssl), SSL_CTX_free(with), close(fd);
    return trusted;
}

static void load(int count, double end) {
    struct peer *peers = calloc(count, sizeof *peers);
    struct epoll_event events[512];
    for (int i = 0; i < count; i++) start(&peers[i]);
    while (now() < end) {
        int n = epoll_wait(run.epoll, events, 512, 100);
        for (int i = 0; i < n; i++) handle(events[i].data.ptr, events[i].events);
    }
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "usage: shake HOST PORT NAME PATH CA CONNECTIONS SECONDS\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    run.to.sin_family = AF_INET;
    run.to.sin_port = htons(atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &run.to.sin_addr) != 1) die("address");
    run.name = argv[3];
    snprintf(run.request, sizeof run.request, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[4],
             run.name);
    run.epoll = epoll_create1(0);
    double began = now(), end = began + atof(argv[7]);
    if (trust(argv[5])) load(atoi(argv[6]), end);
    else run.errors++;
    printf("{\"operations\": %lu, \"bytes\": %lu, \"errors\": %lu, \"lost\": 0, \"seconds\": %.6f}\n", run.operations,
           run.bytes, run.errors, now() - began);
    return 0;
}
