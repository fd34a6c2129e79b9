/* Doubly linked lists whose links stand inside what they link. */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include <stdbool.h>
#include <stddef.h>

/* A head, or a member's link; a link in no list points to itself. */
struct client_link {
    struct client_link *next;
    struct client_link *previous;
};

/* The struct of the given type whose member is at link. */
#define CLIENT_OF(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void client_link_init(struct client_link *link)
{
    link->next = link;
    link->previous = link;
}

static inline bool client_link_empty(const struct client_link *head)
{
    return head->next == head;
}

static inline void client_link_append(struct client_link *head, struct client_link *link)
{
    link->previous = head->previous;
    link->next = head;
    head->previous->next = link;
    head->previous = link;
}

/* Also for a link in no list. */
static inline void client_link_remove(struct client_link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    client_link_init(link);
}

#endif
