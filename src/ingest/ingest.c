#include "ingest/ingest.h"

#include "ingest/native.h"
#include "ingest/openalex.h"

const char *ingest_reason_text(enum ingest_reason reason)
{
    static const char *const texts[] = {
#define INGEST_REASON_TEXT(name, text) [INGEST_##name] = text,
        INGEST_REASONS(INGEST_REASON_TEXT)
#undef INGEST_REASON_TEXT
    };
    BASE_ASSERT(reason < INGEST_REASON_END);
    return texts[reason];
}

static const struct ingest_format *const formats[] = {&ingest_native, &ingest_openalex, NULL};

const struct ingest_format *const *ingest_formats(void)
{
    return formats;
}

const struct ingest_format *ingest_format_named(const char *name)
{
    for (size_t i = 0; formats[i] != NULL; i++) {
        if (strcmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}
