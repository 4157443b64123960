// How a store is opened.

/// What an acknowledgement is worth.
public enum Durability: String, Sendable, CaseIterable {
    /// It survives power loss: each commit waits for the disk.
    case full
    /// It survives the end of the process; power loss may cost the last seconds.
    case normal
}

/// Where the data is.
public enum StoreLocation: Equatable, Sendable {
    case memory
    case file(String)
}

/// Settings of a store.
public struct StoreOptions: Sendable {
    public var durability: Durability = .full
    /// What experiments keep their files below when their creator names no other place.
    public var artifactRoot = "mlflow-artifacts:/"
    /// Connections for reading; none for a database in memory, which has but one connection.
    public var readers = 4
    /// Operations that may wait in a lane before it answers 503.
    public var queueLimit = 4096
    /// About how many rows one transaction writes at most, so that a small write never waits for many large ones.
    public var batchWeight = 4096
    /// How long a read may take.
    public var readTimeLimit: Duration = .seconds(30)
    /// The file layer of SQLite by the name it was registered under; nil for the system's. Tests put one here that fails.
    public var fileLayer: String?

    /// How long the write lane rests before it moves points into chunks, and between two pieces while writes come in.
    public var settlingPause: Duration = .milliseconds(100)

    public init() {}
}

/// A store that could not be opened, in one sentence for the person who starts the server.
public struct StoreOpeningError: Error, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
