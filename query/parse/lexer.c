/* lexer.c - see lexer.h; GRAMMAR.md says what is an operator where.
 *
 * The one difficulty is that review text and its quotations use the same signs as the language: wi-fi, C++, 12", (s), :).
 * A sign is an operator by its place: + - = only before a word and after a blank or an opening parenthesis; a name and a
 * colon only at the front of a word; a quote anywhere but after a digit, where it means inches. All else is left in the
 * raw word for the analysis to drop. */
#include "query/parse/lexer.h"

#include "indexer/base/utf8.h"

bool lexer_is_blank(uint32_t character) {
    if (character <= 0x20 || character == 0x85 || character == 0xA0) return true;
    if (character < 0x1680) return false;
    return character == 0x1680 || (character >= 0x2000 && character <= 0x200A) || character == 0x2028 ||
           character == 0x2029 || character == 0x202F || character == 0x205F || character == 0x3000 || character == 0xFEFF;
}

bool lexer_is_digit(uint32_t character) {
    return character >= '0' && character <= '9';
}

/* Signs outside ASCII that people type between words. What is not listed passes as a letter here and may turn out as no
 * word at all in the analysis: a blunt test is enough to tell "- good" from "-good". */
static bool is_foreign_punctuation(uint32_t character) {
    if (character <= 0xBF) return character != 0xAA && character != 0xB5 && character != 0xBA;
    if (character == 0xD7 || character == 0xF7) return true;
    if (character >= 0x2000 && character <= 0x206F) return true; /* dashes, quotes, bullets */
    if (character >= 0x3000 && character <= 0x3020) return character < 0x3004 || character > 0x3007;
    if (character >= 0xFF01 && character <= 0xFF20) return character < 0xFF10 || character > 0xFF19;
    return character == 0xFEFF || character == UTF8_REPLACEMENT;
}

bool lexer_is_letter(uint32_t character) {
    if (character < 0x80) return (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
    return !is_foreign_punctuation(character);
}

static bool is_quote(uint32_t character) {
    return character == '"' || (character >= 0x201C && character <= 0x201F); /* “ ” „ ‟ */
}

bool lexer_has_word(struct view text) {
    size_t length;
    for (size_t i = 0; i < text.size; i += length) {
        uint32_t character = utf8_decode(text.data + i, text.size - i, &length);
        if (lexer_is_letter(character) || lexer_is_digit(character)) return true;
    }
    return false;
}

/* The character at a byte and its length; 0 and 0 at the end. */
static uint32_t character_at(const struct lexer *lexer, uint32_t at, uint32_t *length) {
    size_t size = 0;
    uint32_t character = 0;
    if (at < lexer->text.size) character = utf8_decode(lexer->text.data + at, lexer->text.size - at, &size);
    *length = (uint32_t)size;
    return character;
}

static bool is_ascii_at(const struct lexer *lexer, uint32_t at, const char *set) {
    if (at >= lexer->text.size) return false;
    char c = lexer->text.data[at];
    return c != '\0' && strchr(set, c) != NULL;
}

static struct view slice(const struct lexer *lexer, uint32_t start, uint32_t end) {
    return view_of(lexer->text.data + start, end - start);
}

static uint32_t skip_blanks(const struct lexer *lexer, uint32_t at) {
    uint32_t length;
    while (lexer_is_blank(character_at(lexer, at, &length)) && length > 0)
        at += length;
    return at;
}

/* The end of the raw word at a byte: a blank, a parenthesis, or a quote that does not follow a digit (12" is inches). */
static uint32_t word_end(const struct lexer *lexer, uint32_t at) {
    uint32_t length, before = 0;
    for (;; at += length) {
        uint32_t character = character_at(lexer, at, &length);
        if (length == 0 || lexer_is_blank(character) || character == '(' || character == ')') return at;
        if (is_quote(character) && !lexer_is_digit(before)) return at;
        before = character;
    }
}

/* Where a quote stands next, the text's size when nowhere. */
static uint32_t find_quote(const struct lexer *lexer, uint32_t at, uint32_t *quote_length) {
    uint32_t length;
    for (;; at += length) {
        uint32_t character = character_at(lexer, at, &length);
        *quote_length = length;
        if (length == 0 || is_quote(character)) return at;
    }
}

/* Whether a word or a phrase begins here that = may stand before. */
static bool begins_value(const struct lexer *lexer, uint32_t at) {
    uint32_t length;
    if (is_quote(character_at(lexer, at, &length)) && length > 0) return true;
    return lexer_has_word(slice(lexer, at, word_end(lexer, at)));
}

/* Whether something begins here that + or - may stand before: not another sign (--, ++), not punctuation alone. */
static bool begins_operand(const struct lexer *lexer, uint32_t at) {
    if (is_ascii_at(lexer, at, "(")) return true;
    if (is_ascii_at(lexer, at, "+-")) return false;
    return begins_value(lexer, is_ascii_at(lexer, at, "=") ? at + 1 : at);
}

/* Letters, digits, _ and -, a letter or _ first and a letter anywhere: what a field's name looks like, known or not. */
static bool is_name(struct view text) {
    size_t length;
    bool letter = false;
    for (size_t i = 0; i < text.size; i += length) {
        uint32_t character = utf8_decode(text.data + i, text.size - i, &length);
        letter = letter || lexer_is_letter(character);
        if (lexer_is_letter(character) || character == '_') continue;
        if (i == 0 || !(lexer_is_digit(character) || character == '-')) return false;
    }
    return letter;
}

/* A field's name at the front of the raw word [start, end), its colon included in *name_end. An unknown name counts only
 * with a value directly after it (Acting: great is a label), a known one alone too, so that the parser can say so. */
static bool find_field(const struct lexer *lexer, uint32_t start, uint32_t end, uint32_t *name_end) {
    const char *colon = end > start ? memchr(lexer->text.data + start, ':', end - start) : NULL;
    if (!colon) return false;
    uint32_t at = (uint32_t)(colon - lexer->text.data), length;
    struct view name = slice(lexer, start, at);
    uint32_t after = character_at(lexer, at + 1, &length);
    bool alone = length == 0 || lexer_is_blank(after) || after == ')';
    if (!query_field_find(lexer->fields, lexer->field_count, name) && (alone || !is_name(name))) return false;
    *name_end = at + 1;
    return true;
}

static enum token_kind operator_kind(struct view word) {
    if (view_equal(word, view_of_string("AND"))) return TOKEN_AND;
    if (view_equal(word, view_of_string("OR"))) return TOKEN_OR;
    if (view_equal(word, view_of_string("NOT"))) return TOKEN_NOT;
    return TOKEN_WORD;
}

static void token_set(struct token *token, struct lexer *lexer, enum token_kind kind, uint32_t end) {
    token->kind = kind;
    token->end = end;
    token->text = slice(lexer, token->start, end);
    lexer->at = end;
    lexer->previous = kind;
}

static void lex_quote(struct lexer *lexer, struct token *token, uint32_t opening) {
    uint32_t closing, inside = token->start + opening, end = find_quote(lexer, inside, &closing);
    if (closing == 0) {
        token_set(token, lexer, TOKEN_QUOTE, inside);
        return;
    }
    token_set(token, lexer, TOKEN_PHRASE, end + closing);
    token->text = slice(lexer, inside, end);
    token->has_word = lexer_has_word(token->text);
}

static void lex_word(struct lexer *lexer, struct token *token, bool is_value) {
    uint32_t end = word_end(lexer, token->start), name_end;
    bool after_prefix = token->joined && (is_value || lexer->previous == TOKEN_MUST || lexer->previous == TOKEN_MUST_NOT);
    if (!is_value && find_field(lexer, token->start, end, &name_end)) {
        token_set(token, lexer, TOKEN_FIELD, name_end);
        token->text.size--;
        return;
    }
    enum token_kind kind = after_prefix ? TOKEN_WORD : operator_kind(slice(lexer, token->start, end));
    token_set(token, lexer, kind, end);
    token->has_word = lexer_has_word(token->text);
}

/* Directly after a phrase or a group + - = are punctuation: "John Wick"-style is not a query without style. */
static void skip_joined_signs(struct lexer *lexer, struct token *token) {
    enum token_kind before = lexer->previous;
    bool after_operand = before == TOKEN_PHRASE || before == TOKEN_CLOSE || before == TOKEN_SUFFIX || before == TOKEN_WORD;
    if (!token->joined || !after_operand) return;
    while (is_ascii_at(lexer, lexer->at, "+-="))
        lexer->at++;
    uint32_t start = skip_blanks(lexer, lexer->at);
    token->joined = start == lexer->at;
    lexer->at = start;
}

/* Digits may be followed by letters ("a b"^2x): those are the next word. */
static void lex_suffix(struct lexer *lexer, struct token *token) {
    uint32_t end = token->start;
    while (is_ascii_at(lexer, end, "~^.0123456789"))
        end++;
    token_set(token, lexer, TOKEN_SUFFIX, end);
}

/* The signs + - = where they are operators. */
static bool lex_sign(struct lexer *lexer, struct token *token) {
    bool after_field = token->joined && lexer->previous == TOKEN_FIELD;
    bool after_sign = token->joined && (lexer->previous == TOKEN_MUST || lexer->previous == TOKEN_MUST_NOT);
    bool after_exact = token->joined && lexer->previous == TOKEN_EXACT;
    uint32_t at = token->start;
    if (after_exact) return false;
    if (is_ascii_at(lexer, at, "=") && begins_value(lexer, at + 1)) {
        token_set(token, lexer, TOKEN_EXACT, at + 1);
        return true;
    }
    if (after_field || after_sign || !is_ascii_at(lexer, at, "+-") || !begins_operand(lexer, at + 1)) return false;
    token_set(token, lexer, lexer->text.data[at] == '+' ? TOKEN_MUST : TOKEN_MUST_NOT, at + 1);
    return true;
}

void lexer_start(struct lexer *lexer, struct view text, const struct query_field *fields, size_t field_count) {
    lexer->text = text;
    lexer->fields = fields;
    lexer->field_count = field_count;
    lexer->at = 0;
    lexer->previous = TOKEN_END;
}

void lexer_next(struct lexer *lexer, struct token *token) {
    uint32_t length, start = skip_blanks(lexer, lexer->at);
    memset(token, 0, sizeof *token);
    token->joined = start == lexer->at && start > 0;
    lexer->at = start;
    bool after_group = token->joined && (lexer->previous == TOKEN_PHRASE || lexer->previous == TOKEN_CLOSE);
    bool suffix = after_group && is_ascii_at(lexer, start, "~^");
    if (!suffix) skip_joined_signs(lexer, token);
    token->start = lexer->at;
    uint32_t character = character_at(lexer, token->start, &length);
    bool is_value = token->joined && (lexer->previous == TOKEN_FIELD || lexer->previous == TOKEN_EXACT);
    if (length == 0) {
        token_set(token, lexer, TOKEN_END, token->start);
    } else if (suffix) {
        lex_suffix(lexer, token);
    } else if (character == '(' || character == ')') {
        token_set(token, lexer, character == '(' ? TOKEN_OPEN : TOKEN_CLOSE, token->start + 1);
    } else if (is_quote(character)) {
        lex_quote(lexer, token, length);
    } else if (!lex_sign(lexer, token)) {
        lex_word(lexer, token, is_value);
    }
}

bool lexer_next_plain(struct lexer *lexer, struct token *token) {
    uint32_t length, end;
    memset(token, 0, sizeof *token);
    token->start = end = skip_blanks(lexer, lexer->at);
    while (!lexer_is_blank(character_at(lexer, end, &length)) && length > 0)
        end += length;
    token_set(token, lexer, TOKEN_WORD, end);
    token->has_word = lexer_has_word(token->text);
    return end > token->start;
}
