/* test_archive_real.c - the public archives that Revue is measured on, read without any option: how many reviews each has,
 * and which fields are filled. They are not part of the repository: the folder that holds them is named by the environment
 * variable REVUE_ARCHIVES, or stands beside the sources as ../shared/archive; where there is none the tests are skipped,
 * aloud. */
#include "archive_reading.h"

struct expected {
    const char *path;
    uint64_t reviews, filled[SLOT_COUNT]; /* by slot; what is not named is 0 */
    uint64_t problems, skipped;
};

struct found {
    uint64_t reviews, filled[SLOT_COUNT], problems, skipped;
};

static const char *archives_folder(void) {
    const char *named = getenv("REVUE_ARCHIVES");
    const char *folder = named ? named : REVUE_SOURCE_DIR "/../shared/archive";
    struct stat about;
    return stat(folder, &about) == 0 && S_ISDIR(about.st_mode) ? folder : NULL;
}

static void count_review(struct found *found, const struct review *review) {
    found->reviews++;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        found->filled[field] += review->text[field].size > 0;
    found->filled[SLOT_ID] += review->id.size > 0;
    found->filled[SLOT_RATING] += review->has_rating;
    found->filled[SLOT_DATE] += review->date.precision != DATE_ABSENT;
    found->filled[SLOT_VOTES] += review->has_votes;
    found->filled[SLOT_LANG] += review->lang.size > 0;
    found->filled[SLOT_URL] += review->url.size > 0;
    found->filled[SLOT_TAGS] += review->tag_count > 0;
}

static void read_all(const char *root, struct found *found) {
    struct archive_options options = {0};
    struct archive_files files;
    revue_error error = {0};
    *found = (struct found){0};
    if (archive_walk(root, &options, &files, &error) != REVUE_OK) fail_msg("%s", error.message);
    for (size_t i = 0; i < files.count; i++) {
        archive_reader *reader;
        struct archive_event event;
        if (archive_open(&reader, root, &files.items[i], &options, &error) != REVUE_OK) fail_msg("%s", error.message);
        do {
            if (archive_next(reader, &event, &error) != REVUE_OK) fail_msg("%s", error.message);
            if (event.kind == ARCHIVE_REVIEW) count_review(found, &event.review);
            found->problems += event.kind == ARCHIVE_PROBLEM;
            found->skipped += event.kind == ARCHIVE_SKIP;
        } while (event.kind != ARCHIVE_END);
        archive_close(reader);
    }
    archive_files_free(&files);
}

static void check_archive(const char *root, const struct expected *expected) {
    struct found found;
    read_all(root, &found);
    if (found.reviews != expected->reviews || found.problems != expected->problems || found.skipped != expected->skipped) {
        fail_msg("%s: %llu reviews, %llu problems, %llu skipped", expected->path, (unsigned long long)found.reviews,
                 (unsigned long long)found.problems, (unsigned long long)found.skipped);
    }
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        if (found.filled[slot] == expected->filled[slot]) continue;
        fail_msg("%s: %s is filled %llu times", expected->path, schema_slot_name((enum schema_slot)slot),
                 (unsigned long long)found.filled[slot]);
    }
}

static void check_all(const struct expected *expected, size_t count) {
    const char *folder = archives_folder();
    if (!folder) {
        print_message("skipped: no folder of archives; name one with REVUE_ARCHIVES\n");
        skip();
    }
    for (size_t i = 0; i < count; i++) {
        char root[1024];
        struct stat about;
        (void)snprintf(root, sizeof root, "%s/%s", folder, expected[i].path);
        if (stat(root, &about) == 0)
            check_archive(root, &expected[i]);
        else
            fail_msg("%s is missing", root);
    }
}
#define CHECK_ALL(expected) check_all(expected, sizeof(expected) / sizeof *(expected))

static void test_json_archives(void **state) {
    (void)state;
    static const struct expected expected[] = {
        {"imdb-100k.jsonl.zst",
         100000,
         {[SLOT_BODY] = 100000, [SLOT_PRODUCT] = 100000, [SLOT_ID] = 100000, [SLOT_RATING] = 50000},
         0,
         0},
        {"airbnb-150k-multilingual.jsonl.zst",
         149792,
         {[SLOT_BODY] = 149742, [SLOT_PRODUCT] = 149792, [SLOT_ID] = 149792, [SLOT_DATE] = 149792},
         0,
         0},
        {"formats/Gift_Cards_5.json.gz",
         2972,
         {[SLOT_BODY] = 2966,
          [SLOT_TITLE] = 2972,
          [SLOT_PRODUCT] = 2972,
          [SLOT_AUTHOR] = 2972,
          [SLOT_RATING] = 2972,
          [SLOT_DATE] = 2972,
          [SLOT_VOTES] = 208},
         0,
         0},
        {"formats/Football_Manager_2015.jsonlines.gz",
         1522,
         {[SLOT_BODY] = 1522,
          [SLOT_AUTHOR] = 1522,
          [SLOT_RATING] = 1522,
          [SLOT_DATE] = 1522,
          [SLOT_VOTES] = 1522,
          [SLOT_URL] = 1522},
         0,
         0},
    };
    CHECK_ALL(expected);
}

static void test_tables(void **state) {
    (void)state;
    static const struct expected expected[] = {
        {"formats/yelp.csv.gz",
         10000,
         {[SLOT_BODY] = 10000,
          [SLOT_PRODUCT] = 10000,
          [SLOT_AUTHOR] = 10000,
          [SLOT_ID] = 10000,
          [SLOT_RATING] = 10000,
          [SLOT_DATE] = 10000,
          [SLOT_VOTES] = 10000},
         0,
         0},
        {"formats/Restaurant reviews.csv.gz",
         10000,
         {[SLOT_BODY] = 9955, [SLOT_PRODUCT] = 10000, [SLOT_AUTHOR] = 9962, [SLOT_RATING] = 9961, [SLOT_DATE] = 9962},
         0,
         0},
        {"formats/wine-reviews.csv.gz",
         10001,
         {[SLOT_BODY] = 10001, [SLOT_PRODUCT] = 10001, [SLOT_AUTHOR] = 8019, [SLOT_ID] = 10001, [SLOT_RATING] = 10001},
         0,
         0},
        {"formats/ChnSentiCorp_htl_all.csv.gz", 7766, {[SLOT_BODY] = 7765, [SLOT_RATING] = 7766}, 0, 0},
        /* 4,211 rows, of which 1,104 are the rest of the row before them. */
        {"formats/drugLibTrain_raw.tsv.gz", 3107, {[SLOT_BODY] = 3107, [SLOT_PRODUCT] = 3107, [SLOT_RATING] = 3107}, 0, 0},
    };
    CHECK_ALL(expected);
}

static void test_plain_archives(void **state) {
    (void)state;
    static const struct expected expected[] = {
        {"formats/tr_polarity.pos.gz", 5330, {[SLOT_BODY] = 5330}, 0, 0},
        {"formats/tr_polarity.neg.gz", 5330, {[SLOT_BODY] = 5330}, 0, 0},
        {"formats/movie_reviews.zip", 2000, {[SLOT_BODY] = 2000}, 0, 1},
        {"ballerina.txt", 1, {[SLOT_BODY] = 1}, 0, 0},
    };
    CHECK_ALL(expected);
}

static const struct expected hotels = {
    "hotels-4-cities.tar.zst",
    53981,
    {[SLOT_BODY] = 48760, [SLOT_TITLE] = 53981, [SLOT_PRODUCT] = 53981, [SLOT_DATE] = 53667},
    0,
    128};

static void test_hotels(void **state) {
    (void)state;
    check_all(&hotels, 1);
}

/* The same out of the container: a folder tree must give the same reviews. */
static void test_hotels_unpacked(void **state) {
    struct reading *reading = *state;
    const char *folder = archives_folder();
    char command[1400];
    if (!folder) {
        print_message("skipped: no folder of archives; name one with REVUE_ARCHIVES\n");
        skip();
    }
    (void)snprintf(command, sizeof command, "zstd -dc '%s/hotels-4-cities.tar.zst' | tar -x -C '%s'", folder,
                   reading->folder);
    if (system(command) != 0) {
        print_message("skipped: zstd and tar are needed to unpack the archive\n");
        skip();
    }
    check_archive(reading->folder, &hotels);
}

static void test_judged_collections(void **state) {
    (void)state;
    static const struct expected expected[] = {
        {"judged/cisi", 1460, {[SLOT_BODY] = 1460, [SLOT_TITLE] = 1460, [SLOT_ID] = 1460}, 0, 2},
        {"judged/cranfield", 1400, {[SLOT_BODY] = 1398, [SLOT_TITLE] = 1398, [SLOT_ID] = 1400}, 0, 2},
        {"judged/med", 1033, {[SLOT_BODY] = 1033, [SLOT_ID] = 1033}, 0, 2},
        {"judged/subjqa-electronics", 1615, {[SLOT_BODY] = 1615, [SLOT_ID] = 1615}, 0, 2},
        {"judged/subjqa-restaurants", 1599, {[SLOT_BODY] = 1599, [SLOT_ID] = 1599}, 0, 2},
    };
    CHECK_ALL(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_archives),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_plain_archives),
        cmocka_unit_test(test_hotels),
        cmocka_unit_test_setup_teardown(test_hotels_unpacked, reading_setup, reading_teardown),
        cmocka_unit_test(test_judged_collections),
    };
    return cmocka_run_group_tests_name("real archives", tests, NULL, NULL);
}
