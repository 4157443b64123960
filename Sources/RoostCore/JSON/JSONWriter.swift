// JSON answers, written straight into bytes.

/// Something that can stand in an answer.
public protocol JSONWritable {
    /// Appends exactly one JSON value.
    func write(to json: inout JSONWriter)
}

/// Appends JSON to a byte buffer. Commas are placed by the writer; nesting is the caller's closures.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// The bytes of one value.
    public static func bytes(of value: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        value.write(to: &writer)
        return writer.bytes
    }

    /// `{…}`.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    /// `[…]`.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    /// A member name; the next value belongs to it.
    public mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member name known only at run time.
    public mutating func name(dynamic name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        string(value)
    }

    public mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        integer(value)
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    public mutating func member(_ name: StaticString, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// A repeated field: left out altogether when empty, as protobuf's JSON does.
    public mutating func member(_ name: StaticString, list values: [some JSONWritable]) {
        guard !values.isEmpty else { return }
        self.name(name)
        array { json in
            let start = json.bytes.count
            for (index, value) in values.enumerated() {
                value.write(to: &json)
                // Room for all of them at once, by the length of the first; a great many grow as they come.
                if index == 0 {
                    let all = (json.bytes.count - start + 16) * values.count
                    json.bytes.reserveCapacity(start + min(all, 1 << 18))
                }
            }
        }
    }

    public mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func integer(_ value: Int64) {
        separate()
        append(String(value))
    }

    /// A double. NaN goes out as the string `"NaN"`, infinities as `"Infinity"` and `"-Infinity"`, as protobuf's JSON does.
    public mutating func number(_ value: Double) {
        separate()
        if value.isFinite {
            append(pythonFloat(value))
        } else {
            append("\"" + pythonFloat(value) + "\"")
        }
    }

    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    public mutating func null() {
        separate()
        append("null")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            let hex = String(byte, radix: 16)
            append("\\u00" + (hex.count < 2 ? "0" : "") + hex)
        }
    }
}

extension JSON: JSONWritable {
    public func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .integer(let value): json.integer(value)
        case .bigInteger(let digits): json.string(digits)
        case .decimal(let value): json.number(value)
        case .string(let value): json.string(value)
        case .array(let items): json.array { json in for item in items { item.write(to: &json) } }
        case .object(let members):
            json.object { json in
                for member in members {
                    json.name(dynamic: member.name)
                    member.value.write(to: &json)
                }
            }
        }
    }
}

extension String: JSONWritable {
    public func write(to json: inout JSONWriter) { json.string(self) }
}
