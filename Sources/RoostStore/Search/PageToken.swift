// Where a page ended: the ordering values of its last row, so that rows added meanwhile neither repeat nor hide others.

public import RoostCore

/// An opaque token that continues a listing after its last row.
public struct PageToken: Equatable, Sendable {
    /// A digest of the query; a token continues no other.
    let query: String
    let values: [SQLValue]

    init(query: String, values: [SQLValue]) {
        self.query = query
        self.values = values
    }

    /// Reads a token that a client sent back.
    /// - Throws: 400 for anything that is not a token of ours; the text is MLflow's.
    public init(_ text: String) throws(APIError) {
        guard let bytes = bytes(hex: text) else { throw .invalid("Invalid page token, could not base64-decode") }
        let garbled = APIError.invalid("Invalid page token, decoded value is not one that this server made")
        guard let json = try? JSONReader.parse(bytes), case .array(let items) = json, let first = items.first,
            case .string(let query) = first
        else { throw garbled }
        var values: [SQLValue] = []
        for item in items.dropFirst() {
            switch item {
            case .null: values.append(.null)
            case .integer(let value): values.append(.integer(value))
            case .string(let value): values.append(.text(value))
            case .array(let inner):
                guard inner.count == 1, let only = inner.first, case .integer(let bits) = only else { throw garbled }
                values.append(.real(Double(bitPattern: UInt64(bitPattern: bits))))
            default: throw garbled
            }
        }
        self.init(query: query, values: values)
    }

    /// Checks that the token belongs to this query.
    func continuing(_ query: String, columns: Int) throws(APIError) -> [SQLValue] {
        guard self.query == query, values.count == columns else {
            throw .invalid("Invalid page token: it belongs to a search with another filter, order or scope.")
        }
        return values
    }

    /// The token as a client sees it.
    var text: String {
        let items: [JSON] = values.map { value in
            switch value {
            case .null: .null
            case .integer(let value): .integer(value)
            case .text(let value): .string(value)
            // By its bits: a decimal could come back as a whole number.
            case .real(let value): .array([.integer(Int64(bitPattern: value.bitPattern))])
            }
        }
        return hex(JSONWriter.bytes(of: JSON.array([.string(query)] + items)))
    }
}

extension PageToken {
    /// The token after a point of a history.
    init(history point: MetricPoint) {
        let isNaN = point.value.isNaN
        self.init(
            query: "history",
            values: [
                .integer(point.timestamp), .integer(point.step), .real(isNaN ? 0 : point.value),
                .integer(isNaN ? 1 : 0),
            ])
    }

    /// The point that the page before ended with.
    func historyPosition() throws(APIError) -> MetricPoint {
        let values = try continuing("history", columns: 4)
        guard case .integer(let timestamp) = values[0], case .integer(let step) = values[1],
            case .real(let value) = values[2], case .integer(let isNaN) = values[3]
        else { throw .invalid("Invalid page token: it belongs to another listing.") }
        return MetricPoint(value: isNaN == 1 ? .nan : value, timestamp: timestamp, step: step)
    }

    /// A short digest of what makes a query; equal queries have equal digests.
    static func digest(_ parts: [String]) -> String {
        // FNV-1a: a mistake is to be noticed, not an attacker kept out; a token gives no right that a query does not.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return String(hash, radix: 36)
    }
}

private func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
    }
    return String(decoding: out, as: UTF8.self)
}

private func bytes(hex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2), !digits.isEmpty else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
            return nil
        }
        out.append(byte)
    }
    return out
}
