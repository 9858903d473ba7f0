/* check_analysis.c - the texts of a segment's reviews, analysed again: the same words must come out, at the same places,
 * that the posting lists have, under the forms that the dictionaries have. The strongest check there is, and the only one
 * that would see a faulty inversion.
 *
 * Titles and bodies come from the stored text, products and authors from their keywords. This is the plain analysis
 * (text/analyzer.c), but that it looks stems up where that asks the stemmer for each word (3 times faster on film reviews),
 * and keeps sums, not tokens. A build with another analysis than the one that wrote the index finds other words in the same
 * texts: then nothing is compared. */
#include "indexer/check/check_analysis.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"
#include "indexer/identity.h"
#include "indexer/text/analyzer.h"

struct check_analysis {
    struct check *check;
    struct check_segment *segment;
    stemmer *stemmers;
    struct check_known_forms forms;
    struct paragraph_set *paragraphs; /* of the field at hand */
    struct paragraph_set *seen;       /* (stem, form number) of the field at hand */
    struct column_reader languages, products, authors;
    keywords *language_values, *product_values, *author_values;
    struct bytes lang, product, author, scratch;
    enum language language; /* of the review at hand */
    uint32_t wrong_count[FIELD_COUNT], wrong_first[FIELD_COUNT];
    uint32_t wrong_hashes, wrong_hash_first;
};

/* ---- beginning ---- */

static revue_status open_keywords(struct check_analysis *analysis, uint16_t column, struct column_reader *reader,
                                  keywords **values, revue_error *error) {
    column_reader_open(reader, analysis->check->txn, analysis->segment->row->number, column);
    return keywords_open(values, analysis->check->txn, column, error);
}

static revue_status prepare(struct check_analysis *analysis, revue_error *error) {
    TRY(stemmer_create(&analysis->stemmers, error));
    analysis->paragraphs = paragraph_set_create();
    analysis->seen = paragraph_set_create();
    if (!analysis->paragraphs || !analysis->seen) return error_no_memory(error);
    TRY(open_keywords(analysis, COLUMN_OF_LANG, &analysis->languages, &analysis->language_values, error));
    TRY(open_keywords(analysis, COLUMN_OF_PRODUCT, &analysis->products, &analysis->product_values, error));
    TRY(open_keywords(analysis, COLUMN_OF_AUTHOR, &analysis->authors, &analysis->author_values, error));
    return check_known_forms_read(&analysis->forms, analysis->check->txn, analysis->segment->row->number,
                                  analysis->stemmers, error);
}

static void say_other_analysis(struct check *check, const struct check_segment *segment) {
    check_note(check, "segment %u was made with another analysis than this build's: words and texts were not compared",
               segment->row->number);
}

revue_status check_analysis_create(struct check_analysis **created, struct check *check, struct check_segment *segment,
                                   revue_error *error) {
    *created = NULL;
    if (!segment->has_sums || check->has_bad_records[TABLE_KEYWORDS]) return REVUE_OK;
    if (check->fingerprint != check->manifest.fingerprint) {
        say_other_analysis(check, segment);
        return REVUE_OK;
    }
    struct check_analysis *analysis = memory_alloc_zeroed(1, sizeof *analysis);
    if (!analysis) return error_no_memory(error);
    analysis->check = check;
    analysis->segment = segment;
    revue_status status = prepare(analysis, error);
    bool is_other = status == REVUE_OK && analysis->forms.has_other_stems;
    if (is_other) say_other_analysis(check, segment);
    if (status == REVUE_OK && !is_other)
        *created = analysis;
    else
        check_analysis_free(analysis);
    return status;
}

void check_analysis_free(struct check_analysis *analysis) {
    if (!analysis) return;
    stemmer_free(analysis->stemmers);
    paragraph_set_free(analysis->paragraphs);
    paragraph_set_free(analysis->seen);
    keywords_close(analysis->language_values);
    keywords_close(analysis->product_values);
    keywords_close(analysis->author_values);
    check_known_forms_free(&analysis->forms);
    bytes_free(&analysis->lang);
    bytes_free(&analysis->product);
    bytes_free(&analysis->author);
    bytes_free(&analysis->scratch);
    memory_free(analysis);
}

/* ---- one field ---- */

/* A field being analysed. The sums of a paragraph join those of the field when it turns out not to be a repetition. */
struct field_walk {
    struct check_analysis *analysis;
    uint32_t doc, length;  /* length: tokens of the paragraphs before */
    uint32_t in_paragraph; /* tokens of the one at hand */
    uint64_t sum, paragraph_sum, paragraph_hash;
    bool is_known; /* the segment has all forms so far */
};

/* Forms of a repeated paragraph stood in the first one: they add nothing a second time. */
static revue_status add_form(struct field_walk *walk, struct check_known_form *form, revue_error *error) {
    bool was_seen;
    if (form->last_review != walk->doc + 1) {
        form->last_review = walk->doc + 1;
        form->counted++;
    }
    if (!paragraph_set_add(walk->analysis->seen, hash_mix(form->stem_hash, form->number), &was_seen))
        return error_no_memory(error);
    if (!was_seen) walk->sum += check_token_hash(form->stem_hash, form->number);
    return REVUE_OK;
}

static revue_status take_word(struct field_walk *walk, struct view word, bool ascii, revue_error *error) {
    struct check_analysis *analysis = walk->analysis;
    char bytes[FORM_MAX];
    size_t size = fold_word(word, ascii, analysis->language, bytes);
    if (size == 0) return REVUE_OK;
    struct check_known_form *form = check_known_form_find(&analysis->forms, view_of(bytes, size), analysis->language);
    uint64_t what = CHECK_TOKEN_WITHOUT_POSITION;
    if (analysis->segment->segment->meta.has_positions) what = CHECK_TOKEN_AT + (uint64_t)walk->length + walk->in_paragraph;
    walk->paragraph_hash = hash_mix(walk->paragraph_hash, hash_bytes(bytes, size));
    walk->in_paragraph++;
    walk->is_known = walk->is_known && form;
    if (!form) return REVUE_OK;
    walk->paragraph_sum += check_token_hash(form->stem_hash, what);
    return add_form(walk, form, error);
}

static revue_status take_ideographs(struct field_walk *walk, struct view run, revue_error *error) {
    uint32_t at = 0, start, size;
    while (ideographs_next(run, &at, &start, &size))
        TRY(take_word(walk, view_of(run.data + start, size), false, error));
    return REVUE_OK;
}

static revue_status end_paragraph(struct field_walk *walk, revue_error *error) {
    bool was_seen = false;
    if (walk->in_paragraph == 0) return REVUE_OK;
    if (!paragraph_set_add(walk->analysis->paragraphs, walk->paragraph_hash, &was_seen)) return error_no_memory(error);
    if (!was_seen) {
        walk->sum += walk->paragraph_sum;
        walk->length += walk->in_paragraph;
    }
    walk->paragraph_hash = walk->paragraph_sum = walk->in_paragraph = 0;
    return REVUE_OK;
}

static revue_status walk_field(struct field_walk *walk, struct view text, revue_error *error) {
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span)) {
        struct view bytes = view_of(text.data + span.start, span.size);
        if (span.kind == SPAN_WORD)
            TRY(take_word(walk, bytes, span.ascii, error));
        else if (span.kind == SPAN_IDEOGRAPHS)
            TRY(take_ideographs(walk, bytes, error));
        else if (span.paragraph)
            TRY(end_paragraph(walk, error));
    }
    return end_paragraph(walk, error);
}

static revue_status compare_field(struct check_analysis *analysis, uint32_t doc, unsigned field, struct view text,
                                  revue_error *error) {
    struct field_walk walk = {.analysis = analysis, .doc = doc, .is_known = true};
    const struct check_segment *segment = analysis->segment;
    paragraph_set_clear(analysis->paragraphs);
    paragraph_set_clear(analysis->seen);
    if (text.size > 0) TRY(walk_field(&walk, text, error));
    if (walk.is_known && walk.length == segment->lengths[field][doc] && walk.sum == segment->sums[field][doc])
        return REVUE_OK;
    if (analysis->wrong_count[field]++ == 0) analysis->wrong_first[field] = doc;
    return REVUE_OK;
}

/* ---- one review ---- */

/* The keyword of a review, copied into value; empty when it has none. */
static revue_status read_keyword(struct check_analysis *analysis, struct column_reader *reader, keywords *values,
                                 uint32_t doc, struct bytes *value, revue_error *error) {
    bool has = false;
    int64_t number = 0;
    struct view found;
    bytes_clear(value);
    TRY(column_reader_integer(reader, doc, &has, &number, error));
    if (!has) return REVUE_OK;
    if (number < 0 || number > UINT32_MAX) return error_set(error, REVUE_CORRUPT, "a keyword number is out of range");
    TRY(keywords_value(values, (uint32_t)number, &analysis->scratch, &found, error));
    bytes_append(value, found.data, found.size);
    return value->failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status compare_hash(struct check_analysis *analysis, uint32_t doc, const struct review *review,
                                 revue_error *error) {
    uint64_t stored = 0;
    TRY(ids_text_hash(segment_ids(analysis->segment->segment), doc, &stored, error));
    if (stored == identity_text_hash(review, analysis->language)) return REVUE_OK;
    if (analysis->wrong_hashes++ == 0) analysis->wrong_hash_first = doc;
    return REVUE_OK;
}

revue_status check_analysis_review(struct check_analysis *analysis, uint32_t doc, struct view title, struct view body,
                                   struct view url, revue_error *error) {
    TRY(read_keyword(analysis, &analysis->languages, analysis->language_values, doc, &analysis->lang, error));
    TRY(read_keyword(analysis, &analysis->products, analysis->product_values, doc, &analysis->product, error));
    TRY(read_keyword(analysis, &analysis->authors, analysis->author_values, doc, &analysis->author, error));
    analysis->language = analysis->lang.size > 0 ? language_of_tag(bytes_view(&analysis->lang), NULL) : LANGUAGE_ENGLISH;
    struct review review = {.url = url};
    review.text[FIELD_TITLE] = title;
    review.text[FIELD_BODY] = body;
    review.text[FIELD_PRODUCT] = bytes_view(&analysis->product);
    review.text[FIELD_AUTHOR] = bytes_view(&analysis->author);
    bool has_text = analysis->segment->segment->meta.has_text;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (has_text || (field != FIELD_TITLE && field != FIELD_BODY))
            TRY(compare_field(analysis, doc, field, review.text[field], error));
    return has_text ? compare_hash(analysis, doc, &review, error) : REVUE_OK;
}

/* ---- the end ---- */

static revue_status say_wrong(struct check_analysis *analysis, uint32_t doc, const char *what, uint32_t count,
                              const char *how, revue_error *error) {
    struct bytes *id = &analysis->scratch;
    TRY(ids_get(segment_ids(analysis->segment->segment), doc, id, error));
    check_fault(analysis->check, "segment %u, review %u (\"%.*s\"), %s: %s (so in %u reviews)",
                analysis->segment->row->number, doc, (int)id->size, (const char *)id->data, what, how, count);
    return REVUE_OK;
}

/* Reviews that a form is counted in. Without stored text only some fields were looked at. */
static void check_counts(struct check_analysis *analysis) {
    uint32_t wrong = 0, df = 0, counted = 0;
    for (size_t i = 0; i <= analysis->forms.mask; i++) {
        const struct check_known_form *form = &analysis->forms.slots[i];
        if (form->key == 0 || form->df == form->counted || (!form->is_exact && form->df > form->counted)) continue;
        df = form->df;
        counted = form->counted;
        wrong++;
    }
    if (wrong > 0)
        check_fault(analysis->check,
                    "segment %u, FORMS: a form is in %u reviews by its count, in %u by their texts (so of %u forms)",
                    analysis->segment->row->number, df, counted, wrong);
}

revue_status check_analysis_finish(struct check_analysis *analysis, revue_error *error) {
    bool is_right = true;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (analysis->wrong_count[field] == 0) continue;
        is_right = false;
        TRY(say_wrong(analysis, analysis->wrong_first[field], check_field_name(field), analysis->wrong_count[field],
                      "analysis differs: its words are not those of the posting lists", error));
    }
    if (analysis->wrong_hashes > 0)
        TRY(say_wrong(analysis, analysis->wrong_hash_first, "TEXT_HASHES", analysis->wrong_hashes,
                      "the hash is not that of its texts", error));
    if (is_right && analysis->segment->segment->meta.has_text) check_counts(analysis);
    return REVUE_OK;
}
