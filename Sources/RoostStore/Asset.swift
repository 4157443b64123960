// Files of the repository inside of the program, put there by the C target.

internal import CAssets

/// Embedded files, by their path in the repository.
public enum Asset {
    /// The text of a file; nil when it is not among the embedded ones.
    public static func text(_ name: String) -> String? {
        for asset in all() where asset.name == name { return String(decoding: asset.bytes, as: UTF8.self) }
        return nil
    }

    /// All of them, in the order in which they are embedded.
    public static var names: [String] { all().map(\.name) }

    private static func all() -> [(name: String, bytes: UnsafeBufferPointer<UInt8>)] {
        var found: [(String, UnsafeBufferPointer<UInt8>)] = []
        while true {
            let asset = roost_asset_at(found.count)
            guard let name = asset.name, let bytes = asset.bytes else { return found }
            found.append((String(cString: name), UnsafeBufferPointer(start: bytes, count: asset.count)))
        }
    }
}
