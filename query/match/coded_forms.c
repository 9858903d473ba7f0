/* coded_forms.c - see coded_forms.h. */
#include "query/match/coded_forms.h"

#include "indexer/text/fold.h"

#define KNOWN 16384u /* numbers under it are remembered: they are the frequent ones */
#define NOT_A_TOKEN 255u

void coded_forms_free(struct coded_forms *coded) {
    bytes_free(&coded->ids);
    bytes_free(&coded->scratch);
}

static uint8_t id_of_form(const struct coded_forms *coded, struct view form) {
    for (uint32_t i = 0; i < coded->form_count; i++)
        if (view_equal(coded->forms[i], form)) return (uint8_t)(CODED_FORM_FIRST + i);
    return CODED_FORM_NONE;
}

uint8_t coded_forms_id(const struct coded_forms *coded, uint32_t i) {
    return id_of_form(coded, coded->forms[i]);
}

/* As the scanner says it of a word. */
static bool is_plain_ascii(struct view word) {
    for (size_t i = 0; i < word.size; i++)
        if ((uint8_t)word.data[i] - 1u >= 0x7F || word.data[i] == '&') return false;
    return true;
}

/* A word of which folding leaves nothing is no token. */
static uint8_t id_of_word(const struct coded_forms *coded, struct view word) {
    char form[FORM_MAX];
    const size_t size = fold_word(word, is_plain_ascii(word), LANGUAGE_ENGLISH, form); /* no rule looks at the language */
    return size ? id_of_form(coded, view_of(form, size)) : NOT_A_TOKEN;
}

static revue_status id_of_number(struct coded_forms *coded, struct symbol_tables *tables, uint32_t number, uint8_t *id,
                                 revue_error *error) {
    struct symbol symbol;
    TRY(symbol_tables_get(tables, number, &coded->scratch, &symbol, error));
    *id = symbol.is_gap ? NOT_A_TOKEN : id_of_word(coded, symbol.bytes);
    if (number < KNOWN) coded->known[number] = *id;
    return REVUE_OK;
}

static revue_status id_of_item(struct coded_forms *coded, struct symbol_tables *tables, const struct text_item *item,
                               uint8_t *id, revue_error *error) {
    *id = item->number < KNOWN ? coded->known[item->number] : 0;
    if (*id) return REVUE_OK;
    if (item->number >= SYMBOL_FIRST) return id_of_number(coded, tables, item->number, id, error);
    *id = item->number == SYMBOL_LITERAL_WORD ? id_of_word(coded, item->literal) : NOT_A_TOKEN;
    return REVUE_OK;
}

static bool prepare(struct coded_forms *coded, struct arena *arena, uint32_t length) {
    if (!coded->known) {
        coded->known = arena_alloc(arena, KNOWN);
        if (!coded->known) return false;
        memset(coded->known, 0, KNOWN);
    }
    bytes_clear(&coded->ids);
    return bytes_extend(&coded->ids, (size_t)length + 1) != NULL;
}

revue_status coded_forms_walk(struct coded_forms *coded, struct symbol_tables *tables, struct view codes, uint32_t length,
                              struct arena *arena, bool *is_known, revue_error *error) {
    struct word_codes_walk walk;
    struct text_item item;
    uint64_t count = 0;
    *is_known = false;
    /* Each token takes a byte of the codes at least: a longer field is damaged, and left to those who say how. */
    if (coded->form_count > CODED_FORMS_MAX || length > codes.size) return REVUE_OK;
    if (!prepare(coded, arena, length)) return error_no_memory(error);
    word_codes_walk_start(&walk, codes, tables->s);
    while (word_codes_walk_next(&walk, &item)) {
        uint8_t id;
        TRY(id_of_item(coded, tables, &item, &id, error));
        if (id == NOT_A_TOKEN) continue;
        if (count < length) coded->ids.data[count] = id;
        count++;
    }
    *is_known = !walk.reader.failed && count == length;
    return REVUE_OK;
}
