/* update_review.c - one review of a run: what it is called, whether the index has it, what has to be done. */
#include "indexer/update.h"

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "indexer/identity.h"
#include "indexer/review/date.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_BYTES 80u /* of an id, in messages */
#define HELD_EVERY 32u  /* reviews added, to look again at what is held */

/* The full name of the current source: the root's name, then its path under the root (a root that is a file is its name).
 */
static void name_source(struct update_run *run, struct view source) {
    bytes_clear(&run->name);
    if (!run->root->is_file) {
        bytes_append_string(&run->name, run->root->name);
        bytes_append_u8(&run->name, '/');
    }
    bytes_append(&run->name, source.data, source.size);
}

static revue_status name_review(struct update_run *run, const struct archive_event *event, revue_error *error) {
    const struct review *review = &event->review;
    if (review->id.size) {
        identity_own(review->id, &run->id);
    } else {
        name_source(run, run->source.row.name.size ? run->source.row.name : event->source.name);
        uint32_t repeat = 1;
        if (!event->source.one_review) TRY(repeat_count(run, review, &repeat, error));
        if (event->source.one_review)
            identity_of_source(bytes_view(&run->name), &run->id);
        else
            identity_of_record(bytes_view(&run->name), review, repeat, &run->id);
    }
    return run->id.failed || run->name.failed ? error_no_memory(error) : REVUE_OK;
}

/* ---- columns ---- */

static revue_status fill_tags(struct update_run *run, const struct review *review, struct pending_values *values,
                              revue_error *error) {
    if (!MEMORY_RESERVE(run->tag_numbers, run->tag_capacity, (size_t)review->tag_count + 1)) return error_no_memory(error);
    values->tag_count = 0;
    for (uint32_t i = 0; i < review->tag_count; i++)
        if (review->tags[i].size)
            TRY(writer_keyword(&run->writer, COLUMN_OF_TAGS, review->tags[i], &run->tag_numbers[values->tag_count++],
                               error));
    values->tags = run->tag_numbers;
    return REVUE_OK;
}

static revue_status fill_extras(struct update_run *run, const struct review *review, struct pending_values *values,
                                revue_error *error) {
    if (!MEMORY_RESERVE(run->extras, run->extra_capacity, (size_t)review->extra_count + 1)) return error_no_memory(error);
    values->extra_count = 0;
    for (uint32_t i = 0; i < review->extra_count; i++) {
        const struct review_extra *extra = &review->extras[i];
        struct pending_extra *filled = &run->extras[values->extra_count];
        struct review_date date;
        uint32_t number;
        *filled = (struct pending_extra){.column = run->column_numbers[extra->column], .is_integer = true};
        switch (run->columns[extra->column].kind) {
        case COLUMN_NUMBER:
            filled->is_integer = false;
            if (!schema_parse_number(extra->value, &filled->number)) continue;
            break;
        case COLUMN_DATE:
            if (!date_parse(extra->value, &date)) continue;
            filled->integer = date.seconds;
            break;
        case COLUMN_KEYWORD:
            if (extra->value.size == 0) continue;
            TRY(writer_keyword(&run->writer, filled->column, extra->value, &number, error));
            filled->integer = number;
            break;
        }
        values->extra_count++;
    }
    values->extras = run->extras;
    return REVUE_OK;
}

static revue_status fill_keyword(struct update_run *run, uint16_t column, struct view value, bool *has, uint32_t *number,
                                 revue_error *error) {
    *has = value.size > 0;
    return *has ? writer_keyword(&run->writer, column, value, number, error) : REVUE_OK;
}

static revue_status fill_values(struct update_run *run, const struct review *review, struct pending_values *values,
                                revue_error *error) {
    struct view lang = review->lang.size ? review->lang : view_of_string(run->lang_tag);
    *values = (struct pending_values){.has_rating = review->has_rating,
                                      .has_votes = review->has_votes,
                                      .rating = review->rating,
                                      .votes = review->votes,
                                      .date = review->date,
                                      .source = run->source.row.number,
                                      .run = run->writer.run};
    values->rating_max = review->rating_max > 0 ? review->rating_max : run->rating_max;
    values->column_hash = identity_column_hash(review, &run->scratch);
    if (run->scratch.failed) return error_no_memory(error);
    TRY(fill_keyword(run, COLUMN_OF_LANG, lang, &values->has_lang, &values->lang, error));
    TRY(fill_keyword(run, COLUMN_OF_PRODUCT, review->text[FIELD_PRODUCT], &values->has_product, &values->product, error));
    TRY(fill_keyword(run, COLUMN_OF_AUTHOR, review->text[FIELD_AUTHOR], &values->has_author, &values->author, error));
    TRY(fill_tags(run, review, values, error));
    return fill_extras(run, review, values, error);
}

/* ---- comparison ---- */

/* A review the index has under this id already. Says what became of it. */
static revue_status compare(struct update_run *run, const struct review *review, struct review_location location,
                            uint64_t text_hash, enum language language, revue_error *error) {
    struct live_segment *live = &run->writer.live[location.segment];
    uint64_t old_text_hash;
    bool has;
    int64_t old_column_hash = -1, old_source = -1; /* every review has both, unless a chunk is lost */
    struct pending_values values;
    TRY(ids_text_hash(segment_ids(live->segment), location.doc, &old_text_hash, error));
    TRY(column_reader_integer(&live->column_hash, location.doc, &has, &old_column_hash, error));
    TRY(column_reader_integer(&live->source, location.doc, &has, &old_source, error));
    uint32_t column_hash = identity_column_hash(review, &run->scratch);
    if (old_text_hash == text_hash && (uint32_t)old_column_hash == column_hash &&
        (uint32_t)old_source == run->source.row.number) {
        (void)writer_mark_seen(&run->writer, location);
        run->report->reviews_unchanged++;
        return REVUE_OK;
    }
    TRY(fill_values(run, review, &values, error));
    if (old_text_hash == text_hash) {
        (void)writer_mark_seen(&run->writer, location);
        bool only_moved = (uint32_t)old_column_hash == column_hash;
        run->report->reviews_changed += !only_moved;
        run->report->reviews_unchanged += only_moved;
        return writer_patch(&run->writer, location, &values, error);
    }
    TRY(writer_delete(&run->writer, location, error));
    run->report->reviews_changed++;
    return writer_add(&run->writer, review, bytes_view(&run->id), language, text_hash, &values, error);
}

/* ---- ids that several sources give ---- */

/* The review stands behind another one with its id. That is said once: when it was not known. */
static revue_status lose(struct update_run *run, const struct archive_event *event, revue_error *error) {
    char what[160];
    struct view id = bytes_view(&run->id);
    bool is_new;
    run->source_good++;
    TRY(shadow_remember(run, id, run->source.row.number, &is_new, error));
    if (!is_new) return REVUE_OK;
    const size_t shown = id.size > SHOWN_BYTES ? utf8_floor(id.data, SHOWN_BYTES) : id.size;
    (void)snprintf(what, sizeof what, "id %.*s%s was given by an earlier review", (int)shown, id.data,
                   shown < id.size ? "..." : "");
    report_problem(run, event->source.name, event->review.line, what, "the first one stays");
    run->report->reviews_bad++;
    return REVUE_OK;
}

revue_status update_is_blocked(struct update_run *run, struct view id, bool *is_blocked, revue_error *error) {
    *is_blocked = false;
    if (run->writer.manifest.blocked == 0) return REVUE_OK;
    struct key key = key_blocked_id(id);
    struct view value;
    revue_status status = store_get(run->writer.read, TABLE_BLOCKS, key_view(&key), &value, error);
    *is_blocked = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* Another source has the live review with this id. When that source stays as it is the earlier of the two wins; when it was
 * read or is gone, it had its say. */
static revue_status contend(struct update_run *run, uint32_t source, bool *wins, revue_error *error) {
    struct source_state *state = source_state(run, source);
    bool is_new;
    *wins = true;
    if (!state || !source_is_kept(run, source)) return REVUE_OK;
    *wins = state->place > run->place;
    if (!*wins) return REVUE_OK;
    state->lost++;
    run->report->reviews_unchanged -= state->is_counted;
    return shadow_remember(run, bytes_view(&run->id), source, &is_new, error);
}

/* Does the review get its id? *is_known: the index has a live review with it, at *location. */
static revue_status claim_id(struct update_run *run, bool *wins, bool *is_known, struct review_location *location,
                             revue_error *error) {
    bool has, is_own = false, is_behind = false, was_there;
    int64_t source;
    *wins = true;
    revue_status status = writer_find(&run->writer, bytes_view(&run->id), location, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    *is_known = status == REVUE_OK;
    if (*is_known) {
        TRY(column_reader_integer(&run->writer.live[location->segment].source, location->doc, &has, &source, error));
        is_own = has && (uint32_t)source == run->source.row.number;
        if (has && !is_own) TRY(contend(run, (uint32_t)source, wins, error));
        if (is_own && run->source_is_resumed) *wins = false; /* an earlier record of the source has it */
    }
    if (*wins && !is_own) TRY(shadow_comes_first(run, bytes_view(&run->id), &is_behind, error));
    *wins = *wins && !is_behind;
    if (!*wins) return REVUE_OK;
    run->source_met += is_own;
    run->source_live += !(is_own && run->source_adds);
    return id_set_add(&run->ids, bytes_view(&run->id), &was_there) ? REVUE_OK : error_no_memory(error);
}

/* ---- one review ---- */

static void count_filled(struct update_run *run, const struct review *review) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        run->filled[field] += review->text[field].size > 0;
    run->filled[SLOT_ID] += review->id.size > 0;
    run->filled[SLOT_RATING] += review->has_rating;
    run->filled[SLOT_DATE] += review->date.precision != DATE_ABSENT;
    run->filled[SLOT_VOTES] += review->has_votes;
    run->filled[SLOT_LANG] += review->lang.size > 0;
    run->filled[SLOT_URL] += review->url.size > 0;
    run->filled[SLOT_TAGS] += review->tag_count > 0;
}

/* What grows with the archive, and what the file at hand needs. */
static size_t held_by_run(const struct update_run *run) {
    size_t held = run->held_by_reader + id_set_memory(&run->ids) + id_set_memory(&run->shadow_keys) +
                  id_set_memory(&run->taken_names) + id_set_memory(&run->moved_paths) +
                  repeat_counts_memory(&run->repeats) + run->arena.total_bytes;
    for (size_t i = 0; i < run->root_count; i++)
        held += archive_files_memory(&run->roots[i].files);
    return held + pending_rows_memory(&run->rows) + paged_array_memory(&run->sources) +
           run->shadow_capacity * sizeof *run->shadows;
}

static revue_status take_new_review(struct update_run *run, const struct review *review, uint64_t text_hash,
                                    enum language language, revue_error *error) {
    struct pending_values values;
    TRY(fill_values(run, review, &values, error));
    run->report->reviews_added++;
    if (run->report->reviews_added % HELD_EVERY == 1) writer_note_held(&run->writer, held_by_run(run));
    return writer_add(&run->writer, review, bytes_view(&run->id), language, text_hash, &values, error);
}

/* A dry run has nothing to compare with. */
static revue_status count_review(struct update_run *run, revue_error *error) {
    bool was_there;
    run->report->reviews_added++;
    return id_set_add(&run->ids, bytes_view(&run->id), &was_there) ? REVUE_OK : error_no_memory(error);
}

revue_status update_take_review(struct update_run *run, const struct archive_event *event, revue_error *error) {
    const struct review *review = &event->review;
    struct review_location location;
    bool is_blocked, wins, is_known, is_new;
    if (run->source_is_blocked) return REVUE_OK;
    run->report->text_bytes += review->text[FIELD_BODY].size + review->text[FIELD_TITLE].size;
    TRY(name_review(run, event, error));
    /* The scale of a source is that of all its records, whichever of them have their ids. */
    if (review->has_rating && review->rating_max <= 0 && run->rating_max <= 0)
        TRY(writer_note_rating(&run->writer, run->source.row.number, review->rating, error));
    if (id_set_has(&run->ids, bytes_view(&run->id))) return lose(run, event, error);
    count_filled(run, review);
    if (!run->has_writer) {
        run->source_good++;
        return count_review(run, error);
    }
    TRY(update_is_blocked(run, bytes_view(&run->id), &is_blocked, error));
    if (is_blocked) {
        run->source_good++;
        return shadow_remember(run, bytes_view(&run->id), run->source.row.number, &is_new, error);
    }
    TRY(claim_id(run, &wins, &is_known, &location, error));
    if (!wins) return lose(run, event, error);
    run->source_good++;
    enum language language = review->lang.size ? language_of_tag(review->lang, NULL) : run->language;
    uint64_t text_hash = identity_text_hash(review, language);
    return is_known ? compare(run, review, location, text_hash, language, error)
                    : take_new_review(run, review, text_hash, language, error);
}
