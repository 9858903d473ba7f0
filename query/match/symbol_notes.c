/* symbol_notes.c - see symbol_notes.h. */
#include "query/match/symbol_notes.h"

#include "indexer/base/hash.h"
#include "indexer/text/scan.h"

#define NOTES_OF_FORMS 0u
_Static_assert(LANGUAGE_COUNT < SYMBOL_NOTES, "one kind of notes for the forms, and one for the stems of each language");

revue_status symbol_notes_open(struct symbol_notes *notes, struct symbol_tables *tables, stemmer *shared,
                               enum language language, struct bytes *scratch, revue_error *error) {
    const unsigned kind = shared ? 1 + (unsigned)language : NOTES_OF_FORMS;
    *notes = (struct symbol_notes){.tables = tables, .stemmer = shared, .language = language, .scratch = scratch};
    notes->notes = symbol_tables_notes(tables, kind, &notes->count);
    notes->marks = symbol_tables_marks(tables, kind, &notes->count);
    return notes->notes && notes->marks ? REVUE_OK : error_no_memory(error);
}

uint64_t symbol_note_of(struct view form_or_stem) {
    const uint64_t hash = hash_view(form_or_stem);
    return hash < NOTE_FIRST_HASH ? hash + NOTE_FIRST_HASH : hash;
}

uint8_t symbol_mark_of(uint64_t note) {
    if (note < NOTE_FIRST_HASH) return note == NOTE_NOT_A_TOKEN ? WORD_MARK_SKIPPED : (uint8_t)note;
    return (uint8_t)(MARK_FIRST_HASH + note % (UINT8_MAX + 1 - MARK_FIRST_HASH));
}

revue_status symbol_notes_of_word(const struct symbol_notes *notes, struct view word, uint64_t *note, revue_error *error) {
    char form[FORM_MAX], stem[FORM_MAX];
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, word);
    if (!scanner_next(&scanner, &span) || span.kind == SPAN_IDEOGRAPHS) {
        *note = NOTE_UNCOUNTABLE;
        return REVUE_OK;
    }
    size_t size = fold_word(word, span.ascii && span.size == word.size, notes->language, form);
    if (size == 0 || !notes->stemmer) {
        *note = size == 0 ? NOTE_NOT_A_TOKEN : symbol_note_of(view_of(form, size));
        return REVUE_OK;
    }
    TRY(stemmer_stem(notes->stemmer, view_of(form, size), notes->language, stem, &size, error));
    *note = symbol_note_of(view_of(stem, size));
    return REVUE_OK;
}

revue_status symbol_notes_of_number(const struct symbol_notes *notes, uint32_t number, uint64_t *note, revue_error *error) {
    struct symbol symbol = {.is_gap = true}; /* of SYMBOL_NO_BLANK */
    if (number >= SYMBOL_FIRST) TRY(symbol_tables_get(notes->tables, number, notes->scratch, &symbol, error));
    *note = NOTE_NOT_A_TOKEN;
    if (!symbol.is_gap) TRY(symbol_notes_of_word(notes, symbol.bytes, note, error));
    if (number < notes->count) {
        notes->notes[number] = *note;
        notes->marks[number] = symbol_mark_of(*note);
    }
    return REVUE_OK;
}
