/* The `http` and `tls` probes against servers of this machine: one that says byte for byte what the
 * test wants, and Python's TLS over OpenSSL with certificates of tests/data/probes/pki. */
#include "probe_support.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sys/prctl.h>

struct server {
    pid_t pid;
    int port;
};

static int server_socket(int *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    cr_assert(fd >= 0 && bind(fd, (void *)&a, n) == 0 && listen(fd, 16) == 0);
    cr_assert_eq(getsockname(fd, (void *)&a, &n), 0);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

/* Forks; the child's end does not hang on server_stop(), to which a test that fails never comes. */
static pid_t server_fork(void)
{
    pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

static void server_stop(struct server *s)
{
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
}
#define _server_ _cleanup_(server_stop)

/* The length of the head and of the body that it announces; 0 while the head is not whole. */
static size_t request_length(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *body = strcasestr(request, "\r\nContent-Length:");
    if (!end)
        return 0;
    size_t head = (size_t)(end - request) + 4;
    return body && body < end ? head + strtoul(strchr(body + 2, ':') + 1, NULL, 10) : head;
}

/* Ends a connection as servers do: what the other side still sends is read, because closing with
 * unread bytes resets the connection and may take the answer with it. */
static void hang_up(int fd)
{
    char rest[8192];
    shutdown(fd, SHUT_WR);
    while (read(fd, rest, sizeof rest) > 0)
        ;
    close(fd);
}

/* Reads a request, and answers with TEXT; DRIP: then one byte a tenth of a second. */
static void answer(int fd, const char *text, size_t len, bool drip)
{
    char head[8192] = "";
    size_t n = 0, whole;
    ssize_t got;
    while (n < sizeof head - 1 && (got = read(fd, head + n, sizeof head - 1 - n)) > 0) {
        n += (size_t)got;
        head[n] = '\0';
        if ((whole = request_length(head)) > 0 && n >= whole)
            break;
    }
    /* Something of the request can be asked back. */
    if (strstr(text, "ECHO"))
        text = head, len = n;
    const char *status = "HTTP/1.1 200 OK\r\n\r\n";
    if (text == head && write(fd, status, strlen(status)) < 0)
        return;
    for (size_t at = 0; at < len;) {
        ssize_t w = write(fd, text + at, len - at);
        if (w <= 0)
            return;
        at += (size_t)w;
    }
    while (drip && write(fd, "x", 1) == 1)
        poll(NULL, 0, 100);
}

static struct server serves_bytes(const char *text, size_t len, bool drip)
{
    struct server s = {0};
    int fd = server_socket(&s.port);
    s.pid = server_fork();
    if (s.pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        for (int c; (c = accept(fd, NULL, NULL)) >= 0;) {
            answer(c, text, len, drip);
            hang_up(c);
        }
        _exit(0);
    }
    close(fd);
    return s;
}

static void http_gives(
    const char *answer_text, const char *rule, const char *verdict, const char *seen)
{
    _server_ struct server s = serves_bytes(answer_text, strlen(answer_text), false);
    _free_ char *yaml = xasprintf("http: {url: \"http://127.0.0.1:%d/a?b=c\"%s}", s.port, rule);
    here_gives(yaml, verdict, seen);
}

#define OK "HTTP/1.1 200 OK\r\n"
#define JSON                                                                                       \
    OK "Content-Type: application/json\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n{\"status\": \"ok\", "       \
       "\"queue\": 3}"

Test(http, answers)
{
    static const struct {
        const char *answer, *rule, *verdict, *seen;
    } rows[] = {
        {JSON, "", "pass", "status 200 OK"},
        {JSON, ", status: 201", "fail", "status 200"},
        {JSON, ", status: [201, 200]", "pass", "status 200"},
        {JSON, ", body: {json: [{path: .status, equals: ok}, {path: .queue, max: 3}]}", "pass",
            ".queue is 3"},
        {JSON, ", body: {json: [{path: .status, equals: bad}]}", "fail", ".status is \"ok\""},
        {JSON, ", body: {contains: queue, lacks: error}", "pass", "contains \"queue\""},
        {JSON, ", body: hello", "fail", "something else"},
        {JSON, ", headers: {content-type: application/json, X-Two: \"1, 2\"}", "pass", "X-Two"},
        {JSON, ", headers: {Content-Type: {contains: html}}", "fail", "does not contain"},
        {JSON, ", headers: {X-Three: \"1\"}", "fail", "X-Three is not there"},
        {JSON, ", no_headers: [X-Three]", "pass", "no header X-Three"},
        {JSON, ", no_headers: [x-two]", "fail", "there is a header x-two"},
        {OK "\r\nECHO",
            ", method: POST, send: \"a=1\", with: {X-Mine: yours}, body: "
            "{contains: [\"POST /a?b=c HTTP/1.1\", \"X-Mine: yours\", "
            "\"User-Agent: labrun\"]}",
            "pass", "contains \"X-Mine: yours\""},
        /* What a service says that is not well is a finding. */
        {"HTTP/1.1 503 Sorry\r\nContent-Length: 0\r\n\r\n", "", "fail", "status 503 Sorry"},
        {"HTTP/1.1 301 Moved\r\nLocation: /b\r\n\r\n", ", status: 301, headers: {location: /b}",
            "pass", "status 301"},
        {OK "\r\nnot json", ", body: {json: [{path: .a}]}", "fail", "the body is not JSON"},
        {OK "\r\n{\"a\": NaN}", ", body: {json: [{path: .a}]}", "fail", "not JSON"},
        {OK "\r\n{\"a\": ", ", body: {json: [{path: .a}]}", "fail", "not JSON"},
        {OK "Content-Length: 100\r\n\r\nshort", "", "fail", "ended 95 bytes too early"},
        {OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ", body: hello", "pass",
            "is that"},
        {OK "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", "", "fail", "IncompleteRead"},
        {OK "Transfer-Encoding: chunked\r\n\r\n50\r\nhello\r\n", "", "fail", "IncompleteRead"},
        {OK "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n", "", "fail",
            "IncompleteRead"},
        {"", "", "fail", "was cut before a whole answer: RemoteDisconnected"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "", "fail", "BadStatusLine"},
        {"HTTP/1.1 abc\r\n\r\n", "", "fail", "BadStatusLine"},
        {OK "\r\n\xff\xfe\x1b[2J", ", body: {contains: \"[2J\"}", "pass", "\\x1b[2J"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        http_gives(rows[i].answer, rows[i].rule, rows[i].verdict, rows[i].seen);
}

Test(http, nul_bytes_and_too_many_headers)
{
    static const char nul[] = OK "\r\na\0b";
    _server_ struct server s = serves_bytes(nul, sizeof nul - 1, false);
    _free_ char *yaml =
        xasprintf("http: {url: \"http://127.0.0.1:%d\", body: {contains: b}}", s.port);
    here_gives(yaml, "pass", "contains \"b\"");
    static const char line[] = "HTTP/2\0 200 OK\r\n\r\n";
    _server_ struct server odd = serves_bytes(line, sizeof line - 1, false);
    _free_ char *no_http = xasprintf("http: {url: \"http://127.0.0.1:%d\"}", odd.port);
    here_gives(no_http, "fail", "the answer is not HTTP as it should be");
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, OK);
    for (int i = 0; i < 200; i++)
        strbuf_addf(&b, "X-%d: y\r\n", i);
    strbuf_adds(&b, "\r\n");
    http_gives(b.data, "", "fail", "HTTPException");
}

Test(http, ten_megabytes_of_body)
{
    _free_ char *huge = ten_megabytes();
    _free_ char *text = xasprintf("%s\r\n%s", OK, huge);
    http_gives(text, ", body: {contains: x}", "error", "too long");
    http_gives(text, "", "pass", "status 200");
}

/* A body as long as may be, of bytes for which JSON takes six times the room. */
Test(http, a_body_of_bytes_that_are_no_text)
{
    static const char bytes[] = "\xff\x01";
    for (size_t i = 0; i < 2; i++) {
        _free_ char *body = xmalloc(((size_t)1 << 20) + 1);
        memset(body, bytes[i], (size_t)1 << 20);
        memcpy(body, "begin", 5);
        body[(size_t)1 << 20] = '\0';
        _free_ char *text = xasprintf("%s\r\n%s", OK, body);
        http_gives(text, "", "pass", "status 200");
        http_gives(text, ", body: {contains: begin}", "pass", "body:\nbegin");
    }
}

Test(http, more_headers_than_a_client_reads)
{
    _strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, OK);
    for (int i = 0; i < 40; i++)
        strbuf_addf(&b, "X-%d: %060000d\r\n", i, i);
    strbuf_adds(&b, "\r\n");
    http_gives(b.data, "", "fail", "more than 64 KiB of headers");
}

Test(http, an_answer_that_never_ends)
{
    static const char begin[] = OK "\r\n";
    _server_ struct server s = serves_bytes(begin, sizeof begin - 1, true);
    _free_ char *yaml = xasprintf("http: {url: \"http://127.0.0.1:%d\", wait: 1s}", s.port);
    int64_t start = now_ms();
    here_gives(yaml, "fail", "no whole answer within 1 s");
    cr_assert_lt(now_ms() - start, 20000);
}

Test(http, nobody_there)
{
    int port, fd = server_socket(&port);
    close(fd);
    _free_ char *yaml = xasprintf("http: {url: \"http://127.0.0.1:%d/\"}", port);
    here_gives(yaml, "fail", "the connection was refused");
    here_gives("http: {url: \"http://no-such-host.invalid/\", wait: 2s}", "fail", "no address");
    here_gives(
        "http: {url: \"http://127.0.0.1/\", connect: \"::1\", family: ipv4}", "fail", "no address");
}

#define PKI TEST_DATA "/data/probes/pki/"

/* One connection after the other; what TLS does is all that is asked. */
static const char tls_server[] =
    "import socket, ssl, sys\n"
    "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    "c.load_cert_chain(sys.argv[1], sys.argv[2])\n"
    "c.set_ciphers('ALL:@SECLEVEL=0')\n"
    "c.minimum_version = getattr(ssl.TLSVersion, sys.argv[3])\n"
    "c.maximum_version = getattr(ssl.TLSVersion, sys.argv[4])\n"
    "s = socket.socket(fileno=3)\n"
    "while True:\n"
    "    try:\n"
    "        t = c.wrap_socket(s.accept()[0], server_side=True)\n"
    "        t.recv(8192)\n"
    "        t.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsecret')\n"
    "        t.close()\n"
    "    except OSError:\n"
    "        pass\n";

static struct server serves_tls(const char *cert, const char *oldest, const char *newest)
{
    struct server s = {0};
    int fd = server_socket(&s.port);
    s.pid = server_fork();
    if (s.pid == 0) {
        _free_ char *path = path_join(PKI, cert);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        dup2(fd, 3);
        execl("/usr/bin/python3", "python3", "-I", "-c", tls_server, path, PKI "web-key.pem",
            oldest, newest, NULL);
        _exit(127);
    }
    close(fd);
    return s;
}

struct tls_row {
    const char *cert, *oldest, *newest, *rule, *verdict, *seen;
};

Test(tls, certificates)
{
#define CA ", ca: " PKI "ca.pem"
    static const struct tls_row rows[] = {
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab" CA, "pass", "the certificate holds"},
        {"web.pem", "TLSv1_2", "TLSv1_3",
            ", name: www.lab, days_left: 365, version: TLSv1.3, oldest: TLSv1.2, issuer: Lab CA" CA,
            "pass", "TLSv1.1 is refused"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, verified: false" CA, "fail", "holds"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: 10.9.200.1" CA, "pass", "holds"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: \"fd09:200::1\"" CA, "pass", "holds"},
        {"web.pem", "TLSv1_2", "TLSv1_3", CA, "fail", "IP address mismatch"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, days_left: 90000" CA, "fail",
            "it is good for"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, issuer: Other CA" CA, "fail",
            "issued by"},
        {"web.pem", "TLSv1_2", "TLSv1_2", ", name: www.lab, version: TLSv1.3" CA, "fail",
            "TLSv1.2 was agreed on"},
        {"web.pem", "TLSv1", "TLSv1_3", ", name: www.lab, oldest: TLSv1.2" CA, "fail",
            "TLSv1.1 is let in"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, oldest: TLSv1.3" CA, "fail",
            "TLSv1.2 is let in"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab", "fail", "unable to get local issuer"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, verified: false", "pass",
            "unable to get local issuer"},
        {"other.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab" CA, "fail", "Hostname mismatch"},
        {"expired.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, days_left: 1" CA, "fail",
            "certificate has expired"},
        /* web.pem with other bytes in its names: the signature is wrong, and more than that. */
        {"odd-name.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab" CA, "fail",
            "its certificate cannot be verified: it cannot be read"},
        {"nul-name.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab" CA, "fail", "signature"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, ca: /no/such/file", "error",
            "cannot be read on here"},
        {"web.pem", "TLSv1_2", "TLSv1_3", ", name: www.lab, ca: /etc/hosts", "error",
            "cannot be read on here"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _server_ struct server s = serves_tls(rows[i].cert, rows[i].oldest, rows[i].newest);
        _free_ char *yaml =
            xasprintf("tls: {host: 127.0.0.1, port: %d%s, wait: 20s}", s.port, rows[i].rule);
        here_gives(yaml, rows[i].verdict, rows[i].seen);
    }
}

Test(tls, what_is_not_tls)
{
    static const char text[] = "220 mail.lab ESMTP\r\n";
    _server_ struct server s = serves_bytes(text, sizeof text - 1, false);
    _free_ char *yaml = xasprintf("tls: {host: 127.0.0.1, port: %d, wait: 2s}", s.port);
    here_gives(yaml, "fail", "");
    int port, fd = server_socket(&port);
    close(fd);
    _free_ char *none = xasprintf("tls: {host: 127.0.0.1, port: %d}", port);
    here_gives(none, "fail", "the connection was refused");
}

Test(https, body_over_tls)
{
    _server_ struct server good = serves_tls("web.pem", "TLSv1_2", "TLSv1_3");
    _server_ struct server bad = serves_tls("expired.pem", "TLSv1_2", "TLSv1_3");
    _free_ char *yaml = xasprintf("http: {url: \"https://www.lab:%d\", connect: 127.0.0.1, body: "
                                  "secret, wait: 20s" CA "}",
        good.port);
    here_gives(yaml, "pass", "the body is that");
    _free_ char *expired = xasprintf(
        "http: {url: \"https://www.lab:%d\", connect: 127.0.0.1, wait: 20s" CA "}", bad.port);
    here_gives(expired, "fail", "its certificate cannot be verified: certificate has expired");
    _free_ char *plain = xasprintf("http: {url: \"http://127.0.0.1:%d\", wait: 20s}", good.port);
    here_gives(plain, "fail", "");
}

static void recorded_gives(const char *kind, const char *out, const char *seen)
{
    _fixture_ struct probe_fixture f;
    fixture_init(&f, "/");
    f.out = out;
    _free_ char *yaml = xasprintf("%s: {%s}", kind,
        streq(kind, "tls") ? "host: a, oldest: TLSv1.2" : "url: \"http://a\", body: x");
    fixture_gives(&f, yaml, "error", seen);
}

/* The node's own program, should its answer be forged or cut. */
Test(web, odd_answers_are_errors)
{
    _free_ char *huge = ten_megabytes();
    static const char *const kinds[] = {"tls", "http"};
    for (size_t i = 0; i < 2; i++) {
        recorded_gives(kinds[i], "", "not JSON");
        recorded_gives(kinds[i], "{\"state\": \"answered\"", "not JSON");
        recorded_gives(kinds[i], "{\"state\": NaN}", "not JSON");
        recorded_gives(kinds[i], "[]", "lacks 'state'");
        recorded_gives(kinds[i], "{\"state\": \"fine\", \"text\": \"\"}", "'fine' is none");
        recorded_gives(kinds[i], "{\"state\": \"refused\"}", "lacks 'text'");
        recorded_gives(kinds[i], "{\"state\": \"answered\", \"text\": \"\"}", "lacks");
        recorded_gives(kinds[i],
            "{\"state\": \"answered\", \"text\": \"\", \"status\": \"200\", \"verified\": 1}",
            "lacks");
        recorded_gives(kinds[i], huge, "too long");
    }
}

Test(web, mistakes_have_a_place)
{
    static const char *const rows[][2] = {
        {"http: {}", "test:1:7: 'url' is missing\n"},
        {"http: {url: \"ftp://a\"}", "test:1:13: 'url' must begin with http:// or https://\n"},
        {"http: {url: \"http://a b\"}",
            "test:1:13: 'url' may only have printable ASCII characters and no spaces\n"},
        {"http: {url: \"http://me:pw@a/\"}",
            "test:1:13: 'url' has no sound host and port: write "
            "host, 10.0.0.1:8080 or [fd00::1]:8080\n"},
        {"http: {url: \"http://[fd00::1/\"}",
            "test:1:13: 'url' has no sound host and port: write "
            "host, 10.0.0.1:8080 or [fd00::1]:8080\n"},
        {"http: {url: \"http://a:99999/\"}",
            "test:1:13: 'url' has no sound host and port: write "
            "host, 10.0.0.1:8080 or [fd00::1]:8080\n"},
        {"http: {url: \"http://a/#b\"}", "test:1:13: 'url' has a fragment, which is never sent\n"},
        {"http: {url: \"http://a\", stats: 200}",
            "test:1:25: unknown key 'stats': did you mean 'status'?\n"},
        {"http: {url: \"http://a\", status: 99}",
            "test:1:33: 'status': expected a whole number from 100 to 599, got '99'\n"},
        {"http: {url: \"http://a\", ca: /lab/ca.pem}", "test:1:29: 'ca' goes with https\n"},
        {"http: {url: \"https://a\", ca: ca.pem}", "test:1:30: 'ca' must be an absolute path\n"},
        {"http: {url: \"http://a\", headers: {\"a b\": c}}",
            "test:1:35: 'a b' is not the name of a header\n"},
        {"http: {url: \"http://a\", with: {Host: c}}",
            "test:1:32: the host is that of 'url'; see 'connect'\n"},
        {"tls: {port: 443}", "test:1:6: 'host' is missing\n"},
        {"tls: {host: a, version: TLSv1.4}",
            "test:1:25: 'version': expected any, TLSv1, TLSv1.1, "
            "TLSv1.2 or TLSv1.3, got 'TLSv1.4'\n"},
        {"tls: {host: a, oldest: TLSv1}", "test:1:24: nothing is older than TLSv1\n"},
        {"tls: {host: a, conect: 10.0.0.1}",
            "test:1:16: unknown key 'conect': did you mean 'connect'?\n"},
        {"tls: {host: a, connect: b}", "test:1:25: 'b' is not an address\n"},
    };
    fixture_refuses("", rows, sizeof rows / sizeof rows[0], "");
}
