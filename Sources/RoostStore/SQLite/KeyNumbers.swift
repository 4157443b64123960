// The numbers of the names of metrics, params and tags, remembered beside the connection that found them.

/// Numbers of keys that a connection has seen in `keys`. A key never changes its number and is never deleted, so what was
/// seen stays true, unless the transaction that made it is undone.
///
/// A batch of 100 params asks for 100 names; asked of SQLite that takes a sixth of the batch's time.
struct KeyNumbers {
    /// Names are at most 250 characters long, so that this is a MiB or less for all that occurs.
    private static let limit = 2048
    private var numbers: [String: Int64] = [:]

    /// Remembers a number, or finds one.
    subscript(name: String) -> Int64? {
        get { numbers[name] }
        set {
            // Which of them are asked for again nobody knows; few databases have so many.
            if numbers.count >= Self.limit { numbers.removeAll() }
            numbers[name] = newValue
        }
    }

    /// Forgets all, as some may have been made by what was undone.
    mutating func forget() { numbers.removeAll() }
}
