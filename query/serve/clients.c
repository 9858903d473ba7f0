/* clients.c - see clients.h. A list under a mutex: it is walked once a second, and when somebody connects. */
#include "query/serve/clients.h"

#include "indexer/base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

struct client {
    struct client *next, *before;
    int socket;
    uint8_t address[ADDRESS_BYTES];
    bool is_local, is_cut;
    _Atomic int64_t deadline; /* microseconds */
};
struct clients {
    pthread_mutex_t mutex;
    struct client *first;
};

struct clients *clients_create(void) {
    struct clients *clients = memory_alloc_zeroed(1, sizeof *clients);
    if (clients) (void)pthread_mutex_init(&clients->mutex, NULL);
    return clients;
}

void clients_free(struct clients *clients) {
    if (!clients) return;
    (void)pthread_mutex_destroy(&clients->mutex);
    memory_free(clients);
}

struct client *clients_add(struct clients *clients, int socket, const uint8_t address[ADDRESS_BYTES], bool is_local,
                           double deadline) {
    struct client *client = memory_alloc_zeroed(1, sizeof *client);
    if (!client) return NULL;
    client->socket = socket;
    memcpy(client->address, address, sizeof client->address);
    client->is_local = is_local;
    client_set_deadline(client, deadline);
    (void)pthread_mutex_lock(&clients->mutex);
    client->next = clients->first;
    if (client->next) client->next->before = client;
    clients->first = client;
    (void)pthread_mutex_unlock(&clients->mutex);
    return client;
}

void clients_remove(struct clients *clients, struct client *client) {
    if (!client) return;
    (void)pthread_mutex_lock(&clients->mutex);
    if (client->next) client->next->before = client->before;
    if (client->before)
        client->before->next = client->next;
    else
        clients->first = client->next;
    (void)pthread_mutex_unlock(&clients->mutex);
    memory_free(client);
}

void client_set_deadline(struct client *client, double deadline) {
    atomic_store_explicit(&client->deadline, (int64_t)(deadline * 1e6), memory_order_relaxed);
}

const uint8_t *client_address(const struct client *client) {
    return client->address;
}

bool client_is_local(const struct client *client) {
    return client->is_local;
}

size_t clients_count_of(struct clients *clients, const uint8_t address[ADDRESS_BYTES]) {
    size_t count = 0;
    (void)pthread_mutex_lock(&clients->mutex);
    for (const struct client *client = clients->first; client; client = client->next)
        count += memcmp(client->address, address, sizeof client->address) == 0;
    (void)pthread_mutex_unlock(&clients->mutex);
    return count;
}

size_t clients_cut_off(struct clients *clients, double now) {
    size_t count = 0;
    (void)pthread_mutex_lock(&clients->mutex);
    for (struct client *client = clients->first; client; client = client->next) {
        if (client->is_cut || (double)atomic_load_explicit(&client->deadline, memory_order_relaxed) > now * 1e6) continue;
        client->is_cut = true;
        (void)shutdown(client->socket, SHUT_RDWR);
        count++;
    }
    (void)pthread_mutex_unlock(&clients->mutex);
    return count;
}
