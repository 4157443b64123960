// The pass over an export that comes before everything else: checksums, order, and that every document can be read.

internal import RoostCore
internal import RoostStore

/// Where the things of an export are.
struct ArchiveIndex {
    private let file: ArchiveFile
    private(set) var counts = ArchiveCounts()
    private(set) var experiments: [Int64: Experiment] = [:]
    /// By experiment, in their order.
    private(set) var runs: [Int64: [String]] = [:]
    private(set) var models: [Int64: [String]] = [:]
    /// Where runs and models begin, by their folders.
    private(set) var offsets: [String: Int64] = [:]
    private(set) var registeredModels: [ArchiveEntry] = []

    private var marks: [ArchiveMark] = []
    private var lists = 0
    private var registeredNames: Set<String> = []
    private var names: Set<String> = []
    /// The run or model whose entries come now, and the last of its files.
    private var owner: ArchiveOwner?
    private var pieces = 0
    private var lastFile: String?
    private var time: Int64?
    private var hasEnded = false

    init(_ file: ArchiveFile, progress: OperationProgress) throws {
        self.file = file
        var reader = ArchiveReader(file: file)
        guard file.size > 0 else { throw reader.damaged("it is empty") }
        let start = try file.bytes(min(Int(file.size), 4), at: 0)
        // gzip and zstd: what people pack such a file with.
        guard !start.starts(with: [0x1F, 0x8B]), !start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else {
            throw OperationError("\(file.path) is compressed: unpack it first (gunzip, unzstd)")
        }
        while let entry = try reader.next() {
            do { try take(entry) } catch let error as APIError {
                throw reader.damaged("\(entry.part.name): \(error.message)")
            }
            progress(Int(entry.next >> 20), Int(file.size >> 20), "MiB checked")
        }
        guard hasEnded else { throw reader.damaged("its last entry, \(ArchiveFormat.end), is missing") }
        guard file.size == reader.offset + Int64(Tar.end.count),
            try file.bytes(Tar.end.count, at: reader.offset).allSatisfy({ $0 == 0 })
        else { throw reader.damaged("something follows its end, or its end is cut off") }
    }

    /// The document that an entry holds.
    func json(_ entry: ArchiveEntry) throws -> JSON {
        try JSONReader.parse(try file.bytes(Int(entry.size), at: entry.range.lowerBound))
    }

    // MARK: One entry after another

    private mutating func take(_ entry: ArchiveEntry) throws {
        guard !hasEnded else { throw damaged("\(entry.part.name) stands after the end") }
        guard time == nil || time == entry.time else { throw damaged("\(entry.part.name) is of another time") }
        time = entry.time
        if counts.entries == 0, entry.part != .header {
            throw OperationError("\(file.path) is no export of Roost: it does not begin with \(ArchiveFormat.header)")
        }
        var document: [UInt8] = []
        var checksum = Checksum()
        if case .artifact = entry.part {
            try file.pieces(entry.range) { checksum.add($0) }
        } else {
            guard entry.size <= ArchiveFormat.document else { throw damaged("\(entry.part.name) is too large") }
            document = try file.bytes(Int(entry.size), at: entry.range.lowerBound)
            document.withUnsafeBytes { checksum.add($0) }
        }
        let padding = try file.bytes(Tar.padding(entry.size), at: entry.range.upperBound)
        guard padding.allSatisfy({ $0 == 0 }) else { throw damaged("what follows \(entry.part.name) is not empty") }
        switch entry.part {
        case .checksums(let number):
            guard number == lists + 1 else { throw damaged("\(entry.part.name) is not in its place") }
            try compare(document, entry.part.name)
            lists = number
            marks = []
        case .end:
            guard marks.isEmpty else { throw damaged("the checksums of its last entries are missing") }
            guard document == counts.end(after: entry.start) else {
                throw damaged("\(ArchiveFormat.end) does not agree with what is there")
            }
            hasEnded = true
        default:
            guard marks.count < ArchiveFormat.group else {
                throw damaged("checksums are missing before \(entry.part.name)")
            }
            marks.append(ArchiveMark(name: entry.part.name, size: entry.size, checksum: checksum.value))
            try understand(entry, document)
        }
        counts.entries += 1
    }

    private func damaged(_ what: String) -> OperationError { OperationError("\(file.path) is damaged: \(what)") }

    private func compare(_ list: [UInt8], _ name: String) throws {
        guard list != ArchiveMark.lines(marks) else { return }
        let lines = list.split(separator: UInt8(ascii: "\n"))
        for (mark, line) in zip(marks, lines) where JSONWriter.bytes(of: mark) != Array(line) {
            throw damaged("\(mark.name) is not what \(name) says of it")
        }
        throw damaged("\(name) does not list the entries before it")
    }

    private mutating func understand(_ entry: ArchiveEntry, _ document: [UInt8]) throws {
        // Damage is told as damage, and not as a document that makes no sense.
        switch entry.part {
        case .header:
            guard counts.entries == 0 else { throw damaged("\(entry.part.name) is there twice") }
            guard let json = try? JSONReader.parse(document), case .integer(let format)? = json["format"] else {
                throw damaged("\(entry.part.name) says no format")
            }
            guard format == ArchiveFormat.version else {
                throw OperationError(
                    "\(file.path) has format \(format), and this Roost knows \(ArchiveFormat.version)")
            }
        case .experiment(let id):
            let experiment = try Experiment(archived: try JSONReader.parse(document))
            guard experiment.id == id, experiments[id] == nil, names.insert(experiment.name).inserted else {
                throw damaged("\(entry.part.name) is there twice, or holds another experiment")
            }
            experiments[id] = experiment
            counts.experiments += 1
        case .document(let new): try begin(new, entry, document)
        case .metrics(let of, let number):
            guard of == owner, number == pieces + 1, lastFile == nil else { throw misplaced(entry) }
            counts.points += Int64(try ArchivedPoints.read(document).count)
            pieces = number
        case .artifact(let of, let path):
            guard of == owner, lastFile.map({ $0.utf8.lexicographicallyPrecedes(path.utf8) }) ?? true else {
                throw misplaced(entry)
            }
            lastFile = path
            counts.files += 1
            counts.fileBytes += entry.size
        case .registeredModel(let number):
            let model = try ImportedRegisteredModel(archived: try JSONReader.parse(document))
            guard number == registeredModels.count + 1, registeredNames.insert(model.name).inserted else {
                throw misplaced(entry)
            }
            owner = nil
            registeredModels.append(entry)
            counts.registeredModels += 1
        case .checksums, .end: break
        }
    }

    private mutating func begin(_ new: ArchiveOwner, _ entry: ArchiveEntry, _ document: [UInt8]) throws {
        guard offsets[new.folder] == nil else { throw damaged("\(entry.part.name) is there twice") }
        let json = try JSONReader.parse(document)
        guard let files = json["artifacts"]?.string, ArchiveFiles(rawValue: files) != nil else {
            throw damaged("\(entry.part.name) does not say where its files are")
        }
        let (id, experiment): (String, Int64)
        switch new {
        case .run(let expected):
            let run = try ImportedRun(archived: json).run.info
            (id, experiment) = (run.runID, run.experimentID)
            guard id == expected else { throw damaged("\(entry.part.name) holds the run '\(id)'") }
            runs[experiment, default: []].append(id)
            counts.runs += 1
        case .model(let expected):
            let model = try ImportedModel(archived: json).model
            (id, experiment) = (model.modelID, model.experimentID)
            guard id == expected else { throw damaged("\(entry.part.name) holds the model '\(id)'") }
            models[experiment, default: []].append(id)
            counts.models += 1
        }
        guard experiments[experiment] != nil else {
            throw damaged("\(entry.part.name) belongs to experiment \(experiment), which is not there")
        }
        offsets[new.folder] = entry.start
        owner = new
        pieces = 0
        lastFile = nil
    }

    private func misplaced(_ entry: ArchiveEntry) -> OperationError {
        damaged("\(entry.part.name) is not in its place, or is there twice")
    }
}
