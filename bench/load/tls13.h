/* A client of TLS 1.3 (RFC 8446), as small as one can be that checks what a client has to: X25519, AES-128-GCM
 * with SHA-256, ECDSA on P-256. OpenSSL's own would cost a load more than the handshake costs the servers it is to
 * measure: it reads both certificates anew each time, which is most of its work.
 *
 * Trust is not made here. The caller has the certificate verified once, by a whole handshake of OpenSSL's, and
 * gives the Certificate message that came and the key in it; another message than that one, octet for octet, is an
 * error in every handshake after. CertificateVerify and Finished are verified in each of them.
 * One key pair serves a whole run: the server's work is the same, and nothing here is a secret.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* the plain SHA-256, which is not looked up anew for each sum */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <string.h>

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum { SERVER_HELLO = 2, ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11, CERTIFICATE_VERIFY = 15, FINISHED = 20 };
enum { HEADER = 5, TAG = 16, HASH = SHA256_DIGEST_LENGTH, LARGEST = 16384 + 256, MESSAGES = 32768 };
enum tls_news { TLS_NOTHING, TLS_SHAKEN, TLS_CONTENT, TLS_CLOSED, TLS_WRONG };

static struct {
    uint8_t hello[512], derived[HASH];
    size_t size, random_at, session_at, share_at;
    EVP_PKEY_CTX *agree, *verify;
    EVP_CIPHER *gcm;
    uint8_t certificate[MESSAGES];
    size_t certificate_size;
} tls;

struct tls_side {
    EVP_CIPHER_CTX *gcm;
    uint8_t secret[HASH], iv[12];
    uint64_t records;
};

struct tls_end {
    struct tls_side in, out;
    SHA256_CTX transcript;
    uint8_t session[32], secret[HASH], messages[MESSAGES];
    size_t held;
    int expected; /* the next message, 0 once all have come */
};

/* -- the key schedule: 7.1 and RFC 5869 ------------------------------------------------------------------------- */

static void tls_hmac(const uint8_t *key, const uint8_t *data, size_t size, uint8_t *out) {
    uint8_t pad[2][SHA256_CBLOCK], inner[HASH];
    memset(pad[0], 0x36, sizeof pad[0]);
    memset(pad[1], 0x5c, sizeof pad[1]);
    for (int i = 0; i < 2 * HASH; i++) pad[i / HASH][i % HASH] ^= key[i % HASH];
    SHA256_CTX sum;
    SHA256_Init(&sum), SHA256_Update(&sum, pad[0], sizeof pad[0]), SHA256_Update(&sum, data, size);
    SHA256_Final(inner, &sum);
    SHA256_Init(&sum), SHA256_Update(&sum, pad[1], sizeof pad[1]), SHA256_Update(&sum, inner, HASH);
    SHA256_Final(out, &sum);
}

static void tls_expand(const uint8_t *secret, const char *label, const uint8_t *context, uint8_t *out, int size) {
    uint8_t info[128] = {0, size}, whole[HASH];
    int said = strlen(label), with = context ? HASH : 0, at = 3 + 6 + said;
    info[2] = 6 + said;
    memcpy(info + 3, "tls13 ", 6), memcpy(info + 9, label, said);
    info[at++] = with;
    if (with) memcpy(info + at, context, with);
    info[at + with] = 1;
    tls_hmac(secret, info, at + with + 1, whole);
    memcpy(out, whole, size);
}

static void tls_so_far(const struct tls_end *e, uint8_t *hash) {
    SHA256_CTX copy = e->transcript;
    SHA256_Final(hash, &copy);
}

static void tls_key(struct tls_side *s, const uint8_t *secret, const char *label, const uint8_t *hash) {
    uint8_t key[16];
    tls_expand(secret, label, hash, s->secret, HASH);
    tls_expand(s->secret, "key", NULL, key, sizeof key);
    tls_expand(s->secret, "iv", NULL, s->iv, sizeof s->iv);
    EVP_CipherInit_ex2(s->gcm, tls.gcm, key, NULL, -1, NULL);
    s->records = 0;
}

static void tls_next_secret(const uint8_t *secret, const uint8_t *input, uint8_t *out) {
    static uint8_t nothing[HASH];
    uint8_t derived[HASH], empty[HASH];
    SHA256(NULL, 0, empty);
    tls_expand(secret, "derived", empty, derived, HASH);
    tls_hmac(derived, input ? input : nothing, HASH, out);
}

/* -- records: 5.2 and 5.3 --------------------------------------------------------------------------------------- */

static void tls_nonce(struct tls_side *s, int sealing) {
    uint8_t iv[12];
    memcpy(iv, s->iv, sizeof iv);
    for (int i = 0; i < 8; i++) iv[4 + i] ^= s->records >> (56 - 8 * i);
    s->records++;
    EVP_CipherInit_ex2(s->gcm, NULL, NULL, iv, sealing, NULL);
}

/* The record that holds `size` octets of `type`, written to `out`; how long it is. */
static size_t tls_seal(struct tls_side *s, int type, const void *data, size_t size, uint8_t *out) {
    size_t length = size + 1 + TAG;
    int n;
    memcpy(out, (uint8_t[]){DATA, 3, 3, length >> 8, length}, HEADER);
    memcpy(out + HEADER, data, size);
    out[HEADER + size] = type;
    tls_nonce(s, 1);
    EVP_EncryptUpdate(s->gcm, NULL, &n, out, HEADER);
    EVP_EncryptUpdate(s->gcm, out + HEADER, &n, out + HEADER, size + 1);
    EVP_EncryptFinal_ex(s->gcm, out, &n);
    EVP_CIPHER_CTX_ctrl(s->gcm, EVP_CTRL_AEAD_GET_TAG, TAG, out + HEADER + size + 1);
    return HEADER + length;
}

/* Opens a record where it is; gives its true type, or 0 for one that was not sealed by the server. */
static int tls_open(struct tls_side *s, uint8_t *record, size_t *size) {
    int n, length = (int)*size - HEADER - TAG;
    if (length < 1) return 0;
    tls_nonce(s, 0);
    EVP_DecryptUpdate(s->gcm, NULL, &n, record, HEADER);
    EVP_DecryptUpdate(s->gcm, record + HEADER, &n, record + HEADER, length);
    EVP_CIPHER_CTX_ctrl(s->gcm, EVP_CTRL_AEAD_SET_TAG, TAG, record + HEADER + length);
    if (EVP_DecryptFinal_ex(s->gcm, record, &n) != 1) return 0;
    while (length && !record[HEADER + length - 1]) length--;
    if (!length) return 0;
    *size = length - 1;
    return record[HEADER + length - 1];
}

/* -- the client's messages -------------------------------------------------------------------------------------- */

static size_t tls_put(const void *data, size_t size) {
    memcpy(tls.hello + tls.size, data, size);
    return (tls.size += size) - size;
}

/* The ClientHello (4.1.2) for `name`: all but its random, session and key share is the same every time. */
static void tls_write_hello(const char *name, const uint8_t *share) {
    static uint8_t blank[32];
    int n = strlen(name);
    tls_put("\x16\x03\x01\0\0\x01\0\0\0\x03\x03", 11);
    tls.random_at = tls_put(blank, 32);
    tls_put("\x20", 1);
    tls.session_at = tls_put(blank, 32);
    tls_put("\0\x02\x13\x01\x01\0\0\0", 8); /* TLS_AES_128_GCM_SHA256, no compression */
    size_t extensions = tls.size;
    tls_put((uint8_t[]){0, 0, 0, n + 5, 0, n + 3, 0, 0, n}, 9), tls_put(name, n);
    tls_put("\0\x0a\0\x06\0\x04\0\x1d\0\x17", 10);             /* supported_groups: X25519, P-256 */
    tls_put("\0\x0d\0\x04\0\x02\x04\x03", 8);                  /* signature_algorithms: ecdsa_secp256r1_sha256 */
    tls_put("\0\x10\0\x0b\0\x09\x08http/1.1", 15);             /* ALPN */
    tls_put("\0\x2b\0\x03\x02\x03\x04\0\x2d\0\x02\x01\x01", 13); /* TLS 1.3; tickets would be used with (EC)DHE */
    tls_put("\0\x33\0\x26\0\x24\0\x1d\0\x20", 10), tls_put(share, 32);
    size_t record = tls.size - HEADER, message = record - 4, block = tls.size - extensions;
    tls.hello[3] = record >> 8, tls.hello[4] = record, tls.hello[7] = message >> 8, tls.hello[8] = message;
    tls.hello[extensions - 2] = block >> 8, tls.hello[extensions - 1] = block;
}

/* Readies everything for handshakes with `name`, whose verified key is `theirs`; 0 when that is not on P-256. */
static int tls_prepare(const char *name, EVP_PKEY *theirs) {
    uint8_t nothing[HASH] = {0}, share[32];
    size_t size = sizeof share;
    char curve[32] = "";
    EVP_PKEY *ours = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    EVP_PKEY_get_group_name(theirs, curve, sizeof curve, NULL);
    if (!ours || strcmp(curve, "prime256v1") || strlen(name) > 200) return 0;
    EVP_PKEY_get_raw_public_key(ours, share, &size);
    tls.agree = EVP_PKEY_CTX_new(ours, NULL), tls.verify = EVP_PKEY_CTX_new(theirs, NULL);
    tls.gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    tls_hmac(nothing, nothing, HASH, tls.derived); /* the early secret: there is no PSK */
    tls_write_hello(name, share);
    return tls.gcm && EVP_PKEY_derive_init(tls.agree) == 1 && EVP_PKEY_verify_init(tls.verify) == 1;
}

/* Begins a handshake: writes a ClientHello to `out`, and says how long it is. */
static size_t tls_begin(struct tls_end *e, uint8_t *out) {
    if (!e->in.gcm) e->in.gcm = EVP_CIPHER_CTX_new(), e->out.gcm = EVP_CIPHER_CTX_new();
    memcpy(out, tls.hello, tls.size);
    RAND_bytes(out + tls.random_at, 32), RAND_bytes(e->session, 32);
    memcpy(out + tls.session_at, e->session, 32);
    SHA256_Init(&e->transcript), SHA256_Update(&e->transcript, out + HEADER, tls.size - HEADER);
    e->held = 0, e->expected = SERVER_HELLO;
    return tls.size;
}

/* -- the server's messages -------------------------------------------------------------------------------------- */

/* 4.1.3. An unknown suite, group or version is wrong; so is a wish to begin again (4.1.4), which has no share. */
static int tls_server_hello(struct tls_end *e, const uint8_t *m, size_t size) {
    const uint8_t *share = NULL, *end = m + size, *at = m + 76;
    uint8_t agreed[32], hash[HASH];
    size_t n = sizeof agreed;
    int version = 0;
    if (size < 76 || m[38] != 32 || memcmp(m + 39, e->session, 32) || memcmp(m + 71, "\x13\x01\0", 3)) return 0;
    for (; end - at >= 4; at += 4 + (at[2] << 8 | at[3])) {
        if (end - at >= 40 && !memcmp(at, "\0\x33\0\x24\0\x1d\0\x20", 8)) share = at + 8;
        if (end - at >= 6 && !memcmp(at, "\0\x2b\0\x02\x03\x04", 6)) version = 1;
    }
    EVP_PKEY *theirs = share && version ? EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, share, 32) : NULL;
    int fine = theirs && EVP_PKEY_derive_set_peer(tls.agree, theirs) == 1 &&
               EVP_PKEY_derive(tls.agree, agreed, &n) == 1;
    EVP_PKEY_free(theirs);
    if (!fine) return 0;
    tls_next_secret(tls.derived, agreed, e->secret);
    tls_so_far(e, hash);
    tls_key(&e->in, e->secret, "s hs traffic", hash), tls_key(&e->out, e->secret, "c hs traffic", hash);
    return 1;
}

/* 4.4.3, over what was said before this message. */
static int tls_certificate_verify(const uint8_t *m, size_t size, const uint8_t *before) {
    uint8_t content[64 + 34 + HASH], digest[HASH];
    if (size < 8 || m[4] != 4 || m[5] != 3 || (size_t)(m[6] << 8 | m[7]) != size - 8) return 0;
    memset(content, ' ', 64), memcpy(content + 64, "TLS 1.3, server CertificateVerify", 34);
    memcpy(content + 98, before, HASH);
    SHA256(content, sizeof content, digest);
    return EVP_PKEY_verify(tls.verify, m + 8, size - 8, digest, HASH) == 1;
}

/* 4.4.4. */
static void tls_finished(const struct tls_side *s, const uint8_t *before, uint8_t *out) {
    uint8_t key[HASH];
    tls_expand(s->secret, "finished", NULL, key, HASH);
    tls_hmac(key, before, HASH, out);
}

static int tls_message(struct tls_end *e, const uint8_t *m, size_t size) {
    uint8_t before[HASH], mac[HASH];
    if (m[0] != e->expected) return 0;
    tls_so_far(e, before);
    SHA256_Update(&e->transcript, m, size);
    switch (m[0]) {
    case SERVER_HELLO: e->expected = ENCRYPTED_EXTENSIONS; return tls_server_hello(e, m, size);
    case ENCRYPTED_EXTENSIONS: e->expected = CERTIFICATE; return 1;
    case CERTIFICATE:
        e->expected = CERTIFICATE_VERIFY;
        return size == tls.certificate_size && !memcmp(m, tls.certificate, size);
    case CERTIFICATE_VERIFY: e->expected = FINISHED; return tls_certificate_verify(m, size, before);
    default:
        e->expected = 0;
        tls_finished(&e->in, before, mac);
        return size == 4 + HASH && !CRYPTO_memcmp(m + 4, mac, HASH);
    }
}

static enum tls_news tls_messages(struct tls_end *e, const uint8_t *content, size_t size) {
    if (!e->expected) return TLS_NOTHING; /* a ticket */
    if (e->held + size > MESSAGES) return TLS_WRONG;
    memcpy(e->messages + e->held, content, size);
    e->held += size;
    size_t at = 0;
    while (e->expected && e->held - at >= 4) {
        const uint8_t *m = e->messages + at;
        size_t whole = 4 + (m[1] << 16 | m[2] << 8 | m[3]);
        if (e->held - at < whole) break;
        if (!tls_message(e, m, whole)) return TLS_WRONG;
        at += whole;
    }
    e->held -= at;
    memmove(e->messages, e->messages + at, e->held);
    return e->expected ? TLS_NOTHING : TLS_SHAKEN;
}

/* One whole record of the server's. Content, if it is any, stands behind its header then, `*size` octets long. */
static enum tls_news tls_record(struct tls_end *e, uint8_t *record, size_t *size) {
    int type = record[0];
    if (type == CHANGE_CIPHER_SPEC && e->expected) return TLS_NOTHING; /* D.4 */
    if (e->expected == SERVER_HELLO) {
        return type == HANDSHAKE ? tls_messages(e, record + HEADER, *size - HEADER) : TLS_WRONG;
    }
    type = type == DATA ? tls_open(&e->in, record, size) : 0;
    if (type == HANDSHAKE) return tls_messages(e, record + HEADER, *size);
    if (type == DATA && !e->expected) return TLS_CONTENT;
    return type == ALERT && !e->expected && *size == 2 && !record[HEADER + 1] ? TLS_CLOSED : TLS_WRONG;
}

/* Once shaken: the client's Finished and its first content, in one piece (D.4 asks for the first six octets). */
static size_t tls_answer(struct tls_end *e, const void *content, size_t size, uint8_t *out) {
    uint8_t hash[HASH], message[4 + HASH] = {FINISHED, 0, 0, HASH}, master[HASH];
    tls_so_far(e, hash);
    tls_finished(&e->out, hash, message + 4);
    memcpy(out, "\x14\x03\x03\0\x01\x01", 6);
    size_t at = 6 + tls_seal(&e->out, HANDSHAKE, message, sizeof message, out + 6);
    tls_next_secret(e->secret, NULL, master);
    tls_key(&e->in, master, "s ap traffic", hash), tls_key(&e->out, master, "c ap traffic", hash);
    return at + tls_seal(&e->out, DATA, content, size, out + at);
}
