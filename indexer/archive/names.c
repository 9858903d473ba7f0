/* names.c - see names.h. */
#include "indexer/archive/names.h"

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"

#include <fnmatch.h>

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool equal_ignoring_case(struct view text, const char *word) {
    size_t size = strlen(word);
    if (text.size != size) return false;
    for (size_t i = 0; i < size; i++) {
        if (lower(text.data[i]) != word[i]) return false;
    }
    return true;
}

static bool is_one_of(struct view text, const char *const *words) {
    for (; *words; words++) {
        if (equal_ignoring_case(text, *words)) return true;
    }
    return false;
}

struct view name_last_part(struct view path) {
    for (size_t i = path.size; i > 0; i--) {
        if (path.data[i - 1] == '/') return view_of(path.data + i, path.size - i);
    }
    return path;
}

/* What stands behind the last '.' of the last part; empty when there is none, or it is too odd to be an extension. */
static struct view extension_of(struct view path) {
    struct view part = name_last_part(path);
    for (size_t i = part.size; i > 1; i--) {
        char c = lower(part.data[i - 1]);
        if (c == '.') return view_of(part.data + i, part.size - i);
        if (part.size - i > 10 || !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) break;
    }
    return view_of(NULL, 0);
}

static struct view without_extension(struct view path) {
    struct view extension = extension_of(path);
    return extension.size ? view_of(path.data, path.size - extension.size - 1) : path;
}

struct view name_without_compression(struct view path) {
    static const char *const endings[] = {"gz", "bz2", "xz", "zst", "zstd", NULL};
    return is_one_of(extension_of(path), endings) ? without_extension(path) : path;
}

struct view name_stem(struct view path) {
    return without_extension(name_without_compression(name_last_part(path)));
}

bool name_is_container(struct view path) {
    static const char *const endings[] = {"tar", "zip", "tgz", "tbz", "tbz2", "txz", "tzst", NULL};
    return is_one_of(extension_of(name_without_compression(path)), endings);
}

enum name_kind name_kind_of(struct view path) {
    static const char *const text[] = {"txt", "text", "review", NULL};
    static const char *const html[] = {"html", "htm", "xhtml", NULL};
    static const char *const json[] = {"json", "jsonl", "jsonlines", "ndjson", "jl", NULL};
    static const char *const beside[] = {
        "md",    "rst",    "pdf",    "doc",   "docx", "odt", "xls",   "xlsx", "ods",  "ppt",     "pptx",      "epub",
        "tex",   "bib",    "ps",     "xml",   "xsl",  "xsd", "dtd",   "yml",  "yaml", "toml",    "ini",       "cfg",
        "conf",  "css",    "scss",   "js",    "mjs",  "ts",  "map",   "svg",  "png",  "jpg",     "jpeg",      "gif",
        "bmp",   "ico",    "webp",   "tif",   "tiff", "mp3", "mp4",   "avi",  "wav",  "ogg",     "webm",      "mov",
        "ttf",   "woff",   "woff2",  "eot",   "py",   "pyc", "ipynb", "r",    "rmd",  "c",       "h",         "cpp",
        "cc",    "hpp",    "java",   "class", "jar",  "go",  "rs",    "rb",   "php",  "pl",      "sh",        "bat",
        "sql",   "sqlite", "db",     "mdb",   "pkl",  "npy", "npz",   "h5",   "hdf5", "parquet", "arrow",     "mat",
        "rdata", "rds",    "log",    "lock",  "exe",  "so",  "dll",   "o",    "a",    "bin",     "iso",       "md5",
        "sha1",  "sha256", "sha512", "sum",   "asc",  "sig", "7z",    "rar",  "qrel", "qrels",   "gitignore", NULL};
    struct view extension = extension_of(name_without_compression(path));
    if (extension.size == 0) return NAME_UNKNOWN;
    if (is_one_of(extension, text)) return NAME_TEXT;
    if (is_one_of(extension, html)) return NAME_HTML;
    if (is_one_of(extension, json)) return NAME_JSON;
    if (equal_ignoring_case(extension, "csv")) return NAME_CSV;
    if (equal_ignoring_case(extension, "tsv") || equal_ignoring_case(extension, "tab")) return NAME_TSV;
    return is_one_of(extension, beside) ? NAME_BESIDE : NAME_UNKNOWN;
}

/* The name up to its first '.'; with loose also up to the first '-', '_', blank or digit. */
static struct view first_word(struct view part, bool loose) {
    size_t size = 0;
    while (size < part.size && part.data[size] != '.') {
        char c = part.data[size];
        if (loose && (c == '-' || c == '_' || c == ' ' || (c >= '0' && c <= '9'))) break;
        size++;
    }
    return view_of(part.data, size);
}

const char *name_beside(struct view path) {
    static const char *const about[] = {"license",      "licence",  "copying",  "changelog",  "authors", "contributors",
                                        "contributing", "citation", "makefile", "todo",       "robots",  "requirements",
                                        "dockerfile",   "md5sums",  "sha1sums", "sha256sums", NULL};
    static const char *const judged[] = {"qrels", "qrel", "topics", "queries", "judgments", "judgements", NULL};
    struct view part = name_last_part(path);
    if (equal_ignoring_case(first_word(part, true), "readme")) return "a README";
    if (is_one_of(first_word(part, false), about)) return "about the archive, by its name";
    if (is_one_of(first_word(part, true), judged)) return "judgments or topics of a test collection, by its name";
    if (name_kind_of(path) == NAME_BESIDE) return "not a format of reviews, by its extension";
    return NULL;
}

bool name_is_hidden(struct view path) {
    size_t start = 0;
    for (size_t i = 0; path.size > 0 && i <= path.size; i++) {
        if (i < path.size && path.data[i] != '/') continue;
        struct view part = view_of(path.data + start, i - start);
        bool dots = (part.size == 1 && part.data[0] == '.') || (part.size == 2 && memcmp(part.data, "..", 2) == 0);
        if (part.size > 0 && part.data[0] == '.' && !dots) return true;
        if (view_equal(part, view_of_string("__MACOSX"))) return true;
        start = i + 1;
    }
    return false;
}

/* *matches when any glob matches the path or its last part. */
static bool match_any(const char *path, const struct view *globs, size_t count, bool *matches) {
    const char *slash = strrchr(path, '/');
    *matches = false;
    for (size_t i = 0; i < count && !*matches; i++) {
        char *glob = memory_copy_bytes(globs[i].data, globs[i].size);
        if (!glob) return false;
        *matches = fnmatch(glob, path, 0) == 0 || (slash && fnmatch(glob, slash + 1, 0) == 0);
        memory_free(glob);
    }
    return true;
}

bool name_is_selected(struct view path, const struct archive_options *options, bool inclusive, bool *selected) {
    bool included = true, excluded = false, done = true;
    if (options->include_count == 0 && options->exclude_count == 0) {
        *selected = true;
        return true;
    }
    char *copy = memory_copy_bytes(path.data, path.size);
    if (!copy) return false;
    if (inclusive && options->include_count > 0)
        done = match_any(copy, options->include, options->include_count, &included);
    if (done) done = match_any(copy, options->exclude, options->exclude_count, &excluded);
    memory_free(copy);
    *selected = included && !excluded;
    return done;
}

void name_append_printable(struct bytes *out, struct view path) {
    while (path.size >= 2 && path.data[0] == '.' && path.data[1] == '/')
        path = view_of(path.data + 2, path.size - 2);
    for (size_t at = 0; at < path.size;) {
        size_t length;
        uint32_t character = utf8_decode(path.data + at, path.size - at, &length);
        bool ill_formed = character == UTF8_REPLACEMENT && length == 1;
        if (ill_formed || character < 0x20 || (character >= 0x7F && character < 0xA0)) {
            for (size_t i = 0; i < length; i++)
                bytes_append_format(out, "%%%02X", (unsigned)(uint8_t)path.data[at + i]);
        } else {
            bytes_append(out, path.data + at, length);
        }
        at += length;
    }
}
