/* labels.c - see labels.h. */
#include "query/serve/page/labels.h"

#include "query/serve/page/page_html.h"

struct label {
    const char *name, *text;
};

static const struct label fields[] = {
    {"stars", "Stars"}, {"rating", "Rating"}, {"product", "Product"}, {"author", "Author"},
    {"date", "Date"},   {"votes", "Votes"},   {"lang", "Language"},   {"tags", "Tags"},
};

/* Languages that archives of reviews are often in; of others the tag is shown. */
static const struct label languages[] = {
    {"ar", "Arabic"},     {"bg", "Bulgarian"},  {"bn", "Bengali"},    {"ca", "Catalan"},    {"cs", "Czech"},
    {"da", "Danish"},     {"de", "German"},     {"el", "Greek"},      {"en", "English"},    {"es", "Spanish"},
    {"et", "Estonian"},   {"eu", "Basque"},     {"fa", "Persian"},    {"fi", "Finnish"},    {"fr", "French"},
    {"ga", "Irish"},      {"he", "Hebrew"},     {"hi", "Hindi"},      {"hr", "Croatian"},   {"hu", "Hungarian"},
    {"hy", "Armenian"},   {"id", "Indonesian"}, {"it", "Italian"},    {"ja", "Japanese"},   {"ko", "Korean"},
    {"lt", "Lithuanian"}, {"lv", "Latvian"},    {"nb", "Norwegian"},  {"ne", "Nepali"},     {"nl", "Dutch"},
    {"no", "Norwegian"},  {"pl", "Polish"},     {"pt", "Portuguese"}, {"ro", "Romanian"},   {"ru", "Russian"},
    {"sk", "Slovak"},     {"sl", "Slovenian"},  {"sr", "Serbian"},    {"sv", "Swedish"},    {"ta", "Tamil"},
    {"th", "Thai"},       {"tr", "Turkish"},    {"uk", "Ukrainian"},  {"vi", "Vietnamese"}, {"zh", "Chinese"},
};

static const char *find_label(const struct label *labels, size_t count, struct view name) {
    for (size_t i = 0; i < count; i++) {
        if (view_equal(name, view_of_string(labels[i].name))) return labels[i].text;
    }
    return NULL;
}

void label_field(struct view name, struct bytes *out) {
    const char *text = find_label(fields, sizeof fields / sizeof *fields, name);
    page_html_attribute(out, text ? view_of_string(text) : name);
}

void label_value(struct view field, struct view value, struct bytes *out) {
    const char *text = NULL;
    if (view_equal(field, view_of_string("lang"))) {
        text = find_label(languages, sizeof languages / sizeof *languages, value);
    }
    page_html_text(out, text ? view_of_string(text) : value);
}

/* So many digits at text; -1 when there are other characters among them. */
static int read_digits(const char *text, size_t count) {
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/* Bytes of text that are YYYY, YYYY-MM or YYYY-MM-DD, with a time behind it or nothing; 0 when it is no such date. */
static size_t date_size(const char *text, int *year, int *month, int *day) {
    *year = read_digits(text, 4);
    *month = *year >= 0 && text[4] == '-' ? read_digits(text + 5, 2) : 0;
    *day = *month > 0 && text[7] == '-' ? read_digits(text + 8, 2) : 0;
    const size_t size = *year < 0 ? 0 : *month == 0 ? 4 : *day == 0 ? 7 : 10;
    const bool is_date = size > 0 && *month >= 0 && *month <= 12 && *day >= 0 && *day <= 31;
    return is_date && (text[size] == '\0' || text[size] == 'T') ? size : 0;
}

void label_date(const char *date, struct bytes *out) {
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    int year, month, day;
    const size_t size = date_size(date, &year, &month, &day);
    if (size == 0) {
        page_html_isolated(out, date);
        return;
    }
    bytes_append_format(out, "<time datetime=\"%.*s\">", (int)size, date);
    if (day > 0) bytes_append_format(out, "%d ", day);
    if (month > 0) bytes_append_format(out, "%s ", months[month - 1]);
    bytes_append_format(out, "%d</time>", year);
}

void label_stars(double stars, struct bytes *out) {
    const double shown = stars < 0 ? 0 : stars > 5 ? 5 : stars;
    const unsigned halves = (unsigned)(shown * 2 + 0.5);
    bytes_append_string(out, "<span class=\"stars\"><span aria-hidden=\"true\">");
    for (unsigned i = 0; i < halves / 2; i++)
        bytes_append_string(out, "\342\230\205");
    if (halves % 2) bytes_append_string(out, "\302\275");
    bytes_append_string(out, " ");
    page_html_decimal(out, stars);
    bytes_append_string(out, "</span><span class=\"unseen\">");
    page_html_decimal(out, stars);
    bytes_append_string(out, " of 5 stars</span></span>");
}
