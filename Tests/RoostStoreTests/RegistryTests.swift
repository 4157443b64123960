// The registry in the store: numbers of versions, what a rename and a deletion take along, searches and their pages.

import RoostCore
import RoostSearch
import RoostStore
import Testing

extension Store {
    @discardableResult
    fileprivate func makeModel(_ name: String, tags: [KeyValue] = []) async throws -> RegisteredModel {
        try await write { try $0.createRegisteredModel(name: name, description: "", tags: tags) }
    }

    @discardableResult
    fileprivate func makeVersion(
        of name: String, source: String = "s3://b/x", modelID: String? = nil, tags: [KeyValue] = []
    ) async throws -> ModelVersion {
        let parsed = try ModelSource(source, isPrompt: PromptTag.isSet(in: tags))
        return try await write { tx in
            try tx.createModelVersion(
                NewModelVersion(
                    name: name, source: source, parsedSource: parsed, runID: nil, modelID: modelID, runLink: "",
                    description: "", tags: tags))
        }
    }

    fileprivate func versions(
        _ filter: String = "", order: [String] = [], limit: Int = 1000, token: String? = nil
    ) async throws -> ModelVersionPage {
        let search = RegistrySearch(
            filter: try Vocabulary.modelVersions.filter(filter), order: try Vocabulary.modelVersions.ordering(order),
            limit: limit, token: try token.map { try PageToken($0) }, source: [filter] + order)
        return try await read { try $0.searchModelVersions(search) }
    }

    fileprivate func models(_ filter: String = "", order: [String] = []) async throws -> [RegisteredModel] {
        let search = RegistrySearch(
            filter: try Vocabulary.registeredModels.filter(filter),
            order: try Vocabulary.registeredModels.ordering(order), limit: 1000, token: nil, source: [filter] + order)
        return try await read { try $0.searchRegisteredModels(search) }.models
    }
}

@Suite("Registry")
struct RegistryTests {
    @Test("32 versions made at once have 32 numbers that follow each other")
    func parallel() async throws {
        try await withStore { store in
            try await store.makeModel("m")
            let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<32 { group.addTask { try await store.makeVersion(of: "m").version } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...32))
        }
    }

    @Test("a number is not given again, even if the version with it was the last; a new model begins at 1")
    func numbers() async throws {
        try await withStore { store in
            try await store.makeModel("m")
            for _ in 1...3 { try await store.makeVersion(of: "m") }
            try await store.write { try $0.deleteModelVersion("m", ModelVersionNumber(3)) }
            #expect(try await store.makeVersion(of: "m").version == 4)
            try await store.write { try $0.deleteRegisteredModel("m") }
            try await store.makeModel("m")
            #expect(try await store.makeVersion(of: "m").version == 1)
        }
    }

    @Test("a refused version leaves nothing behind and uses no number")
    func refused() async throws {
        try await withStore { store in
            try await store.makeModel("m")
            await #expect(throws: APIError.missing("Logged model with ID 'm-1' not found.")) {
                try await store.makeVersion(of: "m", modelID: "m-1")
            }
            #expect(try await store.makeVersion(of: "m").version == 1)
            #expect(try await store.versions().versions.count == 1)
        }
    }

    @Test("a rename takes versions, tags and aliases along, a deletion removes them all")
    func renameAndDelete() async throws {
        try await withStore { store in
            try await store.makeModel("old", tags: [KeyValue("a", "1")])
            try await store.makeVersion(of: "old", tags: [KeyValue("b", "2")])
            try await store.write { try $0.setModelAlias("old", "best", version: ModelVersionNumber(1)) }
            let renamed = try await store.write { try $0.renameRegisteredModel("old", to: "new") }
            #expect(renamed.tags == [KeyValue("a", "1")] && renamed.aliases == [ModelAlias("best", version: 1)])
            let version = try await store.read { try $0.modelVersion("new", alias: "best") }
            #expect(version.name == "new" && version.tags == [KeyValue("b", "2")] && version.aliases == ["best"])
            await #expect(throws: APIError.self) { try await store.read { try $0.registeredModel(named: "old") } }
            try await store.write { try $0.deleteRegisteredModel("new") }
            #expect(try await store.versions().versions.isEmpty)
            try await store.makeModel("new")
            #expect(try await store.models().first?.aliases == [])
        }
    }

    @Test("prompts are left out unless the filter asks for them, whatever else it says")
    func prompts() async throws {
        try await withStore { store in
            let prompt = KeyValue(PromptTag.isPrompt, "true")
            try await store.makeModel("model", tags: [KeyValue("team", "a")])
            try await store.makeModel("prompt", tags: [prompt, KeyValue("team", "a")])
            try await store.makeVersion(of: "model")
            try await store.makeVersion(of: "prompt", source: "dummy-source", tags: [prompt])
            let tag = "tags.`\(PromptTag.isPrompt)`"
            for (filter, names) in [
                ("", ["model"]), ("tags.team = 'a'", ["model"]), ("\(tag) = 'true'", ["prompt"]),
                ("\(tag) != 'true'", ["model"]), ("\(tag) = 'false'", ["model"]), ("\(tag) != 'false'", ["prompt"]),
                ("name = 'prompt'", []), ("name = 'prompt' AND \(tag) = 'TRUE'", []),
                ("name = 'prompt' AND \(tag) != 'FALSE'", ["prompt"]), ("name = 'x' OR \(tag) = 'false'", ["model"]),
            ] { #expect(try await store.models(filter).map(\.name) == names, "\(filter)") }
            #expect(try await store.versions().versions.map(\.name) == ["model"])
            #expect(try await store.versions("\(tag) = 'true'").versions.map(\.name) == ["prompt"])
        }
    }

    @Test("every page size walks the same versions in the same order, while others are added", arguments: 1...4)
    func pages(_ limit: Int) async throws {
        try await withStore { store in
            for name in ["a", "b", "c"] {
                try await store.makeModel(name)
                for _ in 1...3 { try await store.makeVersion(of: name) }
            }
            for order in [[], ["name"], ["version_number", "name DESC"], ["creation_timestamp DESC"]] {
                let whole = try await store.versions(order: order).versions.map { "\($0.name)\($0.version)" }
                var walked: [String] = []
                var token: String?
                var pages = 0
                repeat {
                    let page = try await store.versions(order: order, limit: limit, token: token)
                    walked += page.versions.map { "\($0.name)\($0.version)" }
                    token = page.nextPageToken
                    // One more may turn up, but never moves another one.
                    pages += 1
                    if pages <= 3 { try await store.makeVersion(of: "c") }
                } while token != nil
                #expect(walked.filter(whole.contains) == whole, "\(order)")
                #expect(Set(walked).count == walked.count)
            }
        }
    }

    @Test("a version made of a logged model lies where that lies, has its run, and is noted there")
    func loggedModel() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            let model = try await store.write { tx in
                try tx.createLoggedModel(
                    NewLoggedModel(
                        experimentID: ExperimentID(0), name: "n", type: "", sourceRunID: run, params: [], tags: []))
            }
            try await store.makeModel("m")
            for number: Int64 in 1...2 {
                let version = try await store.makeVersion(
                    of: "m", source: "models:/\(model.modelID)", modelID: model.modelID)
                #expect(version.version == number && version.runID == run)
                #expect(version.source == "models:/\(model.modelID)")
                #expect(version.storageLocation == model.artifactLocation)
            }
            let noted = try await store.read { try $0.loggedModel(model.modelID) }.tags
            #expect(
                noted.contains(
                    KeyValue(
                        "mlflow.modelVersions",
                        #"[{"name": "m", "version": 1}, {"name": "m", "version": 2}]"#)))
            await #expect(throws: APIError.self) {
                try await store.makeVersion(of: "m", source: "models:/\(model.modelID)", modelID: "m-other")
            }
        }
    }

    @Test("the latest versions are shown in MLflow's order of stages: by their first version, in searches by name")
    func latest() async throws {
        try await withStore { store in
            try await store.makeModel("m")
            for _ in 1...4 { try await store.makeVersion(of: "m") }
            for (number, stage) in [(1, ModelStage.staging), (2, .production), (3, .production)] {
                _ = try await store.write {
                    try $0.transitionModelVersion(
                        "m", ModelVersionNumber(Int64(number)), to: stage, archivingOthers: false)
                }
            }
            let one = try await store.read { try $0.registeredModel(named: "m") }.latestVersions
            #expect(one.map(\.version) == [1, 3, 4])
            #expect(try await store.models().first?.latestVersions.map(\.version) == [4, 3, 1])
            #expect(try await store.read { try $0.modelVersion("m", alias: "Latest") }.version == 4)
        }
    }
}
