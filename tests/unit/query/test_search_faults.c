/* test_search_faults.c - every allocation and every LMDB call of opening, searching, explaining and getting fails once: the
 * call then says so, or its answer is whole. Leaks are AddressSanitizer's to find. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "indexer/store/store.h"
#include "tests/support/small_archive.h"

#include <stdatomic.h>

#define FAULTS_MAX 20000

static struct small_archive archive;

/* Two segments, a deleted review, two languages, every kind of column. */
static int make_index(void **state) {
    (void)state;
    static const char first[] =
        "{\"id\":\"a\",\"title\":\"A quiet film\",\"text\":\"A quiet film about a lighthouse. The keeper never speaks, and "
        "the "
        "film is better for "
        "it.\",\"product\":\"Lighthouse\",\"author\":\"Ann\",\"rating\":4,\"date\":\"2019-05-01\",\"tags\":"
        "[\"sea\",\"slow\"],\"votes\":3,\"lang\":\"en\"}\n"
        "{\"id\":\"b\",\"text\":\"Une histoire de phare et de mer.\",\"lang\":\"fr\"}\n"
        "{\"id\":\"c\",\"text\":\"Films, filmed.\"}\n{\"id\":\"x\",\"text\":\"Gone film.\"}\n";
    static const char second[] = "{\"id\":\"d\",\"text\":\"Another quiet film, quiet films.\",\"product\":\"Boom\"}\n";
    const char *const ids[] = {"x"};
    const revue_delete_options options = {.ids = ids, .id_count = 1};
    uint64_t deleted;
    small_archive_create(&archive);
    small_archive_write(&archive, "first.jsonl", view_of_string(first));
    small_archive_update(&archive, NULL);
    small_archive_write(&archive, "second.jsonl", view_of_string(second));
    small_archive_update(&archive, NULL);
    static const char synonyms[] = "film, mer\nphare => light house\nquiet sea, boom\n";
    assert_int_equal(revue_delete(archive.index, &options, &deleted, NULL), REVUE_OK);
    assert_int_equal(revue_synonyms_set(archive.index, synonyms, strlen(synonyms), 0, NULL), REVUE_OK);
    return 0;
}

static int drop_index(void **state) {
    (void)state;
    small_archive_remove(&archive);
    return 0;
}

/* ---- what is asked ---- */

static void note_hit(struct bytes *out, const revue_hit *hit) {
    bytes_append_format(out, "%s %.17g %s %s %s\n", hit->id, hit->score, hit->title ? hit->title : "",
                        hit->product ? hit->product : "", hit->date ? hit->date : "");
    for (size_t i = 0; i < hit->snippet_count; i++)
        bytes_append_format(out, "%s %zu\n", hit->snippets[i].text, hit->snippets[i].mark_count);
    for (size_t i = 0; hit->explain && i < hit->explain->term_count; i++)
        bytes_append_format(out, "%s %.17g\n", hit->explain->terms[i].term, hit->explain->terms[i].score);
}

/* The answer goes to kept only when it is whole. */
static revue_status ask(revue_searcher *searcher, const char *query, struct bytes *kept, revue_error *error) {
    static const revue_weight weights[] = {{"author", 1}};
    revue_search_options options;
    revue_result *result = NULL;
    revue_search_options_init(&options);
    options.explain = options.lenient = true;
    options.min_match = "60%";
    options.weights = weights;
    options.weight_count = 1;
    TRY(revue_search(searcher, query, strlen(query), &options, &result, error));
    bytes_append_format(kept, "%zu warnings\n", revue_result_warning_count(result));
    for (size_t i = 0; i < revue_result_count(result); i++)
        note_hit(kept, revue_result_hit(result, i));
    revue_result_free(result);
    return REVUE_OK;
}

/* Everything that is made of all matches. */
static revue_status ask_for_all(revue_searcher *searcher, const char *query, const char *group, struct bytes *kept,
                                revue_error *error) {
    static const char *const facets[] = {"product", "stars", "date:month", "votes:..3,4..", "tags:name"};
    revue_search_options options;
    revue_result *result = NULL;
    revue_search_options_init(&options);
    options.filter = "votes:..9 OR (lang:fr OR =boom OR product:\"boom\" OR -date:2020)";
    options.group = group;
    options.group_sort = "bayes";
    options.prior = "stars:0.2,votes:0.5,age:0.3";
    options.sort = group ? NULL : "product,date:desc,score,id";
    options.facets = facets;
    options.facet_count = sizeof facets / sizeof *facets;
    TRY(revue_search(searcher, query, strlen(query), &options, &result, error));
    for (size_t i = 0; i < revue_result_count(result); i++)
        note_hit(kept, revue_result_hit(result, i));
    for (size_t i = 0; i < revue_result_group_count(result); i++)
        bytes_append_format(kept, "%s %g\n", revue_result_group(result, i)->value,
                            revue_result_group(result, i)->sort_value);
    for (size_t i = 0; i < revue_result_facet_count(result); i++)
        bytes_append_format(kept, "%s %zu\n", revue_result_facet(result, i)->name,
                            revue_result_facet(result, i)->value_count);
    revue_result_free(result);
    return REVUE_OK;
}

/* Page by page, of a hit each. */
static revue_status ask_by_pages(revue_searcher *searcher, const char *query, const char *sort, struct bytes *kept,
                                 revue_error *error) {
    revue_search_options options;
    char after[512] = "";
    revue_search_options_init(&options);
    options.n = 1;
    options.op = REVUE_OP_ANY;
    options.sort = sort;
    options.prior = sort ? NULL : "votes:0.4,age:0.2:2w";
    for (bool has_more = true; has_more;) {
        revue_result *result = NULL;
        options.after = after[0] ? after : NULL;
        TRY(revue_search(searcher, query, strlen(query), &options, &result, error));
        for (size_t i = 0; i < revue_result_count(result); i++)
            note_hit(kept, revue_result_hit(result, i));
        const char *next = revue_result_next(result);
        has_more = next != NULL;
        if (next) {
            assert_true(strlen(next) < sizeof after);
            strcpy(after, next);
        }
        revue_result_free(result);
    }
    return REVUE_OK;
}

static revue_status show(revue_searcher *searcher, const char *id, struct bytes *kept, revue_error *error) {
    revue_review *review = NULL;
    revue_status status = revue_get(searcher, id, strlen(id), &review, error);
    if (status == REVUE_OK) bytes_append_format(kept, "%s %zu tags\n", review->body, review->tag_count);
    revue_review_free(review);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

typedef revue_status (*step_function)(struct bytes *kept, revue_error *error);

static revue_status with_searcher(const char *query, struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = ask(searcher, query, kept, error);
    revue_searcher_close(searcher);
    return status;
}

static revue_status search_words(struct bytes *kept, revue_error *error) {
    return with_searcher("quiet films better", kept, error);
}
static revue_status search_any(struct bytes *kept, revue_error *error) {
    return with_searcher("histoire film unheardof", kept, error);
}
static revue_status search_tree(struct bytes *kept, revue_error *error) {
    return with_searcher("(film OR \"quiet film\"^2 OR (+=film title:quiet)) -(mer phare) NOT \"a b\"~3 (x fil*", kept,
                         error);
}
static revue_status search_all(struct bytes *kept, revue_error *error) {
    return with_searcher("NOT nothing", kept, error);
}
static revue_status all_of(const char *query, const char *group, struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = ask_for_all(searcher, query, group, kept, error);
    revue_searcher_close(searcher);
    return status;
}
static revue_status search_sorted(struct bytes *kept, revue_error *error) {
    return all_of("", NULL, kept, error);
}
static revue_status search_grouped(struct bytes *kept, revue_error *error) {
    return all_of("film product:=\"LIGHTHOUSE\"", "product", kept, error);
}
static revue_status search_pages(struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = ask_by_pages(searcher, "film quiet histoire", NULL, kept, error);
    if (status == REVUE_OK) status = ask_by_pages(searcher, "film", "product,author:desc,score", kept, error);
    revue_searcher_close(searcher);
    return status;
}
static revue_status get_reviews(struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = show(searcher, "a", kept, error);
    if (status == REVUE_OK) status = show(searcher, "x", kept, error);
    revue_searcher_close(searcher);
    return status;
}
static revue_status refresh(struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    bool moved = true;
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = revue_searcher_refresh(searcher, &moved, error);
    if (status == REVUE_OK) bytes_append_format(kept, "%d", moved);
    revue_searcher_close(searcher);
    return status;
}

static revue_status describe(struct bytes *kept, revue_error *error) {
    static const char query[] = "quiet sea phare fil* *lm \"a film\"~2 id:a tags:s* rating:>=2 -(x OR lang:fr)";
    revue_search_options options;
    revue_searcher *searcher = NULL;
    char *text = NULL;
    revue_search_options_init(&options);
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = revue_query_describe(searcher, query, strlen(query), &options, &text, error);
    if (status == REVUE_OK) bytes_append_string(kept, text);
    revue_string_free(text);
    revue_searcher_close(searcher);
    return status;
}
static revue_status set_synonyms(struct bytes *kept, revue_error *error) {
    static const char synonyms[] = "film, mer\nphare => light house\nquiet sea, boom\n";
    char *text = NULL;
    TRY(revue_synonyms_set(archive.index, synonyms, strlen(synonyms), 0, error));
    TRY(revue_synonyms_read(archive.index, &text, error));
    bytes_append_string(kept, text);
    revue_string_free(text);
    return REVUE_OK;
}

/* Everything that is offered to whoever types. */
static revue_status note_offers(revue_searcher *searcher, const char *text, struct bytes *kept, revue_error *error) {
    revue_completions *offered = NULL;
    for (int i = 0; i < 2; i++) {
        TRY(i == 0 ? revue_complete(searcher, text, strlen(text), 5, &offered, error)
                   : revue_suggest(searcher, text, strlen(text), 5, &offered, error));
        for (size_t j = 0; j < revue_completions_count(offered); j++)
            bytes_append_format(kept, "%s %d\n", revue_completions_item(offered, j)->text,
                                (int)revue_completions_item(offered, j)->count);
        revue_completions_free(offered);
        offered = NULL;
    }
    return REVUE_OK;
}
static revue_status offer(struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = note_offers(searcher, "quiet fi", kept, error);
    if (status == REVUE_OK) status = note_offers(searcher, "kepeer qiuet fil", kept, error);
    if (status == REVUE_OK) status = note_offers(searcher, "lighthuose filmbetter", kept, error);
    revue_searcher_close(searcher);
    return status;
}
static revue_status search_with_suggestion(struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_search_options options;
    revue_result *result = NULL;
    revue_search_options_init(&options);
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = revue_search(searcher, "qiuet", 5, &options, &result, error);
    if (status == REVUE_OK) bytes_append_format(kept, "%s", revue_result_suggestion(result));
    if (status == REVUE_OK) revue_result_free(result);
    revue_searcher_close(searcher);
    return status;
}
static revue_status search_similar(struct bytes *kept, revue_error *error) {
    revue_searcher *searcher = NULL;
    revue_search_options options;
    revue_result *result = NULL;
    revue_search_options_init(&options);
    options.snippet_count = 3;
    options.filter = "NOT rating:..3";
    revue_status status = revue_searcher_open(&searcher, archive.index, error);
    if (status == REVUE_OK) status = revue_similar(searcher, "a", 1, &options, &result, error);
    for (size_t i = 0; status == REVUE_OK && i < revue_result_count(result); i++)
        note_hit(kept, revue_result_hit(result, i));
    if (status == REVUE_OK) revue_result_free(result);
    revue_searcher_close(searcher);
    return status;
}

static const step_function steps[] = {
    search_words, search_any, search_tree, search_all,   search_sorted, search_grouped,         search_pages,
    get_reviews,  refresh,    describe,    set_synonyms, offer,         search_with_suggestion, search_similar};

/* ---- the faults ---- */

static atomic_int left;

static bool may_go_on(void *context) {
    (void)context;
    return atomic_fetch_sub(&left, 1) != 1;
}

/* Runs the step, its nth call failing; false when there are fewer calls. */
static bool run_failing(step_function step, int nth, void (*set_hook)(bool (*)(void *), void *),
                        const struct bytes *whole) {
    struct bytes kept = {0};
    revue_error error = {0};
    uint8_t *room = bytes_extend(&kept, 65536); /* so that noting needs no memory */
    assert_non_null(room);
    bytes_clear(&kept);
    atomic_store(&left, nth);
    set_hook(may_go_on, NULL);
    revue_status status = step(&kept, &error);
    set_hook(NULL, NULL);
    bool has_failed = atomic_load(&left) <= 0;
    if (status == REVUE_OK) {
        assert_int_equal(kept.size, whole->size);
        assert_memory_equal(kept.data, whole->data, whole->size);
    } else {
        assert_true(has_failed);
        assert_int_equal(error.status, status);
        assert_true(error.message[0] != '\0');
    }
    bytes_free(&kept);
    return has_failed;
}

static int fail_every_call(void (*set_hook)(bool (*)(void *), void *)) {
    int calls = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct bytes whole = {0};
        int nth = 1;
        assert_int_equal(steps[i](&whole, NULL), REVUE_OK);
        assert_true(whole.size > 0);
        while (run_failing(steps[i], nth, set_hook, &whole))
            assert_true(++nth < FAULTS_MAX);
        calls += nth - 1;
        bytes_free(&whole);
    }
    return calls;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    assert_true(fail_every_call(memory_set_test_hook) > 300);
}

static void every_call_of_the_store_may_fail(void **state) {
    (void)state;
    assert_true(fail_every_call(store_set_test_hook) > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_call_of_the_store_may_fail),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
