/* stem_exceptions.c - English words that libstemmer 2.2.0 (Porter 2 of 2021) throws together and readers keep apart.
 *
 * Three tables of form and stem, each sorted for bsearch, and one rule. A stem on the right is either what Snowball gives
 * to the other words of the family ("experienc", so that experience meets experienced) or a word that it gives to nobody.
 * Words not in a table are left to Snowball: the table is no place for taste, only for pairs where the wrong word in an
 * answer looks like a mistake. bore, bored and boring stay one: in reviews they are.
 *
 * A later libstemmer that knows some of these itself changes nothing: the tables are asked first. */
#include "indexer/text/stem_exceptions.h"

#include <stdlib.h>

struct exception {
    const char *form, *stem;
};

/* What Snowball 3.0 (2025) and 3.1 (2026) do otherwise than 2.2.0: the result of 3.1.1 for words seen in film reviews.
 * universe, universal and university; organ, organic, organize and organism; past and paste; emerge and emergency; later
 * and lateral; intern, internal and international; even and evening; ad and added; egged, erred, ebbed. */
static const struct exception snowball_3[] = {
    {"added", "add"},
    {"adding", "add"},
    {"ebbed", "ebb"},
    {"ebbing", "ebb"},
    {"egged", "egg"},
    {"egging", "egg"},
    {"emergence", "emergenc"},
    {"emergencies", "emergenc"},
    {"emergency", "emergenc"},
    {"emergent", "emergent"},
    {"erred", "err"},
    {"erring", "err"},
    {"evening", "evening"},
    {"evenings", "evening"},
    {"interfered", "interfer"},
    {"interfering", "interfer"},
    {"interferingly", "interfer"},
    {"interment", "interment"},
    {"internal", "internal"},
    {"internalization", "internal"},
    {"internalize", "internal"},
    {"internalized", "internal"},
    {"internalizes", "internal"},
    {"internalizing", "internal"},
    {"internally", "internal"},
    {"internals", "internal"},
    {"international", "internat"},
    {"internationally", "internat"},
    {"internationals", "internat"},
    {"internment", "internment"},
    {"interstate", "interstat"},
    {"interstates", "interstat"},
    {"interval", "interval"},
    {"intervals", "interval"},
    {"lateral", "lateral"},
    {"laterally", "lateral"},
    {"laterals", "lateral"},
    {"offing", "off"},
    {"organic", "organic"},
    {"organically", "organic"},
    {"organics", "organic"},
    {"organism", "organism"},
    {"organisms", "organism"},
    {"organization", "organiz"},
    {"organizations", "organiz"},
    {"organize", "organiz"},
    {"organized", "organiz"},
    {"organizer", "organiz"},
    {"organizers", "organiz"},
    {"organizes", "organiz"},
    {"organizing", "organiz"},
    {"paste", "paste"},
    {"pasted", "paste"},
    {"pastes", "paste"},
    {"pasting", "paste"},
    {"universal", "universal"},
    {"universalism", "universal"},
    {"universality", "universal"},
    {"universalize", "universal"},
    {"universalized", "universal"},
    {"universalizing", "universal"},
    {"universally", "universal"},
    {"universals", "universal"},
    {"universities", "universiti"},
    {"university", "universiti"},
    {"vying", "vie"},
};

/* Families that Snowball still throws together, though their senses parted: animal, animated; experience, experiment;
 * import, important; wonder, wonderful; marvel (and the publisher), marvelous; except, exception, exceptional; sever,
 * severe, several; suit, suite; hospital, hospitality; bus, busy, business; custom, customer; apart,
 * apartment ... Found by
 * reading the largest stem classes of 100,000 film reviews; suite, hospitality,
 * apartment, charger, customer, production are for hotels, rooms and goods. organise and its kin follow organize. */
static const struct exception senses[] = {
    {"admiral", "admiral"},
    {"admirals", "admiral"},
    {"animal", "animal"},
    {"animals", "animal"},
    {"anime", "anime"},
    {"animes", "anime"},
    {"apartment", "apartment"},
    {"apartments", "apartment"},
    {"authorisation", "authorize"},
    {"authorise", "authorize"},
    {"authorised", "authorize"},
    {"authorises", "authorize"},
    {"authorising", "authorize"},
    {"authorities", "authority"},
    {"authority", "authority"},
    {"authorization", "authorize"},
    {"authorize", "authorize"},
    {"authorized", "authorize"},
    {"authorizes", "authorize"},
    {"authorizing", "authorize"},
    {"barely", "barely"},
    {"business", "business"},
    {"businesses", "business"},
    {"captivate", "captivate"},
    {"captivated", "captivate"},
    {"captivates", "captivate"},
    {"captivating", "captivate"},
    {"captivatingly", "captivate"},
    {"caste", "caste"},
    {"castes", "caste"},
    {"celebrities", "celebrity"},
    {"celebrity", "celebrity"},
    {"commandment", "commandment"},
    {"commandments", "commandment"},
    {"compassion", "compassion"},
    {"competence", "competent"},
    {"competency", "competent"},
    {"competent", "competent"},
    {"competently", "competent"},
    {"convention", "convention"},
    {"conventional", "convention"},
    {"conventionally", "convention"},
    {"conventions", "convention"},
    {"conversation", "conversation"},
    {"conversational", "conversation"},
    {"conversationally", "conversation"},
    {"conversations", "conversation"},
    {"conversion", "conversion"},
    {"conversions", "conversion"},
    {"cooperate", "cooperate"},
    {"cooperated", "cooperate"},
    {"cooperates", "cooperate"},
    {"cooperating", "cooperate"},
    {"cooperation", "cooperate"},
    {"cooperative", "cooperate"},
    {"cooperatively", "cooperate"},
    {"corporal", "corporal"},
    {"corporals", "corporal"},
    {"credibility", "credible"},
    {"credible", "credible"},
    {"credibly", "credible"},
    {"customer", "customer"},
    {"customers", "customer"},
    {"department", "department"},
    {"departments", "department"},
    {"designate", "designate"},
    {"designated", "designate"},
    {"designates", "designate"},
    {"designating", "designate"},
    {"designation", "designate"},
    {"designations", "designate"},
    {"engineer", "engineer"},
    {"engineered", "engineer"},
    {"engineering", "engineer"},
    {"engineers", "engineer"},
    {"exception", "exception"},
    {"exceptional", "exceptional"},
    {"exceptionally", "exceptional"},
    {"exceptions", "exception"},
    {"executive", "executive"},
    {"executives", "executive"},
    {"experience", "experienc"},
    {"experiences", "experienc"},
    {"experiment", "experiment"},
    {"experimented", "experiment"},
    {"experimenting", "experiment"},
    {"experiments", "experiment"},
    {"finale", "finale"},
    {"finales", "finale"},
    {"hardly", "hardly"},
    {"heroine", "heroine"},
    {"heroines", "heroine"},
    {"hospitable", "hospitality"},
    {"hospitality", "hospitality"},
    {"importance", "important"},
    {"important", "important"},
    {"importantly", "important"},
    {"improv", "improvis"},
    {"ironic", "ironi"},
    {"ironical", "ironi"},
    {"ironically", "ironi"},
    {"likelier", "likely"},
    {"likeliest", "likely"},
    {"likelihood", "likely"},
    {"likely", "likely"},
    {"literate", "literate"},
    {"livelier", "lively"},
    {"liveliest", "lively"},
    {"liveliness", "lively"},
    {"lively", "lively"},
    {"majorities", "majority"},
    {"majority", "majority"},
    {"marvellous", "marvelous"},
    {"marvellously", "marvelous"},
    {"marvelous", "marvelous"},
    {"marvelously", "marvelous"},
    {"marvelousness", "marvelous"},
    {"matte", "matte"},
    {"minorities", "minority"},
    {"minority", "minority"},
    {"morale", "morale"},
    {"nominal", "nominal"},
    {"nominally", "nominal"},
    {"objection", "objection"},
    {"objections", "objection"},
    {"objective", "objective"},
    {"objectively", "objective"},
    {"objectives", "objective"},
    {"objectivity", "objective"},
    {"organisation", "organiz"},
    {"organisational", "organiz"},
    {"organisations", "organiz"},
    {"organise", "organiz"},
    {"organised", "organiz"},
    {"organiser", "organiz"},
    {"organisers", "organiz"},
    {"organises", "organiz"},
    {"organising", "organiz"},
    {"physics", "physics"},
    {"playful", "playful"},
    {"playfully", "playful"},
    {"playfulness", "playful"},
    {"polite", "polite"},
    {"politely", "polite"},
    {"politeness", "polite"},
    {"portly", "portly"},
    {"positive", "positive"},
    {"positively", "positive"},
    {"positives", "positive"},
    {"positivity", "positive"},
    {"production", "production"},
    {"productions", "production"},
    {"productive", "productive"},
    {"productively", "productive"},
    {"productivity", "productive"},
    {"quite", "quite"},
    {"rational", "rational"},
    {"rationality", "rational"},
    {"rationalize", "rational"},
    {"rationalized", "rational"},
    {"rationalizes", "rational"},
    {"rationalizing", "rational"},
    {"rationally", "rational"},
    {"relative", "relative"},
    {"relatively", "relatively"},
    {"relatives", "relative"},
    {"relativity", "relativity"},
    {"several", "several"},
    {"severally", "several"},
    {"severe", "severe"},
    {"severely", "severe"},
    {"severest", "severe"},
    {"severity", "severe"},
    {"subjective", "subjective"},
    {"subjectively", "subjective"},
    {"subjectivity", "subjective"},
    {"suite", "suite"},
    {"suites", "suite"},
    {"terminal", "terminal"},
    {"terminally", "terminal"},
    {"terminals", "terminal"},
    {"terrorism", "terrorist"},
    {"witness", "witness"},
    {"witnessed", "witness"},
    {"witnesses", "witness"},
    {"witnessing", "witness"},
    {"wonderful", "wonderful"},
    {"wonderfully", "wonderful"},
    {"wonderfulness", "wonderful"},
};

/* Names of people and months that would lose a letter and meet another: Keats and Keating, Mary and Marie, July and Julie,
 * Brooks, Brooke and brook, Wells, Welles and well. */
static const struct exception names[] = {
    {"aires", "aires"},       {"barnes", "barnes"}, {"brooke", "brooke"}, {"brooks", "brooks"},   {"browne", "browne"},
    {"browning", "browning"}, {"carole", "carole"}, {"clarke", "clarke"}, {"davies", "davies"},   {"davis", "davis"},
    {"dominic", "dominic"},   {"dunne", "dunne"},   {"halle", "halle"},   {"harding", "harding"}, {"helene", "helene"},
    {"jesse", "jesse"},       {"julie", "julie"},   {"july", "july"},     {"keating", "keating"}, {"keats", "keats"},
    {"marie", "marie"},       {"mars", "mars"},     {"mary", "mary"},     {"poole", "poole"},     {"sharpe", "sharpe"},
    {"vincente", "vincente"}, {"welles", "welles"}, {"wells", "wells"},   {"willie", "willie"},   {"willis", "willis"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int compare(const void *key, const void *member) {
    const struct view *form = key;
    return view_compare(*form, view_of_string(((const struct exception *)member)->form));
}

static const struct exception *find(struct view form, const struct exception *table, size_t count) {
    return bsearch(&form, table, count, sizeof *table, compare);
}

static bool find_exception(struct view form, struct view *stem) {
    const struct exception *found = find(form, snowball_3, COUNT(snowball_3));
    if (!found) found = find(form, senses, COUNT(senses));
    if (!found) found = find(form, names, COUNT(names));
    if (found) *stem = view_of_string(found->stem);
    return found != NULL;
}

/* Snowball 3 again: an -ologist belongs to the -ology; both end in "olog" there. */
static bool is_ologist(struct view form, struct view *stem) {
    size_t size = form.size;
    if (size > 0 && form.data[size - 1] == 's') size--;
    if (size >= 9 && memcmp(form.data + size - 7, "ologist", 7) == 0) {
        *stem = view_of(form.data, size - 3);
        return true;
    }
    return false;
}

bool stem_exception(struct view form, struct view *stem) {
    return find_exception(form, stem) || is_ologist(form, stem);
}

/* ---- the filter ---- */

/* Of the first eight bytes and the size: enough to tell most words apart. */
static unsigned filter_bit(struct view form) {
    uint64_t head = 0;
    if (form.size) memcpy(&head, form.data, form.size < sizeof head ? form.size : sizeof head);
    return (unsigned)((head + form.size) * 0x9E3779B97F4A7C15u >> (64 - 14));
}

static bool add_to_filter(void *context, const char *form, const char *stem) {
    struct stem_exception_filter *filter = context;
    unsigned bit = filter_bit(view_of_string(form));
    (void)stem;
    filter->bits[bit / 64] |= (uint64_t)1 << bit % 64;
    return true;
}

bool stem_exception_filtered(struct stem_exception_filter *filter, struct view form, struct view *stem) {
    if (!filter->is_filled) filter->is_filled = stem_exceptions_visit(add_to_filter, filter);
    unsigned bit = filter_bit(form);
    bool may_be = filter->bits[bit / 64] >> bit % 64 & 1;
    return (may_be && find_exception(form, stem)) || is_ologist(form, stem);
}

bool stem_exceptions_visit(bool (*visit)(void *context, const char *form, const char *stem), void *context) {
    const struct exception *tables[] = {snowball_3, senses, names};
    const size_t counts[] = {COUNT(snowball_3), COUNT(senses), COUNT(names)};
    for (size_t t = 0; t < COUNT(tables); t++) {
        for (size_t i = 0; i < counts[t]; i++) {
            if (!visit(context, tables[t][i].form, tables[t][i].stem)) return false;
        }
    }
    return true;
}
