/* html_data.c - see html.h: schema.org reviews in JSON-LD scripts and in microdata attributes. Keys mean what they mean
 * everywhere else (schema.h), but that the "name" of a Review is its title. */
#include "indexer/archive/html.h"
#include "indexer/archive/json_record.h"
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"

/* "Review", "http://schema.org/Review", "schema:UserReview" ... */
static bool is_review_type(struct view type) {
    static const char *const names[] = {"Review", "UserReview", "CriticReview", "EmployerReview", "MediaReview", NULL};
    for (size_t i = type.size; i > 0; i--) {
        if (type.data[i - 1] != '/' && type.data[i - 1] != ':' && type.data[i - 1] != '#') continue;
        type = view_of(type.data + i, type.size - i);
        break;
    }
    for (const char *const *name = names; *name; name++) {
        if (view_equal(type, view_of_string(*name))) return true;
    }
    return false;
}

static revue_status add_review(struct html_reviews *reviews, struct html_review review, revue_error *error) {
    if (!MEMORY_RESERVE(reviews->items, reviews->capacity, reviews->count + 1)) return error_no_memory(error);
    reviews->items[reviews->count++] = review;
    return REVUE_OK;
}

/* ---- JSON-LD ---- */

static bool json_has_review_type(struct json_object *object) {
    struct json_object *type = NULL;
    if (!json_object_object_get_ex(object, "@type", &type) || !type) return false;
    if (!json_object_is_type(type, json_type_array)) return is_review_type(json_text(type));
    for (size_t i = 0; i < json_object_array_length(type); i++) {
        if (is_review_type(json_text(json_object_array_get_idx(type, i)))) return true;
    }
    return false;
}

static bool has_text_member(struct json_object *object, const char *key) {
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, key, &value) && value && json_object_is_type(value, json_type_string) &&
           json_object_get_string_len(value) > 0;
}

/* Looks through a value and everything in it; recursion is bounded by the depth the parser allows. */
static revue_status collect_json(struct html_reviews *reviews, struct json_object *value, struct json_object *around,
                                 revue_error *error) {
    if (!value) return REVUE_OK;
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            TRY(collect_json(reviews, json_object_array_get_idx(value, i), around, error));
        }
        return REVUE_OK;
    }
    if (!json_object_is_type(value, json_type_object)) return REVUE_OK;
    if (json_has_review_type(value)) {
        bool has_text =
            has_text_member(value, "reviewBody") || has_text_member(value, "description") || has_text_member(value, "text");
        struct html_review review = {.json = value, .around = around};
        return has_text ? add_review(reviews, review, error) : REVUE_OK;
    }
    if (has_text_member(value, "name")) around = value;
    json_object_object_foreach(value, key, inner) {
        (void)key;
        TRY(collect_json(reviews, inner, around, error));
    }
    return REVUE_OK;
}

static revue_status parse_script(struct html_reviews *reviews, xmlNode *script, struct json_tokener *tokener,
                                 revue_error *error) {
    struct bytes text = {0};
    for (const xmlNode *part = script->children; part; part = part->next) {
        if (part->content) (void)utf8_repair(&text, (const char *)part->content, strlen((const char *)part->content));
    }
    bool failed = text.failed || !MEMORY_RESERVE(reviews->roots, reviews->root_capacity, reviews->root_count + 1);
    struct json_object *root = NULL;
    if (!failed && text.size > 0 && text.size < INT32_MAX) {
        json_tokener_reset(tokener);
        root = json_tokener_parse_ex(tokener, (const char *)text.data, (int)text.size);
    }
    bytes_free(&text);
    if (failed) return error_no_memory(error);
    if (!root) return REVUE_OK; /* a broken script is no reason to lose the page */
    reviews->roots[reviews->root_count++] = root;
    return collect_json(reviews, root, NULL, error);
}

static revue_status find_json(struct html_reviews *reviews, xmlNode *root, revue_error *error) {
    struct bytes type = {0};
    revue_status status = REVUE_OK;
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
    if (!tokener) return error_no_memory(error);
    for (xmlNode *node = root; node && status == REVUE_OK; node = html_next_node(root, node, false)) {
        if (!html_is_element(node, "script") || !html_attribute(node, "type", &type)) continue;
        if (view_equal(bytes_view(&type), view_of_string("application/ld+json")))
            status = parse_script(reviews, node, tokener, error);
    }
    json_tokener_free(tokener);
    bool failed = type.failed;
    bytes_free(&type);
    return failed ? error_no_memory(error) : status;
}

static void put_title(struct record *record, struct view text) {
    record_put(record, (struct record_key){.slot = SLOT_TITLE, .rank = 0}, text);
}

static void fill_from_json(const struct html_review *review, struct record *record) {
    struct json_object *name = NULL;
    if (json_object_object_get_ex(review->json, "name", &name) && name) put_title(record, json_text(name));
    json_object_object_foreach(review->json, key, value) {
        bool said = strcmp(key, "name") == 0 || key[0] == '@';
        if (!said) json_record_put(record, record_key_of(record, view_of_string(key)), value);
    }
    if (review->around && !record_has(record, SLOT_PRODUCT)) json_record_inherit(record, review->around);
}

/* ---- microdata ---- */

static bool is_item(const xmlNode *node) {
    const xmlAttr *attribute = node->type == XML_ELEMENT_NODE ? node->properties : NULL;
    while (attribute && strcmp((const char *)attribute->name, "itemscope") != 0)
        attribute = attribute->next;
    return attribute != NULL;
}

/* Is one of the words of the attribute itemprop this one? */
static bool has_property(const xmlNode *node, const char *name, struct bytes *scratch) {
    if (!html_attribute(node, "itemprop", scratch)) return false;
    size_t size = strlen(name);
    for (size_t at = 0; at + size <= scratch->size; at++) {
        bool starts = at == 0 || scratch->data[at - 1] == ' ',
             ends = at + size == scratch->size || scratch->data[at + size] == ' ';
        if (starts && ends && memcmp(scratch->data + at, name, size) == 0) return true;
    }
    return false;
}

/* A property's value: of attributes that machines read, else its text. */
static void property_value(xmlNode *node, struct bytes *out) {
    static const char *const attributes[] = {"content", "datetime", NULL};
    for (const char *const *name = attributes; *name; name++) {
        if (html_attribute(node, *name, out)) return;
    }
    if ((html_is_element(node, "a") || html_is_element(node, "link")) && has_property(node, "url", out) &&
        html_attribute(node, "href", out)) {
        return;
    }
    bytes_clear(out);
    html_append_text(out, node, false);
}

/* The first element inside item with this property that does not belong to an item inside it. */
static xmlNode *find_property(xmlNode *item, const char *name, struct bytes *scratch) {
    xmlNode *next;
    for (xmlNode *node = item; node; node = next) {
        bool inner = node != item && is_item(node);
        if (node != item && has_property(node, name, scratch)) return node;
        next = html_next_node(item, node, inner);
    }
    return NULL;
}

static struct view kept_value(struct record *record, xmlNode *node, struct bytes *scratch) {
    property_value(node, scratch);
    return record_keep(record, bytes_view(scratch));
}

/* A property that is an item itself: a person's or product's name, a rating with its scale. */
static void put_item(struct record *record, struct record_key key, xmlNode *item, struct bytes *scratch) {
    xmlNode *value = find_property(item, key.slot == SLOT_RATING ? "ratingValue" : "name", scratch);
    if (!value) return;
    record_put(record, key, kept_value(record, value, scratch));
    xmlNode *best =
        key.slot == SLOT_RATING && record_has(record, SLOT_RATING) ? find_property(item, "bestRating", scratch) : NULL;
    double max;
    if (!best) return;
    property_value(best, scratch);
    if (schema_parse_number(bytes_view(scratch), &max)) record_set_rating_max(record, max);
}

/* Calls for each word of itemprop. */
static void put_property(struct record *record, xmlNode *node, struct bytes *scratch, struct bytes *names) {
    if (!html_attribute(node, "itemprop", names) || names->size == 0) return;
    size_t start = 0;
    for (size_t i = 0; i <= names->size; i++) {
        if (i < names->size && names->data[i] != ' ') continue;
        struct view name = view_of(names->data + start, i - start);
        struct record_key key = record_key_of(record, name);
        start = i + 1;
        if (view_equal(name, view_of_string("name")))
            put_title(record, kept_value(record, node, scratch));
        else if (key.slot != SLOT_NONE && is_item(node))
            put_item(record, key, node, scratch);
        else if (key.slot != SLOT_NONE || key.has_column)
            record_put(record, key, kept_value(record, node, scratch));
    }
}

/* The name of the item around a review, which is then what is reviewed. */
static void put_product_around(struct record *record, xmlNode *review, struct bytes *scratch) {
    for (xmlNode *node = review->parent; node; node = node->parent) {
        if (node->type != XML_ELEMENT_NODE || !is_item(node)) continue;
        xmlNode *name = find_property(node, "name", scratch);
        struct record_key key = {.slot = SLOT_PRODUCT, .rank = SCHEMA_WEAK};
        if (name) record_put(record, key, kept_value(record, name, scratch));
        return;
    }
}

static bool fill_from_item(xmlNode *item, struct record *record) {
    struct bytes scratch = {0}, names = {0};
    xmlNode *next;
    for (xmlNode *node = item; node; node = next) {
        if (node != item) put_property(record, node, &scratch, &names);
        next = html_next_node(item, node, node != item && is_item(node));
    }
    if (!record_has(record, SLOT_PRODUCT)) put_product_around(record, item, &scratch);
    bool done = !scratch.failed && !names.failed;
    bytes_free(&scratch);
    bytes_free(&names);
    return done;
}

static revue_status find_items(struct html_reviews *reviews, xmlNode *root, revue_error *error) {
    struct bytes text = {0};
    revue_status status = REVUE_OK;
    xmlNode *next;
    for (xmlNode *node = root; node && status == REVUE_OK; node = next) {
        bool found = is_item(node) && html_attribute(node, "itemtype", &text) && is_review_type(bytes_view(&text));
        next = html_next_node(root, node, found); /* reviews do not hold reviews; this also keeps it linear */
        if (!found) continue;
        bool has_text = find_property(node, "reviewBody", &text) || find_property(node, "description", &text);
        if (has_text) status = add_review(reviews, (struct html_review){.item = node}, error);
    }
    bool failed = text.failed;
    bytes_free(&text);
    return failed ? error_no_memory(error) : status;
}

/* ---- both ---- */

revue_status html_reviews_find(struct html_reviews *reviews, xmlNode *root, revue_error *error) {
    TRY(find_json(reviews, root, error));
    return reviews->count > 0 ? REVUE_OK : find_items(reviews, root, error);
}

void html_reviews_free(struct html_reviews *reviews) {
    for (size_t i = 0; i < reviews->root_count; i++)
        (void)json_object_put(reviews->roots[i]);
    memory_free(reviews->roots);
    memory_free(reviews->items);
    *reviews = (struct html_reviews){0};
}

bool html_review_fill(const struct html_review *review, struct record *record) {
    if (review->item) return fill_from_item(review->item, record);
    fill_from_json(review, record);
    return true;
}
