#include "server/door.h"

#include <stdio.h>
#include <string.h>

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

bool server_door_is_local(const char *url)
{
    return strncmp(url, "ipc://", 6) == 0 || strncmp(url, "tcp://127.", 10) == 0 ||
           strncmp(url, "tcp://localhost:", 16) == 0 || strncmp(url, "tcp://[::1]:", 12) == 0;
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
