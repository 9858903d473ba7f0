/* searcher_languages.c - which languages an archive is written in, by its column lang; see searcher.h.
 *
 * A review without a value in that column was read as English: the indexer writes the language that --lang gave into the
 * column of every review that names none. Chunks of the column are looked at in even steps, at most CHUNKS_MAX of them,
 * which is every review of an archive of a million. Deleted reviews count: a share is all that is wanted. */
#include "query/searcher.h"

#include "indexer/base/memory.h"

#define CHUNKS_MAX 256u
#define SHARE_LEAST 20u /* of one in so many */

struct language_count {
    revue_searcher *searcher;
    keywords *tags;
    uint8_t *known; /* by number of the tag: its language + 1; 0: not looked at yet */
    struct bytes scratch;
    uint64_t reviews[LANGUAGE_COUNT], total;
    revue_error *error;
};

static revue_status language_of_number(struct language_count *count, int64_t number, enum language *language) {
    struct view tag;
    if (number < 0 || (uint64_t)number >= keywords_count(count->tags))
        return error_set(count->error, REVUE_CORRUPT, "%s: the column lang holds the number of no value",
                         count->searcher->path);
    if (!count->known[number]) {
        TRY(keywords_value(count->tags, (uint32_t)number, &count->scratch, &tag, count->error));
        count->known[number] = (uint8_t)(language_of_tag(tag, NULL) + 1);
    }
    *language = (enum language)(count->known[number] - 1);
    return REVUE_OK;
}

static revue_status count_chunk(struct language_count *count, struct column_reader *reader, uint32_t first,
                                uint32_t doc_count) {
    uint32_t end = doc_count - first < COLUMN_CHUNK ? doc_count : first + COLUMN_CHUNK;
    for (uint32_t doc = first; doc < end; doc++) {
        enum language language = LANGUAGE_ENGLISH;
        bool has;
        int64_t number;
        TRY(column_reader_integer(reader, doc, &has, &number, count->error));
        if (has) TRY(language_of_number(count, number, &language));
        count->reviews[language]++;
        count->total++;
    }
    return REVUE_OK;
}

static uint64_t chunks_of(const struct segment *segment) {
    return ((uint64_t)segment->meta.doc_count + COLUMN_CHUNK - 1) / COLUMN_CHUNK;
}

static revue_status count_all(struct language_count *count) {
    uint64_t chunks = 0, at = 0;
    for (uint32_t i = 0; i < count->searcher->segment_count; i++)
        chunks += chunks_of(count->searcher->segments[i].segment);
    const uint64_t step = (chunks + CHUNKS_MAX - 1) / CHUNKS_MAX;
    for (uint32_t i = 0; i < count->searcher->segment_count; i++) {
        const struct segment *segment = count->searcher->segments[i].segment;
        struct column_reader reader;
        column_reader_open(&reader, segment->txn, segment->number, COLUMN_OF_LANG);
        for (uint64_t chunk = 0; chunk < chunks_of(segment); chunk++)
            if (at++ % step == 0)
                TRY(count_chunk(count, &reader, (uint32_t)(chunk * COLUMN_CHUNK), segment->meta.doc_count));
    }
    return REVUE_OK;
}

static void keep_common(const struct language_count *count, struct common_languages *languages) {
    for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
        if (count->reviews[language] > count->total / SHARE_LEAST)
            languages->items[languages->count++] = (enum language)language;
    if (languages->count == 0) languages->items[languages->count++] = count->searcher->language;
}

revue_status searcher_languages(revue_searcher *searcher, const struct common_languages **languages, revue_error *error) {
    struct language_count count = {.searcher = searcher, .error = error};
    revue_status status = REVUE_OK;
    *languages = &searcher->languages;
    if (searcher->languages.count > 0) return REVUE_OK;
    TRY_DONE(keywords_open(&count.tags, searcher->txn, COLUMN_OF_LANG, error));
    count.known = memory_alloc_zeroed((size_t)keywords_count(count.tags) + 1, 1);
    TRY_DONE(count.known ? REVUE_OK : error_no_memory(error));
    TRY_DONE(count_all(&count));
    keep_common(&count, &searcher->languages);
done:
    memory_free(count.known);
    bytes_free(&count.scratch);
    keywords_close(count.tags);
    return status;
}
