/* Finding a method by its name, and the names of services. */
#ifndef RPC_METHODS_H
#define RPC_METHODS_H

#include "rpc/rpc.h"

struct rpc_methods;

/* Rows of both tables, which are borrowed. A name that stands twice is our own mistake. */
enum base_code rpc_methods_new(const struct rpc_method *first, const struct rpc_method *second,
                               struct rpc_methods **methods, struct base_error *error);
void rpc_methods_free(struct rpc_methods *methods);

/* INVALID_ARGUMENT: no name of the form `package.Service/Method`. UNIMPLEMENTED: nothing of that
 * name; the text says whether the service or the method is missing. */
enum base_code rpc_methods_find(const struct rpc_methods *methods, struct base_slice name,
                                const struct rpc_method **method, struct base_error *error);

/* Rows are numbered from 0 on; NULL (no such method) has the number behind the last. */
size_t rpc_methods_count(const struct rpc_methods *methods);
size_t rpc_methods_index(const struct rpc_methods *methods, const struct rpc_method *method);
/* NULL: index is that of no method. */
const struct rpc_method *rpc_methods_at(const struct rpc_methods *methods, size_t index);

/* Is there a method of that service? */
bool rpc_methods_has_service(const struct rpc_methods *methods, struct base_slice service);

#endif
