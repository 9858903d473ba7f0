/* fuzz_search_options.c - the texts of a search: the query and all that stands beside it, over a small index.
 *
 * Input: u8 flags (bits 0 and 1 the operator, bit 2 lenient, bit 3 plain, bit 4 multi-select, bit 5 no synonyms, bit 6
 * count), u8 hits, then the texts, a line each; an empty one is not given: query, filter, sort, group, its sort, minimum of
 * words, prior, now, place to go on from, facets (blanks between). It is answered or refused as the caller's mistake; and
 * what is answered with few matches looked at is what is answered by looking at all. */
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_archive.h"

#include <stdio.h>
#include <string.h>

#define FACETS 6u
#define INPUT_MAX 1024u

static struct small_archive archive;
static revue_searcher *searcher;

static void drop_index(void) {
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

/* 600 reviews, so that some lists have blocks and champions. */
static void make_index(void) {
    static const char *const words[] = {"dance", "dances", "film", "quiet", "été", "plot", "house", "don't", "3.5", "the"};
    static const char synonyms[] = "film, movie\nquiet house, plot\n";
    struct bytes lines = {0};
    for (unsigned i = 0; i < 600; i++) {
        bytes_append_format(&lines,
                            "{\"id\":\"r%u\",\"product\":\"p%u\",\"rating\":%u,\"votes\":%u,\"date\":\"20%02u-0%u-11\",", i,
                            i % 7, 1 + i % 5, i % 90, i % 20, 1 + i % 9);
        bytes_append_format(&lines, "\"tags\":[\"t%u\"],\"title\":\"%s\",\"text\":\"only%u", i % 3, words[i % 4], i);
        for (unsigned word = 0; word < i % 23; word++)
            bytes_append_format(&lines, " %s", words[(i * 7 + word * word) % 10]);
        bytes_append_string(&lines, "\"}\n");
    }
    bytes_append_u8(&lines, 0);
    require(!lines.failed);
    searcher = small_archive_of(&archive, (const char *)lines.data);
    require(revue_synonyms_set(archive.index, synonyms, sizeof synonyms - 1, 0, NULL) == REVUE_OK);
    require(revue_searcher_refresh(searcher, NULL, NULL) == REVUE_OK);
    require(atexit(drop_index) == 0);
    bytes_free(&lines);
}

/* ---- the input ---- */

static const char *next_text(char **rest) {
    char *text = *rest, *end = strchr(text, '\n');
    *rest = end ? end + 1 : text + strlen(text);
    if (end) *end = '\0';
    return *text ? text : NULL;
}

static void split_facets(const char *text, const char *facets[FACETS], revue_search_options *options) {
    static char copy[INPUT_MAX + 1];
    (void)snprintf(copy, sizeof copy, "%s", text ? text : "");
    for (char *facet = strtok(copy, " "); facet && options->facet_count < FACETS; facet = strtok(NULL, " "))
        facets[options->facet_count++] = facet;
    options->facets = facets;
}

static void read_options(uint8_t flags, uint8_t hits, char **rest, revue_search_options *options) {
    revue_search_options_init(options);
    options->op = (revue_operator)((flags & 3) % 3);
    options->lenient = flags >> 2 & 1;
    options->plain = flags >> 3 & 1;
    options->multi_select = flags >> 4 & 1;
    options->no_synonyms = flags >> 5 & 1;
    options->count = flags >> 6 & 1;
    options->ids_only = true;
    options->snippets = false;
    options->n = hits;
    options->filter = next_text(rest);
    options->sort = next_text(rest);
    options->group = next_text(rest);
    options->group_sort = next_text(rest);
    options->min_match = next_text(rest);
    options->prior = next_text(rest);
    options->now = next_text(rest);
    options->after = next_text(rest);
}

/* ---- the answers ---- */

static revue_result *search(const char *query, revue_search_options options, bool exhaustive) {
    revue_result *result = NULL;
    revue_error error = {0};
    options.exhaustive = exhaustive;
    const revue_status status = revue_search(searcher, query, strlen(query), &options, &result, &error);
    require(status == REVUE_OK || (status == REVUE_USAGE && error.message[0]));
    return status == REVUE_OK ? result : NULL;
}

static void require_same(const revue_result *pruned, const revue_result *judge) {
    require(revue_result_count(pruned) == revue_result_count(judge));
    for (size_t i = 0; i < revue_result_count(judge); i++) {
        const revue_hit *a = revue_result_hit(pruned, i), *b = revue_result_hit(judge, i);
        require(strcmp(a->id, b->id) == 0 && !(a->score < b->score) && !(a->score > b->score));
    }
    require(revue_result_group_count(pruned) == revue_result_group_count(judge));
    require(revue_result_op(pruned) == revue_result_op(judge));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char text[INPUT_MAX + 1], *rest = text;
    const char *facets[FACETS];
    revue_search_options options;
    if (!searcher) make_index();
    if (size < 2 || size > INPUT_MAX || memchr(data + 2, '\0', size - 2)) return 0;
    memcpy(text, data + 2, size - 2);
    text[size - 2] = '\0';
    const char *query = next_text(&rest);
    read_options(data[0], data[1], &rest, &options);
    split_facets(next_text(&rest), facets, &options);
    revue_result *pruned = search(query ? query : "", options, false), *judge = search(query ? query : "", options, true);
    require(!pruned == !judge);
    if (pruned) require_same(pruned, judge);
    revue_result_free(pruned);
    revue_result_free(judge);
    return 0;
}
