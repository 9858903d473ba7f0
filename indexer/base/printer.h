/* printer.h - one way to say structured answers, in JSON; others may follow behind the same calls (notmuch's sprinter is
 * the model). Output is collected in a struct bytes with its sticky error: check bytes.failed once, then write it out. */
#ifndef REVUE_BASE_PRINTER_H
#define REVUE_BASE_PRINTER_H

#include "indexer/base/bytes.h"

#define PRINTER_DEPTH 32

struct printer {
    struct bytes *out;
    unsigned depth;
    bool needs_comma[PRINTER_DEPTH];
    bool after_key;
};
void printer_start(struct printer *printer, struct bytes *out);
void printer_begin_map(struct printer *printer);
void printer_end_map(struct printer *printer);
void printer_begin_list(struct printer *printer);
void printer_end_list(struct printer *printer);
void printer_key(struct printer *printer, const char *key);
void printer_string(struct printer *printer,
                    struct view text); /* invalid UTF-8 is repaired; controls, U+2028/9 and </ escaped */
void printer_integer(struct printer *printer, int64_t value);
void printer_unsigned(struct printer *printer, uint64_t value);
void printer_number(struct printer *printer, double value); /* shortest form that reads back the same; finite */
void printer_decimals(struct printer *printer, double value, int decimals);
void printer_boolean(struct printer *printer, bool value);
/* key and value together; a NULL string writes nothing (an absent value is an absent key). */
void printer_key_string(struct printer *printer, const char *key, const char *text);
void printer_key_unsigned(struct printer *printer, const char *key, uint64_t value);
void printer_key_number(struct printer *printer, const char *key, double value);
void printer_key_boolean(struct printer *printer, const char *key, bool value);

#endif
