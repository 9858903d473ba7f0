/* params_reader.h - between the files that read parameters (params.c, params_query.c, params_json.c), and for openapi.c,
 * which describes them. */
#ifndef REVUE_SERVE_PARAMS_READER_H
#define REVUE_SERVE_PARAMS_READER_H

#include "query/serve/params.h"

struct params_reader {
    struct search_request *request;
    const struct request_limits *limits;
    uint32_t seen; /* of the table, one bit each */
    bool failed;   /* no memory for a warning */
    revue_error *error;
};

enum parameter_kind { PARAMETER_TEXT, PARAMETER_COUNT, PARAMETER_LIST, PARAMETER_CHOICE, PARAMETER_FLAG };
struct parameter {
    const char *name;
    enum parameter_kind kind;
    revue_status (*set)(struct params_reader *reader, const struct parameter *parameter, struct view value);
    size_t offset;              /* of what it sets, in struct search_request */
    const char *const *choices; /* ends in NULL */
    const char *help;
};
const struct parameter *params_table(size_t *count);

/* Sets a parameter; name and value are valid UTF-8 without zero bytes. A name that does not exist is a warning. */
revue_status params_set(struct params_reader *reader, struct view name, struct view value);
/* Behind the last one. */
revue_status params_end(struct params_reader *reader);
void params_warn(struct params_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
