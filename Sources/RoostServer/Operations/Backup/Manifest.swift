// What lies in a backup: `manifest.json`, written last, so that a backup without it is known to be unfinished.

public import RoostCore

/// A file's size and checksum.
struct FileMark: Equatable, Sendable {
    let size: Int64
    let checksum: UInt32
}

/// The table of contents of a backup.
public struct Manifest: Equatable, Sendable, JSONWritable {
    static let file = "manifest.json"
    static let databaseFile = "roost.db"
    static let artifactFolder = "artifacts"
    static let artifactList = "artifacts.jsonl"
    static let usersFile = "basic_auth.db"
    static let format: Int64 = 1

    /// Roost's version that wrote it.
    public let version: String
    /// Milliseconds since 1970.
    public let created: Int64
    /// The number of the database's last migration.
    public let schema: Int
    let database: FileMark
    let list: FileMark
    /// Nil when the backup has no file of users.
    let users: FileMark?
    /// Rows by table.
    let tables: [String: Int64]
    public let artifactFiles: Int64
    public let artifactBytes: Int64
    public var databaseBytes: Int64 { database.size }
    public var hasUsers: Bool { users != nil }

    init(
        version: String, created: Int64, schema: Int, database: FileMark, list: FileMark, users: FileMark?,
        tables: [String: Int64], artifactFiles: Int64, artifactBytes: Int64
    ) {
        self.version = version
        self.created = created
        self.schema = schema
        self.database = database
        self.list = list
        self.users = users
        self.tables = tables
        self.artifactFiles = artifactFiles
        self.artifactBytes = artifactBytes
    }

    public func rows(of table: String) -> Int64 { tables[table] ?? 0 }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("format", Self.format)
            json.member("roost_version", version)
            json.member("created", created)
            json.member("schema", Int64(schema))
            for (name, file, mark): (StaticString, String, FileMark?) in [
                ("database", Self.databaseFile, database), ("artifact_list", Self.artifactList, list),
                ("users", Self.usersFile, users),
            ] {
                guard let mark else { continue }
                json.name(name)
                json.object { json in
                    json.member("file", file)
                    json.member("bytes", mark.size)
                    json.member("crc32", Checksum.text(mark.checksum))
                }
            }
            json.name("rows")
            json.object { json in
                for (table, rows) in tables.sorted(by: { $0.key < $1.key }) {
                    json.name(dynamic: table)
                    json.integer(rows)
                }
            }
            json.name("artifacts")
            json.object { json in
                json.member("files", artifactFiles)
                json.member("bytes", artifactBytes)
            }
        }
    }

    /// - Throws: when the bytes are no manifest, or one of a later format.
    init(_ bytes: [UInt8], at path: String) throws {
        guard let json = try? JSONReader.parse(bytes), case .integer(let format)? = json["format"] else {
            throw OperationError("\(path) is damaged: it is no manifest of a backup")
        }
        guard format == Self.format else {
            throw OperationError("\(path) has format \(format), and this Roost knows \(Self.format)")
        }
        func number(_ value: JSON?, _ name: String) throws -> Int64 {
            guard case .integer(let number)? = value else {
                throw OperationError("\(path) is damaged: it lacks \(name)")
            }
            return number
        }
        func mark(_ name: String) throws -> FileMark {
            guard let text = json[name]?["crc32"]?.string, let checksum = UInt32(text, radix: 16) else {
                throw OperationError("\(path) is damaged: it lacks the checksum of \(name)")
            }
            return FileMark(size: try number(json[name]?["bytes"], "the size of \(name)"), checksum: checksum)
        }
        var tables: [String: Int64] = [:]
        for member in json["rows"]?.members ?? [] { tables[member.name] = try number(member.value, member.name) }
        self.init(
            version: json["roost_version"]?.string ?? "", created: try number(json["created"], "created"),
            schema: Int(try number(json["schema"], "schema")), database: try mark("database"),
            list: try mark("artifact_list"), users: json["users"] == nil ? nil : try mark("users"), tables: tables,
            artifactFiles: try number(json["artifacts"]?["files"], "artifacts.files"),
            artifactBytes: try number(json["artifacts"]?["bytes"], "artifacts.bytes"))
    }
}

/// A line of the list of artifacts.
struct ListedFile: JSONWritable, Sendable {
    let path: String
    let mark: FileMark

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("path", path)
            json.member("bytes", mark.size)
            json.member("crc32", Checksum.text(mark.checksum))
        }
    }

    /// - Throws: when a line is none, or names a place outside of the folder.
    static func read(_ bytes: [UInt8], at path: String) throws -> [ListedFile] {
        try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            guard let json = try? JSONReader.parse(Array(line)), let name = json["path"]?.string,
                case .integer(let size)? = json["bytes"], let text = json["crc32"]?.string,
                let checksum = UInt32(text, radix: 16), !name.isEmpty,
                // By bytes, as the system reads it.
                !name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).contains(where: {
                    $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8)
                })
            else { throw OperationError("\(path) is damaged") }
            return ListedFile(path: name, mark: FileMark(size: size, checksum: checksum))
        }
    }
}
