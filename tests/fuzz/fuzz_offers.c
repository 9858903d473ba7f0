/* fuzz_offers.c - whatever is typed: completions and other spellings are whole queries that find something, never too many,
 * and the plain words of the text are all that is spelled otherwise. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/utf8.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_archive.h"

#include <stdlib.h>

#define WANTED_MAX 12u

static const char reviews[] =
    "{\"id\":\"1\",\"text\":\"The quiet harbour, the Café Élan and a weird film about a movie "
    "star.\",\"title\":\"Harbours\"}\n"
    "{\"id\":\"2\",\"text\":\"Die Straße am Hafen ist schön, sehr schön.\",\"lang\":\"de\",\"product\":\"Hafen\"}\n"
    "{\"id\":\"3\",\"text\":\"Тихая гавань, тихий вечер.\",\"lang\":\"ru\"}\n"
    "{\"id\":\"4\",\"text\":\"A weird weird harbour. movie, movies, moved; don't, dont.\",\"author\":\"Ann\"}\n"
    "{\"id\":\"5\",\"text\":\"東京の静かな港 is quiet &amp; caf&eacute;.\"}\n";

static revue_searcher *searcher;
static struct small_archive archive;

static void remove_archive(void) {
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void check(const revue_completions *completions, size_t wanted) {
    const size_t count = revue_completions_count(completions);
    require(count <= wanted && !revue_completions_item(completions, count));
    for (size_t i = 0; i < count; i++) {
        const revue_completion *item = revue_completions_item(completions, i);
        require(item->count > 0 && item->count <= revue_searcher_reviews(searcher));
        require(utf8_valid_prefix(item->text, strlen(item->text)) == strlen(item->text));
        for (size_t j = 0; j < i; j++)
            require(strcmp(item->text, revue_completions_item(completions, j)->text) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    revue_completions *completions = NULL;
    if (!searcher) {
        searcher = small_archive_of(&archive, reviews);
        require(atexit(remove_archive) == 0);
    }
    struct byte_reader reader = byte_reader_of(data, size);
    const size_t wanted = byte_reader_u8(&reader) % (WANTED_MAX + 1);
    const char *text = (const char *)reader.next;
    require(revue_complete(searcher, text, byte_reader_left(&reader), wanted, &completions, NULL) == REVUE_OK);
    check(completions, wanted);
    revue_completions_free(completions);
    require(revue_suggest(searcher, text, byte_reader_left(&reader), wanted, &completions, NULL) == REVUE_OK);
    check(completions, wanted);
    revue_completions_free(completions);
    return 0;
}
