// The endpoints below `model-versions/`.

internal import HTTPTypes
internal import RoostArtifacts
public import RoostCore
internal import RoostStore

/// Handlers of versions of registered models.
enum ModelVersions {
    static func create(_ request: CreateModelVersion, _ services: Services) async throws -> FoundModelVersion {
        let new = request.new
        if let rule = services.settings.modelSourceRule { try rule.check(new.source) }
        return FoundModelVersion(
            version: try await services.store.write(weight: 2 + new.tags.count) { try $0.createModelVersion(new) })
    }

    static func get(_ request: OneModelVersion, _ services: Services) async throws -> FoundModelVersion {
        FoundModelVersion(
            version: try await services.store.read { try $0.modelVersion(request.name, request.version) })
    }

    static func downloadURI(_ request: ModelDownload, _ services: Services) async throws -> ModelLocation {
        let version = try await services.store.read { try $0.modelVersion(request.name, request.version) }
        return ModelLocation(uri: version.storageLocation)
    }

    static func search(_ request: SearchModelVersions, _ services: Services) async throws -> FoundModelVersions {
        var search = request.search
        search.scope = services.caller?.versions
        let page = try await services.store.read(.large) { [search] in try $0.searchModelVersions(search) }
        return FoundModelVersions(versions: page.versions, nextPageToken: page.nextPageToken)
    }

    static func update(_ request: UpdateModelVersion, _ services: Services) async throws -> FoundModelVersion {
        FoundModelVersion(
            version: try await services.store.write {
                try $0.updateModelVersion(request.name, request.version, description: request.description)
            })
    }

    static func transition(_ request: TransitionStage, _ services: Services) async throws -> FoundModelVersion {
        FoundModelVersion(
            version: try await services.store.write {
                try $0.transitionModelVersion(
                    request.name, request.version, to: request.stage, archivingOthers: request.archivesOthers)
            })
    }

    static func delete(_ request: OneModelVersion, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteModelVersion(request.name, request.version) }
        return Nothing()
    }

    static func setTag(_ request: SetModelVersionTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.setModelVersionTag(request.name, request.version, request.tag) }
        return Nothing()
    }

    static func deleteTag(_ request: DeleteModelVersionTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteModelVersionTag(request.name, request.version, key: request.key) }
        return Nothing()
    }

    // MARK: A file of a version

    static let artifactFields = [
        FieldShape(name: "name", kind: .string, required: true),
        FieldShape(name: "version", kind: .string, required: true),
        FieldShape(name: "path", kind: .string, required: true),
    ]

    /// The model whose file is asked for by the query.
    static func named(_ head: RequestHead) -> String { head.query.first { $0.name == "name" }?.value ?? "" }

    static func artifact(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let value = { (name: String) in head.query.first { $0.name == name }?.value }
        guard let text = value("path") else { throw APIError.invalid("Request must specify path.") }
        let path = text.isEmpty ? nil : try ArtifactPath(file: text)
        let name = named(head)
        try Check.modelName(name)
        let number = try ModelVersionNumber(value("version") ?? "")
        let uri = try await services.store.read { snapshot in
            try snapshot.filesURI(of: try snapshot.modelVersion(name, number))
        }
        let (repository, base) = try services.artifacts.place(uri, of: "version \(number.text) of model \(name)")
        guard let path else { throw APIError.isDirectory("") }
        let named = uri.hasPrefix("mlflow-artifacts:") ? base.appending(path).text : text
        return try await FileAnswer.make(base.appending(path), in: repository, named: named, head)
    }
}

extension Snapshot {
    /// Where the files of a version are, with a `runs:` URI followed to the run.
    fileprivate func filesURI(of version: ModelVersion) throws -> String {
        let uri = version.storageLocation
        guard uri.lowercased().hasPrefix("runs:") else { return uri }
        let slash = UInt8(ascii: "/")
        let parts = uri.utf8.dropFirst("runs:".utf8.count).drop { $0 == slash }.split(separator: slash, maxSplits: 1)
            .map { String(Substring($0)) }
        guard let id = parts.first else { return uri }
        let root = try runInfo(id).artifactURI
        return parts.count == 1 ? root : ArtifactURI.appending(parts[1], to: root)
    }
}

/// What the operator allows as the source of a version: `MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX`.
public struct ModelSourceRule: Sendable {
    /// A regular expression that is found somewhere in the source.
    public let pattern: String

    /// - Throws: 400 when the pattern is not a regular expression.
    public init(_ pattern: String) throws(APIError) {
        self.pattern = pattern
        guard (try? Regex(pattern)) != nil else { throw .invalid("'\(pattern)' is not a regular expression.") }
    }

    func check(_ source: String) throws(APIError) {
        guard source.unicodeScalars.count <= Limits.modelSource, let regex = try? Regex(pattern),
            source.firstMatch(of: regex) != nil
        else { throw .invalid("Invalid model version source: '\(source)'.") }
    }
}
