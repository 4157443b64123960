// Roost reads what mlflow reads and refuses the rest in the same words; `support/search_corpus.py` asks mlflow.

import Testing

@Suite("filters and orderings as mlflow 3.17.2 reads them")
struct CorpusTests {
    @Test("every text has mlflow's answer, or stands in the list of differences")
    func sameAnswers() throws {
        let entries = try CorpusEntry.load()
        #expect(entries.count > 1000)
        for entry in entries where entry.differs == nil {
            #expect(entry.actual == entry.expected, "\(entry)")
        }
    }

    @Test("what stands in the list of differences does differ")
    func listedDifferences() throws {
        let differing = try CorpusEntry.load().filter { $0.differs != nil }
        #expect(!differing.isEmpty)
        for entry in differing {
            #expect(entry.actual != entry.expected, "\(entry): \(entry.differs ?? "")")
        }
    }
}
