/* Pages that must not change by a byte: tests/unit/pages. HIRSCH_WRITE_PAGES=1 writes them anew. */
#ifndef SUPPORT_PAGES_H
#define SUPPORT_PAGES_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"

/* Compares with the file NAME_SCREEN.txt, without a screen NAME.csv. */
static inline void pages_compare(const char *name, const char *screen,
                                 const struct base_buffer *page)
{
    static char expected[64 * 1024];
    char path[1024];
    const char *slash = strrchr(__FILE__, '/');
    int folder = slash == NULL ? 0 : (int)(slash - __FILE__ + 1);
    snprintf(path, sizeof path, "%.*s../unit/pages/%s%s%s%s", folder, __FILE__, name,
             screen == NULL ? "" : "_", screen == NULL ? "" : screen,
             screen == NULL ? ".csv" : ".txt");
    assert_false(page->failed);
    bool writes = getenv("HIRSCH_WRITE_PAGES") != NULL;
    FILE *file = fopen(path, writes ? "wb" : "rb");
    if (file == NULL) {
        fail_msg("%s cannot be opened", path);
        return;
    }
    if (writes) {
        fwrite(page->data, 1, page->size, file);
        fclose(file);
        return;
    }
    size_t size = fread(expected, 1, sizeof expected, file);
    fclose(file);
    if (size != page->size || memcmp(expected, page->data, size) != 0) {
        fail_msg("%s differs from:\n%.*s", path, (int)page->size, page->data);
    }
}

#endif
