/* address.c - see address.h. */
#include "query/serve/address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool address_is_ipv4(const uint8_t address[ADDRESS_BYTES]) {
    return memcmp(address, mapped, sizeof mapped) == 0;
}

void address_of_peer(const struct sockaddr *peer, uint8_t address[ADDRESS_BYTES], bool *is_local) {
    static const uint8_t local[ADDRESS_BYTES] = {[15] = 1};
    if (peer && peer->sa_family == AF_INET) {
        memcpy(address, mapped, sizeof mapped);
        memcpy(address + 12, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    } else if (peer && peer->sa_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, ADDRESS_BYTES);
    } else {
        memcpy(address, local, ADDRESS_BYTES);
    }
    *is_local = memcmp(address, local, ADDRESS_BYTES) == 0 || (address_is_ipv4(address) && address[12] == 127);
}

bool address_parse(struct view text, uint8_t address[ADDRESS_BYTES]) {
    char copy[ADDRESS_TEXT];
    if (text.size == 0 || text.size >= sizeof copy) return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (inet_pton(AF_INET6, copy, address) == 1) return true;
    if (inet_pton(AF_INET, copy, address + 12) != 1) return false;
    memcpy(address, mapped, sizeof mapped);
    return true;
}

void address_text(const uint8_t address[ADDRESS_BYTES], char text[ADDRESS_TEXT]) {
    if (address_is_ipv4(address))
        (void)inet_ntop(AF_INET, address + 12, text, ADDRESS_TEXT);
    else
        (void)inet_ntop(AF_INET6, address, text, ADDRESS_TEXT);
}

bool address_range_parse(const char *text, struct address_range *range) {
    const char *slash = strchr(text, '/');
    const size_t size = slash ? (size_t)(slash - text) : strlen(text);
    const bool is_old = !memchr(text, ':', size);
    unsigned most = is_old ? 32 : 128, bits = 0;
    if (!address_parse(view_of(text, size), range->bytes)) return false;
    for (const char *digit = slash ? slash + 1 : ""; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || bits > most) return false;
        bits = bits * 10 + (unsigned)(*digit - '0');
    }
    if (slash && (slash[1] == '\0' || bits > most)) return false;
    range->bits = (slash ? bits : most) + (is_old ? 96 : 0);
    return true;
}

bool address_range_has(const struct address_range *range, const uint8_t address[ADDRESS_BYTES]) {
    const unsigned whole = range->bits / 8, rest = range->bits % 8;
    if (memcmp(range->bytes, address, whole) != 0) return false;
    return rest == 0 || ((range->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}
