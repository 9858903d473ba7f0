/* completions_json.h - completions and other spellings as one line of JSON, as SCHEMA.md has it. */
#ifndef REVUE_OUTPUT_COMPLETIONS_JSON_H
#define REVUE_OUTPUT_COMPLETIONS_JSON_H

#include "indexer/base/bytes.h"
#include "revue.h"

void completions_json(const revue_completions *completions, struct view query, const char *const *warnings,
                      size_t warning_count, struct bytes *out);

#endif
