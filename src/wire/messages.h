/* The generated message structs and descriptors: the one place through which they are included. */
#ifndef WIRE_MESSAGES_H
#define WIRE_MESSAGES_H

#include "grpc/health/v1/health.pb-c.h"
#include "hirsch/rpc/v1/envelope.pb-c.h"
#include "hirsch/v1/author.pb-c.h"
#include "hirsch/v1/dataset.pb-c.h"
#include "hirsch/v1/metrics.pb-c.h"
#include "hirsch/v1/paper.pb-c.h"
#include "hirsch/v1/record.pb-c.h"

#endif
