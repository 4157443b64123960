// Random filters: what is printed is read back, and garbage is read or refused, never more.

import RoostCore
import RoostSearch
import Testing

@Suite("properties of the search language")
struct PropertyTests {
    @Test("a condition that is printed is read back as it was", arguments: [1, 2, 3, 4] as [UInt64])
    func printedConditions(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let condition = ConditionMaker.condition(depth: 3, &random)
            let text = ConditionMaker.print(condition, &random)
            #expect(try Vocabulary.runs.filter(text) == condition, "seed \(seed): \(text)")
        }
    }

    @Test("garbage is read, or refused as invalid", arguments: [1, 2, 3, 4] as [UInt64])
    func garbage(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let text = ConditionMaker.garbage(&random)
            for vocabulary in [Vocabulary.runs, .experiments] {
                do throws(APIError) {
                    _ = try vocabulary.filter(text)
                } catch {
                    #expect(error.code == .invalidParameterValue && !error.message.isEmpty, "seed \(seed): \(text)")
                }
                do throws(APIError) {
                    _ = try vocabulary.ordering([text])
                } catch {
                    #expect(error.code == .invalidParameterValue && !error.message.isEmpty, "seed \(seed): \(text)")
                }
            }
        }
    }

    @Test("blanks around words change nothing", arguments: [5, 6] as [UInt64])
    func blanks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let condition = ConditionMaker.condition(depth: 2, &random)
            let text = ConditionMaker.print(condition, &random)
            #expect(try Vocabulary.runs.filter("\n \(text)\t ") == condition, "seed \(seed): \(text)")
        }
    }
}
