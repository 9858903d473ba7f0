// Lucene as a peer: the same reviews, the same queries, the same table of answers.
//
//     index TABLE.tsv DIR THREADS MIB DETAIL   lines `id TAB title TAB product TAB body`; makes DIR or adds to it
//     merge DIR                                into one segment
//     query DIR QUERIES.tsv REPEATS BEST       lines `KIND TAB WORDS`; prints `KIND TAB WORDS TAB BEST_US TAB id id ...`
//     search DIR WORDS...                      the ten best with all the words, with snippets
//
// DETAIL is `positions` or `frequencies`, MIB the buffer of the writer; with BEST 0 the fourth field is how many match.
//
// Set up for speed, and as near to what it is compared with as it can be: words, lower case, Snowball's English stems, no
// stop words, text kept; title, product and body weighted 2, 1.5 and 1. Queries run for some passes before the clock does,
// so that what is timed is compiled code.
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.Version;

public final class LucenePeer {
  private static final String[] SEARCHED = {"title", "product", "body"};
  private static final float[] WEIGHTS = {2f, 1.5f, 1f};
  private static final int GROUP = 64; // lines a thread takes at a time
  private static final int WARM_PASSES = 40;
  private static final double WARM_SECONDS = 15; // no further pass is begun after so long
  private static final Analyzer ANALYZER = new Stems();

  private static final class Stems extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer words = new StandardTokenizer();
      return new TokenStreamComponents(words, new SnowballFilter(new LowerCaseFilter(words), "English"));
    }
  }

  // ---- building --------------------------------------------------------------------------------------------------------

  private static IndexWriterConfig config(double bufferMebibytes) {
    TieredMergePolicy policy = new TieredMergePolicy();
    policy.setNoCFSRatio(0);
    return new IndexWriterConfig(ANALYZER)
        .setOpenMode(IndexWriterConfig.OpenMode.CREATE_OR_APPEND)
        .setRAMBufferSizeMB(bufferMebibytes)
        .setUseCompoundFile(false)
        .setMergePolicy(policy);
  }

  private static FieldType textType(String detail) {
    FieldType type = new FieldType();
    type.setIndexOptions(
        detail.equals("frequencies")
            ? IndexOptions.DOCS_AND_FREQS
            : IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
    type.setTokenized(true);
    type.setStored(true);
    type.freeze();
    return type;
  }

  /** The next lines of the table; none at its end. Threads share the table. */
  private static List<String> nextGroup(BufferedReader table) throws IOException {
    List<String> group = new ArrayList<>(GROUP);
    synchronized (table) {
      String line;
      while (group.size() < GROUP && (line = table.readLine()) != null) group.add(line);
    }
    return group;
  }

  private static Document review(String line, FieldType textType) {
    String[] columns = line.split("\t", 4);
    Document document = new Document();
    FieldType kept = new FieldType();
    kept.setStored(true);
    document.add(new Field("id", columns[0], kept));
    document.add(new BinaryDocValuesField("id", new BytesRef(columns[0])));
    for (int i = 0; i < SEARCHED.length; i++) {
      if (!columns[i + 1].isEmpty()) document.add(new Field(SEARCHED[i], columns[i + 1], textType));
    }
    return document;
  }

  private static void addReviews(BufferedReader table, IndexWriter writer, FieldType textType) throws IOException {
    for (List<String> group = nextGroup(table); !group.isEmpty(); group = nextGroup(table)) {
      for (String line : group) writer.addDocument(review(line, textType));
    }
  }

  private static void index(String table, String path, int threads, double buffer, String detail) throws Exception {
    FieldType type = textType(detail);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Directory directory = new MMapDirectory(Path.of(path));
        IndexWriter writer = new IndexWriter(directory, config(buffer));
        BufferedReader lines = Files.newBufferedReader(Path.of(table))) {
      Runnable work =
          () -> {
            try {
              addReviews(lines, writer, type);
            } catch (Throwable thrown) {
              failure.set(thrown);
            }
          };
      List<Thread> helpers = new ArrayList<>();
      for (int i = 1; i < threads; i++) helpers.add(new Thread(work));
      for (Thread helper : helpers) helper.start();
      work.run();
      for (Thread helper : helpers) helper.join();
      if (failure.get() != null) throw new IOException(failure.get());
      writer.commit();
    }
    printSegments(path);
  }

  private static void merge(String path) throws IOException {
    try (Directory directory = new MMapDirectory(Path.of(path));
        IndexWriter writer = new IndexWriter(directory, config(IndexWriterConfig.DEFAULT_RAM_BUFFER_SIZE_MB))) {
      writer.forceMerge(1);
    }
    printSegments(path);
  }

  private static void printSegments(String path) throws IOException {
    try (Directory directory = new MMapDirectory(Path.of(path))) {
      int segments = SegmentInfos.readLatestCommit(directory).size();
      System.out.printf(Locale.ROOT, "{\"segments\": %d, \"version\": \"%s\"}%n", segments, Version.LATEST);
    }
  }

  // ---- searching -------------------------------------------------------------------------------------------------------

  private static IndexSearcher open(String path) throws IOException {
    IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(new MMapDirectory(Path.of(path))));
    searcher.setQueryCache(null);
    return searcher;
  }

  private static List<String> stems(String words) throws IOException {
    List<String> stems = new ArrayList<>();
    try (TokenStream tokens = ANALYZER.tokenStream("body", words)) {
      CharTermAttribute text = tokens.getAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) stems.add(text.toString());
      tokens.end();
    }
    return stems;
  }

  private static Query weighted(Query query, int field) {
    return WEIGHTS[field] == 1f ? query : new BoostQuery(query, WEIGHTS[field]);
  }

  private static Query joined(Occur occur, List<Query> clauses) {
    if (clauses.isEmpty()) return new MatchNoDocsQuery();
    if (clauses.size() == 1) return clauses.get(0);
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    for (Query clause : clauses) builder.add(clause, occur);
    return builder.build();
  }

  /** `fields` are those of the searched ones that hold any word. */
  private static Query query(String kind, String words, int[] fields) throws IOException {
    List<String> stems = stems(words);
    List<Query> clauses = new ArrayList<>();
    if (kind.equals("phrase") && stems.size() > 1) {
      for (int field : fields) {
        clauses.add(weighted(new PhraseQuery(SEARCHED[field], stems.toArray(String[]::new)), field));
      }
      return joined(Occur.SHOULD, clauses);
    }
    for (String stem : stems) {
      List<Query> ofWord = new ArrayList<>();
      for (int field : fields) ofWord.add(weighted(new TermQuery(new Term(SEARCHED[field], stem)), field));
      if (kind.equals("and")) clauses.add(joined(Occur.SHOULD, ofWord));
      else clauses.addAll(ofWord);
    }
    return joined(kind.equals("and") ? Occur.MUST : Occur.SHOULD, clauses);
  }

  private static int[] fieldsWithWords(IndexSearcher searcher) throws IOException {
    List<Integer> fields = new ArrayList<>();
    for (int i = 0; i < SEARCHED.length; i++) {
      if (searcher.getIndexReader().getDocCount(SEARCHED[i]) > 0) fields.add(i);
    }
    return fields.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Every review's id, in memory before the clock runs. */
  private static String[] loadIds(IndexSearcher searcher) throws IOException {
    String[] ids = new String[searcher.getIndexReader().maxDoc()];
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      BinaryDocValues values = leaf.reader().getBinaryDocValues("id");
      for (int doc = values.nextDoc(); doc < leaf.reader().maxDoc(); doc = values.nextDoc()) {
        ids[leaf.docBase + doc] = values.binaryValue().utf8ToString();
      }
    }
    return ids;
  }

  private static TopDocs top(IndexSearcher searcher, Query query, int best) throws IOException {
    int most = Math.min(best, Math.max(1, searcher.getIndexReader().maxDoc()));
    return searcher.search(query, new TopScoreDocCollectorManager(most, null, most));
  }

  /** From words to ids, a blank between two, or to the number of matches. */
  private static String runOnce(IndexSearcher searcher, String[] line, int[] fields, String[] ids, int best)
      throws IOException {
    Query query = query(line[0], line[1], fields);
    if (best == 0) return Integer.toString(searcher.count(query));
    StringBuilder answer = new StringBuilder();
    for (ScoreDoc hit : top(searcher, query, best).scoreDocs) {
      if (answer.length() > 0) answer.append(' ');
      answer.append(ids[hit.doc]);
    }
    return answer.toString();
  }

  private static void answerQueries(String path, String queries, int repeats, int best) throws IOException {
    IndexSearcher searcher = open(path);
    int[] fields = fieldsWithWords(searcher);
    String[] ids = loadIds(searcher);
    List<String[]> lines = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(queries))) lines.add(line.split("\t", 2));
    long begin = System.nanoTime();
    for (int pass = 0; pass < WARM_PASSES && (System.nanoTime() - begin) / 1e9 < WARM_SECONDS; pass++) {
      for (String[] line : lines) runOnce(searcher, line, fields, ids, best);
    }
    PrintStream output = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    for (String[] line : lines) {
      long fastest = Long.MAX_VALUE;
      String answer = "";
      for (int repeat = 0; repeat < repeats; repeat++) {
        long start = System.nanoTime();
        answer = runOnce(searcher, line, fields, ids, best);
        fastest = Math.min(fastest, System.nanoTime() - start);
      }
      output.printf(Locale.ROOT, "%s\t%s\t%.1f\t%s\n", line[0], line[1], fastest / 1e3, answer);
    }
    output.flush();
  }

  private static void printAnswer(String path, String words) throws IOException {
    IndexSearcher searcher = open(path);
    Query query = query("and", words, fieldsWithWords(searcher));
    TopDocs top = top(searcher, query, 10);
    String[] snippets = UnifiedHighlighter.builder(searcher, ANALYZER).build().highlight("body", query, top);
    StringBuilder answer = new StringBuilder();
    for (int i = 0; i < snippets.length; i++) {
      Document review = searcher.storedFields().document(top.scoreDocs[i].doc);
      String title = review.get("title");
      answer.append(review.get("id")).append("  ").append(title == null ? "" : title);
      answer.append("\n    ").append(snippets[i]).append('\n');
    }
    System.out.print(answer);
  }

  public static void main(String[] arguments) throws Exception {
    switch (arguments.length == 0 ? "" : arguments[0]) {
      case "index" ->
          index(arguments[1], arguments[2], Integer.parseInt(arguments[3]), Double.parseDouble(arguments[4]), arguments[5]);
      case "merge" -> merge(arguments[1]);
      case "query" ->
          answerQueries(arguments[1], arguments[2], Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
      case "search" -> printAnswer(arguments[1], String.join(" ", List.of(arguments).subList(2, arguments.length)));
      default -> {
        System.err.println("usage: index TABLE.tsv DIR THREADS MIB positions|frequencies | merge DIR"
            + " | query DIR QUERIES.tsv REPEATS BEST | search DIR WORDS...");
        System.exit(2);
      }
    }
  }
}
