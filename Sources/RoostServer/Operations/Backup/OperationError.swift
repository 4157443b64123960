// Why a command of an operator could not do what it was asked.

/// A reason, in one sentence without its full stop.
public struct OperationError: Error, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
