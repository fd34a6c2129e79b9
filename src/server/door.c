#include "server/door.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char TCP[] = "tcp://";

enum base_code server_door_url(const char *listen, bool has_keys, char url[NET_URL],
                               struct base_error *error)
{
    const char *meant = listen;
    if (strcmp(listen, "auto") == 0) {
        meant = has_keys ? "tcp://*:7700" : "tcp://127.0.0.1:7700";
    }
    int length = snprintf(url, NET_URL, "%s", meant);
    if (length < 0 || length >= NET_URL) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "%.40s…: an address of more than %d bytes",
                         listen, NET_URL - 1);
    }
    return BASE_OK;
}

/* 127.0.0.0/8 in digits: a name that begins with 127 is a name like any other. */
static bool is_loopback(const char *host, size_t size)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    if (size >= sizeof text) {
        return false;
    }
    memcpy(text, host, size);
    text[size] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

bool server_door_is_local(const char *url)
{
    if (strncmp(url, TCP, strlen(TCP)) != 0) {
        return true;
    }
    const char *host = url + strlen(TCP);
    return is_loopback(host, strcspn(host, ":")) || strncmp(host, "localhost:", 10) == 0 ||
           strncmp(host, "[::1]:", 6) == 0;
}

enum base_code server_door_check(const char *url, bool has_keys, bool insecure,
                                 struct base_error *error)
{
    if (has_keys || insecure || server_door_is_local(url)) {
        return BASE_OK;
    }
    return base_fail(error, BASE_FAILED_PRECONDITION,
                     "%s: other machines could reach this address, and the data directory holds no "
                     "keys; make one (hirschd key create --data DIR), listen on 127.0.0.1, or say "
                     "--insecure to let everybody in who reaches it",
                     url);
}
