//! tantivy as a peer: the same reviews, the same queries, the same table of answers.
//!
//!     tantivy-peer index TABLE.tsv DIR THREADS MIB DETAIL   lines `id TAB title TAB product TAB body`; makes DIR or adds to it
//!     tantivy-peer merge DIR                                into one segment
//!     tantivy-peer query DIR QUERIES.tsv REPEATS BEST       lines `KIND TAB WORDS`; prints
//!                                                       `KIND TAB WORDS TAB BEST_US TAB id id ...`
//!     tantivy-peer search DIR WORDS...                      the ten best with all the words, with snippets
//!
//! DETAIL is `positions` or `frequencies`, MIB bounds what the writers hold; with BEST 0 the fourth field is how many match.
//!
//! Set up for speed, and as near to what it is compared with as it can be: words, lower case, Snowball's English stems, no
//! stop words, text kept; title, product and body weighted 2, 1.5 and 1. A word is only looked for in the fields that have
//! it: a scorer of nothing among the others would keep tantivy from skipping blocks. Reviews are handed over in groups.
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::Instant;

use tantivy::collector::{Count, TopDocs};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::{IndexWriter, NoMergePolicy, UserOperation};
use tantivy::query::{BooleanQuery, BoostQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions, Value, STORED, STRING};
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::{Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer};
use tantivy::{DocAddress, Index, ReloadPolicy, Result, Searcher, TantivyDocument, Term};

const ANALYZER: &str = "english";
const SEARCHED: [(&str, f32); 3] = [("title", 2.0), ("product", 1.5), ("body", 1.0)];
const GROUP: usize = 100; // reviews handed to a writer at a time
const WORD_MAX: usize = 255;
const MIB: usize = 1 << 20;
const SMALLEST_WRITER: usize = 15 * MIB; // tantivy takes no less for each thread
const SNIPPET_CHARACTERS: usize = 160;

fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD_MAX))
        .filter(LowerCaser)
        .filter(Stemmer::new(Language::English))
        .build()
}

fn schema(detail: IndexRecordOption) -> Schema {
    let mut builder = Schema::builder();
    builder.add_text_field("id", (STRING | STORED).set_fast("raw"));
    let indexing = TextFieldIndexing::default().set_tokenizer(ANALYZER).set_index_option(detail);
    for (name, _) in SEARCHED {
        builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing.clone()).set_stored());
    }
    builder.build()
}

fn open(path: &str) -> Result<Index> {
    let index = Index::open_in_dir(path)?;
    index.tokenizers().register(ANALYZER, analyzer());
    Ok(index)
}

fn open_or_create(path: &str, detail: &str) -> Result<Index> {
    if Index::exists(&MmapDirectory::open(path)?)? {
        return open(path);
    }
    let option = match detail {
        "frequencies" => IndexRecordOption::WithFreqs,
        _ => IndexRecordOption::WithFreqsAndPositions,
    };
    let index = Index::create_in_dir(path, schema(option))?;
    index.tokenizers().register(ANALYZER, analyzer());
    Ok(index)
}

/// A line of the table as a review, its columns in the order of the schema's fields.
fn review(line: &str, columns: &[Field]) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    for (field, value) in columns.iter().zip(line.trim_end_matches('\n').splitn(columns.len(), '\t')) {
        document.add_text(*field, value);
    }
    document
}

/// Adds the table's reviews and commits; ends when merges that began have ended, too.
fn index(table: &str, path: &str, threads: usize, memory: usize, detail: &str) -> Result<()> {
    std::fs::create_dir_all(path)?;
    let index = open_or_create(path, detail)?;
    let columns: Vec<Field> = index.schema().fields().map(|(field, _)| field).collect();
    let mut writer: IndexWriter =
        index.writer_with_num_threads(threads, (memory * MIB).max(SMALLEST_WRITER * threads))?;
    let mut lines = BufReader::with_capacity(MIB, File::open(table)?);
    let (mut line, mut group) = (String::new(), Vec::with_capacity(GROUP));
    while lines.read_line(&mut line)? > 0 {
        group.push(UserOperation::Add(review(&line, &columns)));
        if group.len() == GROUP {
            writer.run(group.drain(..))?;
        }
        line.clear();
    }
    writer.run(group)?;
    writer.commit()?;
    writer.wait_merging_threads()?;
    println!("{{\"segments\": {}}}", index.searchable_segment_ids()?.len());
    Ok(())
}

/// Also removes the files that this and earlier merges left behind, so that sizes are those of the living index.
fn merge(path: &str) -> Result<()> {
    let index = open(path)?;
    let segments = index.searchable_segment_ids()?;
    let mut writer: IndexWriter = index.writer_with_num_threads(1, SMALLEST_WRITER)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()
}

struct Peer {
    searcher: Searcher,
    fields: Vec<(Field, f32)>, // searched ones that hold any word, with their weights
    analyzer: TextAnalyzer,
}

impl Peer {
    fn open(path: &str) -> Result<Peer> {
        let index = open(path)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let mut fields = Vec::new();
        for (name, weight) in SEARCHED {
            let field = index.schema().get_field(name)?;
            for segment in searcher.segment_readers() {
                if segment.inverted_index(field)?.total_num_tokens() > 0 {
                    fields.push((field, weight));
                    break;
                }
            }
        }
        Ok(Peer { searcher, fields, analyzer: analyzer() })
    }

    fn stems(&mut self, words: &str) -> Vec<String> {
        let mut stems = Vec::new();
        self.analyzer.token_stream(words).process(&mut |token| stems.push(token.text.clone()));
        stems
    }

    /// One clause for each field that has the word.
    fn word_clauses(&self, stem: &str, times: f32) -> Result<Vec<Box<dyn Query>>> {
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        for &(field, weight) in &self.fields {
            let term = Term::from_field_text(field, stem);
            if self.searcher.doc_freq(&term)? > 0 {
                clauses.push(weighted(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)), weight * times));
            }
        }
        Ok(clauses)
    }

    fn phrase_clauses(&self, stems: &[String]) -> Result<Vec<Box<dyn Query>>> {
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        'fields: for &(field, weight) in &self.fields {
            let terms: Vec<Term> = stems.iter().map(|stem| Term::from_field_text(field, stem)).collect();
            for term in &terms {
                if self.searcher.doc_freq(term)? == 0 {
                    continue 'fields;
                }
            }
            clauses.push(weighted(Box::new(PhraseQuery::new(terms)), weight));
        }
        Ok(clauses)
    }

    fn query(&mut self, kind: &str, words: &str) -> Result<Box<dyn Query>> {
        let stems = self.stems(words);
        if kind == "phrase" && stems.len() > 1 {
            return Ok(joined(Occur::Should, self.phrase_clauses(&stems)?));
        }
        let mut distinct: Vec<(String, f32)> = Vec::new();
        for stem in stems {
            match distinct.iter_mut().find(|(known, _)| *known == stem) {
                Some((_, times)) => *times += 1.0,
                None => distinct.push((stem, 1.0)),
            }
        }
        let mut clauses = Vec::new();
        for (stem, times) in &distinct {
            let of_word = self.word_clauses(stem, *times)?;
            match kind {
                "and" => clauses.push(joined(Occur::Should, of_word)),
                _ => clauses.extend(of_word),
            }
        }
        Ok(joined(if kind == "and" { Occur::Must } else { Occur::Should }, clauses))
    }
}

fn weighted(query: Box<dyn Query>, weight: f32) -> Box<dyn Query> {
    if weight == 1.0 {
        return query;
    }
    Box::new(BoostQuery::new(query, weight))
}

fn joined(occur: Occur, mut clauses: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match clauses.len() {
        0 => Box::new(EmptyQuery),
        1 => clauses.remove(0),
        _ => Box::new(BooleanQuery::new(clauses.into_iter().map(|clause| (occur, clause)).collect())),
    }
}

/// Every review's id, in memory before the clock runs: tantivy's columns of strings are slow to read one by one.
struct Ids {
    segments: Vec<(Vec<String>, Vec<u32>)>, // the ids in order, and of each review which one it has
}

impl Ids {
    fn load(searcher: &Searcher) -> Result<Ids> {
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let column = reader.fast_fields().str("id")?.expect("id is a column");
            let (mut names, mut stream) = (Vec::new(), column.dictionary().stream()?);
            while stream.advance() {
                names.push(String::from_utf8_lossy(stream.key()).into_owned());
            }
            let ordinals = (0..reader.max_doc()).map(|doc| column.ords().first(doc).unwrap_or(0) as u32).collect();
            segments.push((names, ordinals));
        }
        Ok(Ids { segments })
    }

    fn of(&self, address: DocAddress) -> &str {
        let (names, ordinals) = &self.segments[address.segment_ord as usize];
        &names[ordinals[address.doc_id as usize] as usize]
    }
}

/// From words to ids; the answer replaces what `answer` held.
fn run_once(peer: &mut Peer, ids: &Ids, kind: &str, words: &str, best: usize, answer: &mut String) -> Result<()> {
    answer.clear();
    let query = peer.query(kind, words)?;
    if best == 0 {
        let _ = write!(answer, "{}", peer.searcher.search(query.as_ref(), &Count)?);
        return Ok(());
    }
    for (_, address) in peer.searcher.search(query.as_ref(), &TopDocs::with_limit(best).order_by_score())? {
        if !answer.is_empty() {
            answer.push(' ');
        }
        answer.push_str(ids.of(address));
    }
    Ok(())
}

fn answer_queries(path: &str, queries: &str, repeats: usize, best: usize) -> Result<()> {
    let mut peer = Peer::open(path)?;
    let ids = Ids::load(&peer.searcher)?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut answer = String::new();
    for line in BufReader::new(File::open(queries)?).lines() {
        let line = line?;
        let Some((kind, words)) = line.split_once('\t') else { continue };
        let mut fastest = f64::INFINITY;
        for _ in 0..repeats {
            let start = Instant::now();
            run_once(&mut peer, &ids, kind, words, best, &mut answer)?;
            fastest = fastest.min(start.elapsed().as_secs_f64());
        }
        writeln!(output, "{kind}\t{words}\t{:.1}\t{answer}", fastest * 1e6)?;
    }
    output.flush()?;
    Ok(())
}

fn print_answer(path: &str, words: &str) -> Result<()> {
    let mut peer = Peer::open(path)?;
    let query = peer.query("and", words)?;
    let schema = peer.searcher.schema();
    let (id, title, body) = (schema.get_field("id")?, schema.get_field("title")?, schema.get_field("body")?);
    let mut snippets = SnippetGenerator::create(&peer.searcher, query.as_ref(), body)?;
    snippets.set_max_num_chars(SNIPPET_CHARACTERS);
    for (_, address) in peer.searcher.search(query.as_ref(), &TopDocs::with_limit(10).order_by_score())? {
        let document: TantivyDocument = peer.searcher.doc(address)?;
        let text = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or("");
        println!("{}  {}\n    {}", text(id), text(title), snippets.snippet_from_doc(&document).to_html());
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<usize>().expect("a number");
    match arguments.as_slice() {
        ["index", table, path, threads, memory, detail] => index(table, path, number(threads), number(memory), detail),
        ["merge", path] => merge(path),
        ["query", path, queries, repeats, best] => answer_queries(path, queries, number(repeats), number(best)),
        ["search", path, words @ ..] if !words.is_empty() => print_answer(path, &words.join(" ")),
        _ => {
            eprintln!(
                "usage: tantivy-peer index TABLE.tsv DIR THREADS MIB positions|frequencies | merge DIR | \
                 query DIR QUERIES.tsv REPEATS BEST | search DIR WORDS..."
            );
            std::process::exit(2);
        }
    }
}
