/* params.h - the parameters of a request, from its two forms: the words behind '?' (or of a form), and a JSON object. */
#ifndef REVUE_SERVE_PARAMS_H
#define REVUE_SERVE_PARAMS_H

#include "indexer/base/error.h"
#include "query/serve/request.h"

/*  name       kind      default  limit                what it is
 *  q          text      ""       limits.query_bytes   the query, in the language of GRAMMAR.md, read leniently
 *  n          count     10       limits.hits          how many hits (with group: groups)
 *  offset     count     0        limits.depth - n     leave out so many
 *  after      text      -                             go on behind the answer that gave this token
 *  filter     text      -        limits.query_bytes   a query that must match too and adds nothing to scores
 *  sort       text      -        limits.query_bytes   "date:desc,stars"
 *  facet      list      -        REQUEST_FACETS       "product:20"; may repeat
 *  group      text      -                             a column of keywords
 *  op         choice    auto                          auto, any, all
 *  min_match  text      -                             how many of the words must match where any will do: 2, 75%
 *  prior      text      -                             "stars:0.3,age:0.5:1w": what lifts scores beside the words
 *  lang       tag       -        35 bytes             only reviews in this language
 *  count      flag      0                             1: the total is exact whatever that takes
 *  format     choice    json                          json, jsonl, csv, tsv, trec, html
 *
 * A parameter that repeats and is no list: the last one counts, with a warning. An empty one is as if not given. */

/* `q=calm+room&n=20`, without the '?'. A fault of the encoding itself (half a percent sign, %00) is REVUE_USAGE: what was
 * meant cannot be known. Bytes that are not UTF-8 are repaired. request is initialised, and freed by the caller in any
 * case. */
revue_status params_read_query(struct view text, const struct request_limits *limits, struct search_request *request,
                               revue_error *error);

/* A JSON object with the same names: texts, whole numbers, true and false; facet is a list of texts or one. Not JSON,
 * nested deeper than PARAMS_JSON_DEPTH, or no object: REVUE_USAGE. */
#define PARAMS_JSON_DEPTH 8
revue_status params_read_json(struct view text, const struct request_limits *limits, struct search_request *request,
                              revue_error *error);

/* Percent signs of one segment or path put right; '+' stays. REVUE_USAGE as above. The bytes are the arena's. */
revue_status params_decode_path(struct view text, struct arena *arena, struct view *decoded, revue_error *error);

#endif
