#!/usr/bin/env bash
# The house's one direction, by its #include lines: the indexer never includes query; query takes from the indexer only the shared
# rooms; programs and printers use revue.h and base only.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0
complain() { [ -z "$2" ] || { printf '%s\n%s\n' "$1" "$2"; failed=1; }; }
complain "the indexer includes query:" "$(grep -rnE '#include "query/' indexer include)"
complain "query includes more than the shared rooms of the indexer:" \
    "$(grep -rnE '#include "indexer/' query | grep -vE '#include "indexer/(base|review|text|format|store)/')"
complain "a program or printer includes more than revue.h and base:" \
    "$(grep -rnE '#include "(indexer|query)/' indexer/cli query/cli query/output query/serve | grep -vE '#include "(indexer/base|indexer/cli|query/cli|query/output|query/serve)/')"
complain "the page includes more of the server than the request:" \
    "$(grep -rnE '#include "query/serve/' query/serve/page | grep -vE '#include "query/serve/(request\.h|page/)')"
complain "base includes other rooms:" "$(grep -rnE '#include "(indexer|query)/' indexer/base | grep -v '#include "indexer/base/')"
[ "$failed" = 0 ] && echo "the layers hold"
exit "$failed"
