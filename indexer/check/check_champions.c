/* check_champions.c - the champions of a stem: they are reviews that hold it, with the frequencies that the lists say, and
 * no other review of the segment is worth more under the defaults (FORMAT.md, 6.6). Searches take their bounds from that.
 */
#include "indexer/check/check.h"

#include "indexer/format/champions_record.h"
#include "indexer/format/scoring.h"

#include <math.h>

static double worth(const struct check_segment *segment, const struct champion *champion) {
    double sum = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (champion->frequency[field] > 0)
            sum += check_worth(segment, field, champion->frequency[field], segment->lengths[field][champion->doc]);
    return sum;
}

static const char *wrong_champions(const struct check_segment *segment, const struct check_lists *lists,
                                   const struct champion *champions, uint32_t count, uint32_t df) {
    double least = HUGE_VAL;
    uint32_t better = 0;
    if (count != CHAMPIONS_MAX) return "there are not 16 of them";
    for (uint32_t i = 0; i < count; i++) {
        if (!check_lists_hold(lists, champions[i].doc)) return "one does not hold the term";
        double value = check_lists_worth(lists, champions[i].doc);
        if (value != worth(segment, &champions[i])) return "one has other frequencies than the posting lists";
        if (value < least) least = value;
    }
    for (uint32_t i = 0; i < df; i++)
        better += check_lists_worth(lists, check_lists_holder(lists, i)) > least;
    return better < count ? NULL : "another review is worth more";
}

revue_status check_champions(struct check *check, struct check_segment *segment, const struct check_lists *lists,
                             const struct term_entry *entry, uint32_t df, revue_error *error) {
    struct champion champions[CHAMPIONS_MAX];
    uint32_t count = 0, number = segment->row->number;
    const char *wrong = NULL;
    if (df > CHAMPIONS_DF && entry->champions_bytes == 0) wrong = "there are none, though it is in many reviews";
    if (df <= CHAMPIONS_DF && entry->champions_bytes > 0) wrong = "there are some, though it is in few reviews";
    if (!wrong && entry->champions_bytes > 0) {
        revue_status status =
            champions_read(&segment->segment->streams[KIND_SKIPS], entry->champions, entry->champions_bytes, entry->fields,
                           segment->row->doc_count, champions, &count, error);
        TRY(check_outcome(check, status, error, "term \"%.*s\"", (int)entry->stem.size, entry->stem.data));
        if (status == REVUE_OK) wrong = wrong_champions(segment, lists, champions, count, df);
    }
    if (wrong)
        check_fault(check, "segment %u, term \"%.*s\", champions: %s", number, (int)entry->stem.size, entry->stem.data,
                    wrong);
    return REVUE_OK;
}
