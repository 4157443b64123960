// The metric files of MLflow's file store: a line for each point, appended as it was logged.

internal import RoostCore
internal import RoostStore

enum StoreMetrics {
    /// Bytes that are read at once; a line is far shorter.
    private static let piece = 256 << 10

    /// The files of metrics below a directory, by their keys.
    private static func files(_ path: String) throws -> [FileTree.File] {
        guard FileTree.isPlainDirectory(path) else { return [] }
        let listing = try FileTree.list(path)
        if let other = listing.others.first { throw SourceDamage("metrics/\(other) is a link or the like") }
        for file in listing.files {
            do { try Check.key(file.path, at: "key") } catch {
                throw SourceDamage("metrics/\(file.path) has no name that a metric may have")
            }
        }
        return listing.files
    }

    /// Reads every line once, before any of them is taken.
    /// - Parameter note: told of what is left out: a last line that was not finished, a metric without points.
    static func check(_ path: String, note: (String) -> Void) throws {
        for file in try files(path) {
            let read = try lines(path, file, from: 0, until: .max) { _ = try MetricLine($0, ofModel: false) }
            if read.count == 0 { note("metric \(file.path) has no points") }
            if read.isCut { note("the last line of metric \(file.path) is cut off, and left out") }
        }
    }

    /// Some points after a position.
    static func piece(_ path: String, after position: String?) throws -> (points: [Metric], next: String?) {
        let files = try files(path)
        let parts = position?.split(separator: "/").compactMap { Int64($0) } ?? [0, 0]
        guard parts.count == 2, var index = Int(exactly: parts[0]), files.indices.contains(index) else {
            return ([], nil)
        }
        var offset = parts[1]
        var points: [Metric] = []
        while index < files.count, points.count < 8192 {
            let file = files[index]
            let read = try lines(path, file, from: offset, until: 8192 - points.count) { line in
                points.append(Metric(key: file.path, point: try MetricLine(line, ofModel: false).point))
            }
            if let next = read.next {
                offset = next
            } else {
                index += 1
                offset = 0
            }
        }
        return (points, index < files.count ? "\(index)/\(offset)" : nil)
    }

    /// All metrics of a logged model.
    static func ofModel(_ modelID: String, _ path: String) throws -> [ModelMetric] {
        var metrics: [ModelMetric] = []
        for file in try files(path) {
            _ = try lines(path, file, from: 0, until: .max) { text in
                let line = try MetricLine(text, ofModel: true)
                metrics.append(
                    ModelMetric(
                        key: file.path, point: line.point, dataset: line.dataset, modelID: modelID, runID: line.runID))
            }
        }
        return metrics
    }

    /// Hands out lines, so many at most.
    /// - Returns: how many there were, where to go on (nil at the end), and whether the last one has no end.
    private static func lines(
        _ path: String, _ file: FileTree.File, from start: Int64, until limit: Int,
        _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws -> (count: Int, next: Int64?, isCut: Bool) {
        guard let input = try? ArchiveFile(path + "/" + file.path) else {
            throw SourceDamage("metrics/\(file.path) is no plain file")
        }
        var offset = start
        var count = 0
        while offset < input.size {
            let bytes = try input.bytes(Int(min(Int64(piece), input.size - offset)), at: offset)
            var rest = bytes[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                if count == limit { return (count, offset + Int64(rest.startIndex), false) }
                let line = rest[..<end]
                do { try body(line) } catch let damage as SourceDamage {
                    throw SourceDamage("metrics/\(file.path), line \(count + 1): \(damage)")
                }
                count += 1
                rest = rest[(end + 1)...]
            }
            let isAtEnd = offset + Int64(bytes.count) == input.size
            if isAtEnd { return (count, nil, !rest.isEmpty) }
            guard rest.count < bytes.count else {
                throw SourceDamage("metrics/\(file.path) has a line that is too long")
            }
            offset += Int64(rest.startIndex)
        }
        return (count, nil, false)
    }
}

/// `TIME VALUE [STEP [DATASET DIGEST]]`, and for a model `TIME VALUE STEP RUN [DATASET DIGEST]`.
private struct MetricLine {
    let point: MetricPoint
    let runID: String
    let dataset: DatasetName?

    init(_ bytes: ArraySlice<UInt8>, ofModel: Bool) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw SourceDamage("it is no text") }
        let parts = text.trimmingSpaces().split(separator: " ").map(String.init)
        guard parts.count >= 2, let timestamp = Int64(parts[0]), let value = Double(parts[1]),
            let step = parts.count > 2 ? Int64(parts[2]) : 0
        else { throw SourceDamage("it is no point of a metric") }
        point = MetricPoint(value: value, timestamp: timestamp, step: step)
        let rest = parts.dropFirst(ofModel ? 4 : 3)
        guard !ofModel || parts.count > 3, rest.isEmpty || rest.count > 1 else {
            throw SourceDamage("it is no point of a metric")
        }
        runID = ofModel ? parts[3] : ""
        // The name of a dataset may hold blanks, its digest not.
        dataset = rest.last.map { DatasetName(name: rest.dropLast().joined(separator: " "), digest: $0) }
    }
}
