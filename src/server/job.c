#include "server/job.h"

volatile int server_stop_requested;
