/* How many columns of a terminal a character takes, without asking the locale. */
#ifndef CLI_WIDTH_H
#define CLI_WIDTH_H

#include "base/bytes.h"

/* 0 for marks that join the character before them, 2 for wide East Asian characters and emoji,
 * else 1. Control characters count 1: nobody may send them to a terminal (see text.h). */
unsigned cli_columns_of(uint32_t code);

#endif
